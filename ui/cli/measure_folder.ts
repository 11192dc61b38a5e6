import { join } from "node:path";

/**
 * Counts the files of a folder and their bytes; a folder that is not there has none.
 *
 * @param except Names directly inside it that are left out.
 */
export async function measureFolder(
  folder: string,
  except: readonly string[] = [],
): Promise<{ readonly files: number; readonly bytes: number }> {
  let [files, bytes] = [0, 0];
  try {
    for await (const { name, isDirectory } of Deno.readDir(folder)) {
      if (except.includes(name) || name.startsWith(".git")) continue;
      const path = join(folder, name);
      if (isDirectory) {
        const inside = await measureFolder(path);
        files += inside.files;
        bytes += inside.bytes;
      } else {
        files++;
        bytes += (await Deno.lstat(path)).size;
      }
    }
  } catch (error) {
    // Another process may remove a file while we look.
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return { files, bytes };
}
