import { dirname, join, relative, sep } from "node:path";
import { readModuleGraph } from "../../runtime/cache/module_graph.ts";

/** Which files a watched run depends on. */
export interface WatchScope {
  /** Folder of the pipeline: new configs, steps and data in it count too. */
  readonly folder: string;
  /** Absolute paths of files anywhere. */
  readonly files: ReadonlySet<string>;
  /** Folders that runs write to. */
  readonly ignored: readonly string[];
}

/** What a pipeline is written in and reads. */
const WATCHED_ENDINGS = /\.(?:[cm]?[jt]sx?|ya?ml|jsonc?|jsonl|ndjson|csv|tsv|txt|parquet|env)$/i;

/**
 * The files of a pipeline: its module graph without the framework, what its folder holds, and what
 * its last run read.
 *
 * @param known Further files, e.g. data elsewhere that the last run read.
 */
export async function findWatchScope(
  path: string,
  { projectFolder, storeFolder, known }: {
    readonly projectFolder: string;
    readonly storeFolder: string;
    readonly known: readonly string[];
  },
): Promise<WatchScope> {
  const files = new Set([
    path,
    join(projectFolder, "deno.json"),
    join(projectFolder, "deno.jsonc"),
    join(projectFolder, ".env"),
    ...known,
  ]);
  for (const file of await importedFiles(path)) files.add(file);
  return { folder: dirname(path), files, ignored: [storeFolder] };
}

/** A module that cannot be read right now is being edited: its folder is still watched. */
async function importedFiles(path: string): Promise<readonly string[]> {
  try {
    const { modules } = await readModuleGraph(path);
    return modules.entries()
      .filter(([specifier]) => specifier.startsWith("file:"))
      .flatMap(([, { local }]) => local === undefined ? [] : [local])
      .toArray();
  } catch {
    return [];
  }
}

/** Whether a change of this file can change the run. */
export function isInScope({ folder, files, ignored }: WatchScope, path: string): boolean {
  if (ignored.some((each) => isInside(each, path))) return false;
  if (files.has(path)) return true;
  if (!isInside(folder, path) || !WATCHED_ENDINGS.test(path)) return false;
  const parts = relative(folder, path).split(sep);
  return parts.every((part) => !part.startsWith(".") && part !== "node_modules");
}

/** Folders to watch: the pipeline's with all below it, and those of the other files alone. */
export function watchedFolders(
  { folder, files }: WatchScope,
): { readonly deep: string; readonly flat: readonly string[] } {
  const others = [...files].map((file) => dirname(file)).filter((each) => !isInside(folder, each));
  return { deep: folder, flat: [...new Set(others)].sort() };
}

function isInside(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}
