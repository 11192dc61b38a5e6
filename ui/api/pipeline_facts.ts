import { didYouMean } from "../../pipeline/mod.ts";
import type { PipelineFiles } from "../../runtime/pipelines/describe_pipelines.ts";
import { lastRunsByTag } from "../../runtime/store/mod.ts";
import type { RunRequest } from "../launch/mod.ts";
import { type ConfigField, readConfigFields } from "./config_fields.ts";
import { RequestError } from "./error_answer.ts";
import { type RunFacts, runFacts } from "./run_facts.ts";
import type { ServerContext } from "./server_context.ts";

/** A pipeline of the project around the server. */
export interface PipelineFacts {
  /** What `deno task pipeline run` takes. */
  readonly name: string;
  /** From the project's folder on. */
  readonly path: string;
  /** Names of its YAML files. */
  readonly configs: readonly string[];
  /** The one that is taken when none is named. */
  readonly default_config: string | null;
  /** `null` for one that was never run into this store. */
  readonly last_run: RunFacts | null;
}

/** A pipeline with the values of its YAML files. */
export interface PipelineDetail extends PipelineFacts {
  readonly values: Readonly<Record<string, readonly ConfigField[]>>;
}

/** What somebody wants to run. */
export interface StartWish {
  /** Name of a YAML file. @default the pipeline's own choice */
  readonly config?: string | undefined;
  /** `training.epochs=5` */
  readonly set: readonly string[];
  readonly isFresh: boolean;
  readonly user: string;
}

type Project = Pick<ServerContext, "store" | "listPipelines">;

/** The pipelines of the project, by name. */
export async function listPipelineFacts(project: Project): Promise<readonly PipelineFacts[]> {
  return await factsOf(project, await project.listPipelines());
}

/** @throws {RequestError} 404 `pipeline/unknown` with the nearest name. */
export async function getPipelineDetail(project: Project, name: string): Promise<PipelineDetail> {
  const files = await findPipeline(project, name);
  const values = await Promise.all(
    files.configs.map(async ({ name, text }) => [name, await readConfigFields(text ?? "")]),
  );
  const [facts] = await factsOf(project, [files]);
  return { ...facts!, values: Object.fromEntries(values) };
}

/**
 * Runs a pipeline of the project.
 *
 * @returns The id of the new run.
 * @throws {RequestError} 404 for an unknown pipeline, 400 with all that is wrong with the wish, as `Reruns.startNew`.
 */
export async function startPipeline(
  project: Project & Pick<ServerContext, "reruns">,
  name: string,
  { config, ...wish }: StartWish,
): Promise<string> {
  const { path, configs } = await findPipeline(project, name);
  const file = configs.find((each) => each.name === config);
  if (config !== undefined && file === undefined) {
    const names = configs.map(({ name }) => name);
    throw new RequestError(400, {
      code: "config/unknown",
      what: `Cannot run ${name}`,
      why: `it has no config "${config}"${didYouMean(config, names)}`,
      fix: names.length === 0 ? "Leave the config out" : `Known configs: ${names.join(", ")}`,
    });
  }
  refuseSecrets(name, wish.set);
  const request: RunRequest = { pipeline: path, config: file?.path, ...wish };
  return await project.reruns.startNew(request);
}

/** Who may run is not who may spend the secrets of the person that started the server. */
function refuseSecrets(name: string, set: readonly string[]): void {
  const [first] = set.filter((each) => each.includes("${"));
  if (first === undefined) return;
  throw new RequestError(400, {
    code: "config/secret-from-outside",
    what: `Cannot run ${name}`,
    why: `${first} names a secret of the machine that the server runs on`,
    fix: "Name secrets in the pipeline's YAML files, or run it in the terminal",
  });
}

async function findPipeline({ listPipelines }: Project, name: string): Promise<PipelineFiles> {
  const pipelines = await listPipelines();
  const found = pipelines.find((each) => each.name === name);
  if (found !== undefined) return found;
  const names = pipelines.map(({ name }) => name);
  throw new RequestError(404, {
    code: "pipeline/unknown",
    what: `Cannot find pipeline "${name}"`,
    why: `the project around the server has none of that name${didYouMean(name, names)}`,
    fix: names.length === 0
      ? "Write a pipeline.ts, or start the server in a project"
      : `Known pipelines: ${names.join(", ")}`,
  });
}

async function factsOf(
  { store }: Project,
  pipelines: readonly PipelineFiles[],
): Promise<readonly PipelineFacts[]> {
  const paths = pipelines.map(({ path }) => path);
  const runs = await lastRunsByTag(store, "mlflow.source.name", paths);
  return pipelines.map(({ name, path, shownPath, configs }) => {
    const last = runs.get(path);
    return {
      name,
      path: shownPath,
      configs: configs.map(({ name }) => name),
      default_config: configs.find(({ isDefault }) => isDefault)?.name ?? null,
      last_run: last === undefined ? null : runFacts(last),
    };
  });
}
