import { basename, dirname, extname, join, relative } from "node:path";
import { findConfig } from "./find_config.ts";
import { listConfigs } from "./list_configs.ts";
import { listPipelines } from "./load_pipeline.ts";

/** A pipeline of a project, as its files tell it: nothing is imported. */
export interface PipelineFiles {
  /** What `run` takes: the name of its folder in `configs/`, else its path in the project. */
  readonly name: string;
  /** Path of its module. */
  readonly path: string;
  /** The same, from the project's folder on. */
  readonly shownPath: string;
  readonly configs: readonly PipelineConfig[];
}

/** A YAML file with values for a pipeline. */
export interface PipelineConfig {
  /** What `--config` takes: `fast` for fast.yaml. */
  readonly name: string;
  readonly path: string;
  /** Whether a run takes it when none is named. */
  readonly isDefault: boolean;
  /** What it holds; `null` for a file that is no config but something large. */
  readonly text: string | null;
}

/** Bytes of a file that is read. */
const MOST_BYTES = 64_000;

/** The pipelines that a project has: those in `configs/`, and the `pipeline.ts` of its own folder. */
export async function describePipelines(root: string): Promise<readonly PipelineFiles[]> {
  const names = await listPipelines(root);
  const paths = names.map((name) => ({ name, path: join(root, "configs", name, "pipeline.ts") }));
  const own = join(root, "pipeline.ts");
  const isThere = await Deno.stat(own).then(({ isFile }) => isFile, () => false);
  const all = isThere ? [{ name: "pipeline.ts", path: own }, ...paths] : paths;
  return await Promise.all(all.map(async ({ name, path }) => ({
    name,
    path,
    shownPath: relative(root, path),
    configs: await describeConfigs(dirname(path), root),
  })));
}

async function describeConfigs(folder: string, root: string): Promise<readonly PipelineConfig[]> {
  const usual = await findConfig(folder, undefined, root);
  return await Promise.all(
    listConfigs(folder).map(async (path) => ({
      name: basename(path, extname(path)),
      path,
      isDefault: path === usual,
      text: await readShort(path),
    })),
  );
}

async function readShort(path: string): Promise<string | null> {
  const { size } = await Deno.stat(path);
  return size > MOST_BYTES ? null : await Deno.readTextFile(path);
}
