import { isAbsolute, relative, resolve, sep } from "node:path";
import {
  checkParams,
  didYouMean,
  ExplainedError,
  issuePath,
  type Json,
  listProblems,
  type Pipeline,
} from "../../pipeline/mod.ts";
import type { ConfigFile } from "./config_file.ts";
import { applyOverrides, findMisplaced, type Override, parseOverride } from "./override.ts";
import { schemaFacts } from "./schema_facts.ts";
import { secretNames, type SecretSource } from "./secrets.ts";

/** Where the values of a config come from. */
export interface ConfigSources {
  /** The YAML file, or values given from code. */
  readonly file?: ConfigFile;
  readonly values?: Json;
  /** `--set` texts, in order. */
  readonly set: readonly string[];
  readonly secrets: SecretSource;
  /** Folder of the pipeline's module: relative paths in steps start there. */
  readonly pipelineFolder: string;
  /** Paths inside it are kept relative, so that a project can move without losing its cache. */
  readonly projectFolder: string;
  /** Where the person stands. */
  readonly cwd: string;
}

/** A config that fits its schema. */
export interface ResolvedConfig {
  /** What the pipeline's build gets; secrets still as `${NAME}`. */
  readonly config: Json;
  /** Names of the secrets it mentions. */
  readonly secrets: readonly string[];
}

/**
 * Puts file and overrides together and checks them against the pipeline's schema.
 *
 * @throws {ExplainedError} `config/invalid` naming every problem with its file and line.
 */
export function resolveConfig(pipeline: Pipeline, sources: ConfigSources): ResolvedConfig {
  const { file, secrets } = sources;
  const overrides = sources.set.map(parseOverride);
  const problems = [
    ...file?.problems ?? [],
    ...overrides.filter((each) => typeof each === "string"),
  ];
  const accepted: Override[] = [];
  let given: Json = file?.value ?? sources.values ?? {};
  for (const override of overrides) {
    if (typeof override === "string") continue;
    const misplaced = findMisplaced(given, override);
    if (misplaced !== undefined) {
      problems.push(misplaced);
      continue;
    }
    given = applyOverrides(given, [override]);
    accepted.push(override);
  }
  const locate = (path: readonly string[]): string => placeOf(path, accepted, file);
  const facts = schemaFacts(pipeline.config);

  const unknown = file !== undefined && file.problems.length > 0 ? [] : facts.unknownKeys(given);
  for (const { path, known } of unknown) {
    const name = path.at(-1)!;
    problems.push(`${locate(path)}: unknown key "${path.join(".")}"${didYouMean(name, known)}`);
  }
  const result = checkParams(pipeline.config, given);
  if (result.issues !== undefined && (file?.problems.length ?? 0) === 0) {
    for (const issue of result.issues) {
      const path = issuePath(issue);
      const keys = path === "" ? [] : path.split(".");
      problems.push(
        `${locate(keys)}: ${path === "" ? "" : `${path}: `}${issue.message}${found(given, keys)}`,
      );
    }
  }
  const names = [...secretNames(given)];
  for (const name of names.filter((name) => secrets(name) === undefined)) {
    problems.push(`secret \${${name}} is set neither in the environment nor in .env`);
  }
  if (problems.length > 0 || result.issues !== undefined) throw invalid(pipeline, problems);

  const config = anchorPaths(result.value as Json, facts.pathsIn(result.value), accepted, sources);
  return { config, secrets: names };
}

function invalid(pipeline: Pipeline, problems: readonly string[]): ExplainedError {
  return new ExplainedError("config/invalid", {
    what: `Cannot use the config of pipeline "${pipeline.name}"`,
    why: listProblems(problems),
    fix: "Correct these values; the schema is `config` in the pipeline's module",
  });
}

function placeOf(
  path: readonly string[],
  overrides: readonly Override[],
  file: ConfigFile | undefined,
): string {
  const override = overrides.findLast((each) =>
    isPrefix(each.path, path) || isPrefix(path, each.path)
  );
  if (override !== undefined && isPrefix(override.path, path)) return `--set ${override.text}`;
  if (file !== undefined && (override === undefined || file.has(path))) return file.locate(path);
  return override === undefined ? "config" : `--set ${override.text}`;
}

function isPrefix(prefix: readonly string[], path: readonly string[]): boolean {
  return prefix.length <= path.length && prefix.every((key, i) => path[i] === key);
}

/** `, found …`, for a message that does not show the value already. */
function found(given: Json, keys: readonly string[]): string {
  let value: unknown = given;
  for (const key of keys) value = (value as Record<string, unknown> | null | undefined)?.[key];
  if (value === undefined || (typeof value === "object" && value !== null)) return "";
  return `, found ${JSON.stringify(value)}`;
}

/** Makes marked paths start at the pipeline's folder, wherever they were written. */
function anchorPaths(
  config: Json,
  paths: readonly (readonly string[])[],
  overrides: readonly Override[],
  { file, pipelineFolder, projectFolder, cwd }: ConfigSources,
): Json {
  const anchored = paths.map((path): Override => {
    const written = path.reduce(
      (value: unknown, key) => (value as Record<string, unknown>)[key],
      config,
    ) as string;
    const base = overrides.some((each) => isPrefix(each.path, path))
      ? cwd
      : file?.has(path)
      ? resolve(file.path, "..")
      : pipelineFolder;
    // A URL or the name of a data set is no path on this machine.
    if (/^[a-z][a-z0-9+.-]+:\/\//i.test(written)) return { path, value: written, text: "" };
    const absolute = resolve(base, written.replaceAll("\\", "/"));
    const isInside = !relative(projectFolder, absolute).startsWith("..") &&
      !isAbsolute(relative(projectFolder, absolute));
    const value = isInside
      ? (relative(pipelineFolder, absolute) || ".").split(sep).join("/")
      : absolute;
    return { path, value, text: "" };
  });
  return applyOverrides(config, anchored);
}
