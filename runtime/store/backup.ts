import { join } from "node:path";
import { ExplainedError } from "../../pipeline/explained_error.ts";
import { explainStoreError } from "./database_error.ts";
import { openStore, type Store } from "./open_store.ts";
import { listLiveRuns } from "./reconcile.ts";

/**
 * Writes a consistent copy of the database to one file, while others go on reading and writing. The
 * bytes in `blobs/` are never changed in place: copy that folder beside it, after this call.
 *
 * @throws {ExplainedError} `store/backup-exists`, `store/disk-full`, `store/not-writable`.
 */
export async function backupStore(store: Store, toPath: string): Promise<void> {
  const what = "Cannot write the backup";
  const part = `${toPath}.part`;
  try {
    if (await exists(toPath)) {
      throw new ExplainedError("store/backup-exists", {
        what,
        why: `${toPath} is there already`,
        fix: "Choose another path, or remove that file",
      });
    }
    if (await exists(part)) await Deno.remove(part);
    await store.client.execute({ sql: "VACUUM INTO ?", args: [part] });
    await Deno.rename(part, toPath);
  } catch (error) {
    throw explainStoreError(error, what, toPath);
  }
}

/** What a store keeps in its folder: a reset leaves everything else where it is. */
const OWN =
  /^(?:store\.db(?:-wal|-shm|-journal)?|blobs|manifests|tmp|downloads|locks|scratch|server\.jsonl?|access\.jsonl.*|[0-9a-f]{32})$/;

/**
 * Empties a store, a damaged one too: all it holds is moved to `backups/<time>` inside its folder.
 *
 * @param at Milliseconds since 1970, for the name of the backup.
 * @returns Folder of the backup; removing it frees the space.
 * @throws {ExplainedError} `store/run-in-progress`, `store/not-writable`.
 */
export async function resetStore(folder: string, at: number): Promise<string> {
  await refuseLiveRuns(folder);
  const backup = join(folder, "backups", new Date(at).toISOString().replaceAll(":", "-"));
  try {
    await Deno.mkdir(backup, { recursive: true });
    for await (const { name } of Deno.readDir(folder)) {
      if (OWN.test(name)) await moveIfThere(join(folder, name), join(backup, name));
    }
  } catch (error) {
    throw explainStoreError(error, "Cannot reset the store", folder);
  }
  return backup;
}

/** Files beside the database vanish when the last connection to it closes. */
async function moveIfThere(from: string, to: string): Promise<void> {
  try {
    await Deno.rename(from, to);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

async function refuseLiveRuns(folder: string): Promise<void> {
  if (!await exists(join(folder, "store.db"))) return;
  let names: string[] = [];
  try {
    await using store = await openStore({ folder });
    names = await listLiveRuns(store.client);
  } catch (error) {
    // A database that cannot be opened is the best reason for a reset.
    if (!(error instanceof ExplainedError)) throw error;
  }
  if (names.length === 0) return;
  throw new ExplainedError("store/run-in-progress", {
    what: "Cannot reset the store",
    why: `run ${names[0]} is in progress`,
    fix: "Wait for its end, or stop it, then try again",
  });
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.lstat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
