import { join } from "node:path";

/** What a step keeps between two attempts lies here, by cache key. */
export function scratchFolder(store: { readonly folder: string }, cacheKey: string): string {
  return join(store.folder, "scratch", cacheKey);
}

/** A folder that a step left behind. */
export interface ScratchFolder {
  readonly path: string;
  /** Bytes of all files in it. */
  readonly size: number;
  /** When something in it changed last. */
  readonly modifiedAt: number;
}

/** Folders of steps that did not finish. */
export async function* listScratchFolders(
  store: { readonly folder: string },
): AsyncGenerator<ScratchFolder> {
  const root = join(store.folder, "scratch");
  try {
    for await (const { name } of Deno.readDir(root)) {
      const path = join(root, name);
      yield { path, ...await measure(path) };
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

async function measure(path: string): Promise<Omit<ScratchFolder, "path">> {
  const { isDirectory, size, mtime } = await Deno.stat(path);
  const found = { size: isDirectory ? 0 : size, modifiedAt: mtime?.getTime() ?? 0 };
  if (!isDirectory) return found;
  for await (const { name } of Deno.readDir(path)) {
    const part = await measure(join(path, name));
    found.size += part.size;
    found.modifiedAt = Math.max(found.modifiedAt, part.modifiedAt);
  }
  return found;
}
