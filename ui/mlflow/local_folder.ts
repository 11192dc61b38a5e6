import { basename, dirname, join, relative } from "node:path";
import { invalid, missing, MlflowError } from "../../runtime/search/mod.ts";
import { localPath } from "./artifact_location.ts";

/** A file or folder on the server's disk. */
export interface LocalEntry {
  readonly name: string;
  readonly isFolder: boolean;
  readonly size?: number;
}

/**
 * The path of a file below a folder on the server's disk. The server reads and writes only below its artifact root,
 * also where links lead.
 *
 * @throws {MlflowError} For a place outside of the root.
 */
export async function localFile(
  folder: string,
  path: string,
  artifactRoot: string,
): Promise<string> {
  const root = artifactRoot.startsWith("file:") ? await real(localPath(artifactRoot)) : undefined;
  const file = join(localPath(folder), path);
  const lies = await real(file);
  if (root !== undefined && (lies === root || isBelow(lies, root))) return file;
  throw new MlflowError(
    "PERMISSION_DENIED",
    `The server does not look into '${folder}': it is outside of its --artifact-root`,
  );
}

/** The entries of a folder, by name; none for a file, or where nothing is. */
export async function listLocal(folder: string): Promise<readonly LocalEntry[]> {
  const entries: LocalEntry[] = [];
  try {
    for await (const { name, isDirectory } of Deno.readDir(folder)) {
      if (isDirectory) entries.push({ name, isFolder: true });
      else {entries.push({
          name,
          isFolder: false,
          size: (await Deno.stat(join(folder, name))).size,
        });}
    }
  } catch (error) {
    const isThere = !(error instanceof Deno.errors.NotFound) &&
      !(error instanceof Deno.errors.NotADirectory);
    if (isThere) throw error;
  }
  return entries.sort((a, b) => a.name < b.name ? -1 : 1);
}

/** A file to be sent. @throws {MlflowError} When there is none. */
export async function openLocal(path: string): Promise<{ file: Deno.FsFile; size: number }> {
  try {
    const { isFile, size } = await Deno.stat(path);
    if (isFile) return { file: await Deno.open(path), size };
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  throw missing(`No such artifact: '${basename(path)}'`);
}

/** Where a path leads; of one that is not there yet, where its folder leads. */
async function real(path: string): Promise<string> {
  for (let existing = path;; existing = dirname(existing)) {
    try {
      return join(await Deno.realPath(existing), relative(existing, path));
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw invalid("Invalid path");
      if (dirname(existing) === existing) return path;
    }
  }
}

function isBelow(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way !== "" && !way.startsWith("..") && !way.startsWith("/");
}
