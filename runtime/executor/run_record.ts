import type { Json } from "../../pipeline/mod.ts";
import { canonicalJson } from "../cache/content_hash.ts";
import type { RunOptions } from "../run_options.ts";
import { VERSION } from "../version.ts";
import type { GitFacts } from "./git_facts.ts";
import type { RunSubject } from "./run_world.ts";

/** Tags of a run that say who made it, from what, and on what. Names are MLflow's where it has them. */
export function runTags(
  subject: RunSubject,
  { options, git, path }: {
    readonly options: RunOptions;
    readonly git: GitFacts | null;
    readonly path: string | undefined;
  },
): Record<string, string> {
  const seed = findSeed(subject.config);
  return {
    ...options.tags,
    ...(options.note === undefined ? {} : { "mlflow.note.content": options.note }),
    "mlflow.source.type": "LOCAL",
    "mlflow.source.name": path ?? subject.graph.pipeline,
    "hanok.version": VERSION,
    "hanok.deno": Deno.version.deno,
    "hanok.platform": `${Deno.build.os}-${Deno.build.arch}`,
    "hanok.config": canonicalJson(subject.config),
    ...(subject.configFile === null ? {} : { "hanok.config_file": subject.configFile }),
    ...(options.set === undefined || options.set.length === 0
      ? {}
      : { "hanok.set": options.set.join("\n") }),
    ...(seed === undefined ? {} : { "hanok.seed": seed }),
    ...(git === null ? {} : {
      "mlflow.source.git.commit": git.commit,
      "mlflow.source.git.branch": git.branch,
      "hanok.git.dirty": String(git.isDirty),
    }),
  };
}

/** A config as params: `{ train: { epochs: 5 } }` becomes `train.epochs` = 5. */
export function flattenConfig(
  config: Json,
  path = "",
): Record<string, string | number | boolean | null> {
  const isRecord = typeof config === "object" && config !== null && !Array.isArray(config);
  if (isRecord) {
    return Object.assign(
      {},
      ...Object.entries(config as Record<string, Json>)
        .filter(([, value]) => value !== undefined)
        .map(([key, value]) => flattenConfig(value, path === "" ? key : `${path}.${key}`)),
    ) as Record<string, string>;
  }
  if (path === "") return {};
  const value = typeof config === "object" ? JSON.stringify(config) : config;
  return { [path]: value };
}

/** The value of the config's key `seed`, at the top. */
function findSeed(config: Json): string | undefined {
  const seed = (config as Record<string, Json> | null)?.seed;
  return typeof seed === "number" ? String(seed) : undefined;
}
