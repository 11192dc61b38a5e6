import { basename, dirname, extname, isAbsolute, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { didYouMean, ExplainedError, isPipeline, type Pipeline } from "../../pipeline/mod.ts";
import { projectRoot, type Settings } from "../settings.ts";

/** A pipeline and where it was found. */
export interface LoadedPipeline {
  readonly pipeline: Pipeline;
  /** Absolute path of its module. */
  readonly path: string;
  /** Folder of its module: relative paths in steps start there. */
  readonly folder: string;
  /** Folder of the nearest deno.json. */
  readonly projectFolder: string;
  /** When its module began to be imported, in milliseconds since 1970. */
  readonly importedAt: number;
}

/** Pipeline that runs when nothing is named and there is no pipeline.ts. */
const DEFAULT_PIPELINE = "digits";

/**
 * Finds and imports a pipeline: a name in `configs/`, a path to a `.ts`, or nothing
 * (`pipeline.ts` where the person stands or in the project, else the default pipeline).
 *
 * @throws {ExplainedError} `pipeline/unknown` with the known names, `pipeline/no-default-export`,
 * `pipeline/cannot-import` with the error of the module.
 */
export async function loadPipeline(
  target: string | undefined,
  settings: Pick<Settings, "cwd">,
): Promise<LoadedPipeline> {
  const path = await findPipeline(target, settings.cwd);
  const importedAt = Date.now();
  const pipeline = await importPipeline(path);
  const folder = dirname(path);
  return { pipeline, path, folder, projectFolder: projectRoot(folder), importedAt };
}

/** Path of the module that a target means. Imports nothing. */
export async function findPipeline(target: string | undefined, cwd: string): Promise<string> {
  const root = projectRoot(cwd);
  const candidates = target === undefined
    ? [
      join(cwd, "pipeline.ts"),
      join(root, "pipeline.ts"),
      join(root, "configs", DEFAULT_PIPELINE, "pipeline.ts"),
    ]
    : isPath(target)
    ? [resolvePath(cwd, target), join(resolvePath(cwd, target), "pipeline.ts")]
    : [join(root, "configs", target, "pipeline.ts"), join(cwd, `${target}.ts`)];
  const found: string[] = [];
  for (const path of candidates) if (await isFile(path)) found.push(path);
  const [path] = found;
  if (path !== undefined) return requireModule(path);
  throw await unknownPipeline(target, root, candidates);
}

/** Names of the pipelines in the `configs/` of a project. */
export async function listPipelines(root: string): Promise<readonly string[]> {
  const names: string[] = [];
  try {
    for await (const { name, isDirectory } of Deno.readDir(join(root, "configs"))) {
      if (isDirectory && await isFile(join(root, "configs", name, "pipeline.ts"))) names.push(name);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return names.sort();
}

function requireModule(path: string): string {
  if (/\.[cm]?[jt]sx?$/.test(path)) return path;
  throw new ExplainedError("pipeline/not-a-module", {
    what: `Cannot run ${path}`,
    why: `a ${extname(path) || "file without an ending"} is no TypeScript module`,
    fix: "Give the path of a pipeline.ts, or the name of a folder in configs/",
  });
}

function isPath(target: string): boolean {
  return extname(target) === ".ts" || /[/\\]/.test(target) || target === ".";
}

function resolvePath(cwd: string, target: string): string {
  return isAbsolute(target) ? target : resolve(cwd, target.replaceAll("\\", "/"));
}

async function isFile(path: string): Promise<boolean> {
  return await Deno.stat(path).then((info) => info.isFile, () => false);
}

async function unknownPipeline(
  target: string | undefined,
  root: string,
  looked: readonly string[],
): Promise<ExplainedError> {
  const names = await listPipelines(root);
  const known = names.length === 0
    ? "Write a pipeline.ts, or start a project with `deno task pipeline init`"
    : `Known pipelines: ${names.join(", ")}; or give the path of a .ts file`;
  return new ExplainedError("pipeline/unknown", {
    what: target === undefined ? "Cannot find a pipeline" : `Cannot find pipeline "${target}"`,
    why: `there is no ${looked.join(" and no ")}${didYouMean(target ?? "", names)}`,
    fix: known,
  });
}

async function importPipeline(path: string): Promise<Pipeline> {
  let module: { readonly default?: unknown };
  try {
    module = await import(pathToFileURL(path).href);
  } catch (cause) {
    if (cause instanceof ExplainedError) throw cause;
    throw new ExplainedError("pipeline/cannot-import", {
      what: `Cannot import ${path}`,
      why: cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause),
      fix: `Correct the module; \`deno check ${basename(path)}\` shows where`,
      cause,
    });
  }
  if (isPipeline(module.default)) return module.default;
  throw new ExplainedError("pipeline/no-default-export", {
    what: `Cannot use ${path}`,
    why: "its default export is no pipeline",
    fix: "Write `export default definePipeline({ … })`",
  });
}
