import { join } from "node:path";
import { RUN_TAGS, type Texts } from "./run.ts";

const FOLDER = "locks";

/** A lock that is held for as long as a run goes on. Disposing it lets it go. */
export interface RunLock extends AsyncDisposable {
  /** Names the lock, for whoever wants to know whether the run's process lives. */
  readonly tags: Texts;
}

/**
 * Holds a lock that the system lets go when this process ends, however it ends. Unlike the number of a process it can be
 * asked for by whoever may read the store, and is never used again.
 */
export async function holdRunLock(storeFolder: string): Promise<RunLock> {
  const name = crypto.randomUUID();
  const path = pathOf(storeFolder, name);
  const file = await openLock(path);
  return {
    tags: file === undefined ? {} : { [RUN_TAGS.lock]: name },
    async [Symbol.asyncDispose]() {
      file?.close();
      await Deno.remove(path).catch(() => {});
    },
  };
}

/** A disk without locks, or a full one, must not keep a run from starting. */
async function openLock(path: string): Promise<Deno.FsFile | undefined> {
  let file: Deno.FsFile | undefined;
  try {
    await Deno.mkdir(join(path, ".."), { recursive: true });
    file = await Deno.open(path, { createNew: true, read: true, write: true });
    if (await file.tryLock(true)) return file;
  } catch {
    // Then the run is looked after in other ways.
  }
  file?.close();
  return undefined;
}

/** Whether somebody holds a lock; `undefined` where that cannot be told. A lock that nobody holds is removed. */
export async function isRunLockHeld(
  storeFolder: string,
  name: string,
): Promise<boolean | undefined> {
  // Tags can be set by clients: none of them may lead elsewhere.
  if (!/^[0-9a-f-]{36}$/.test(name)) return undefined;
  const path = pathOf(storeFolder, name);
  try {
    using file = await Deno.open(path, { read: true, write: true });
    if (!await file.tryLock(true)) return true;
  } catch {
    return undefined;
  }
  await Deno.remove(path).catch(() => {});
  return false;
}

function pathOf(storeFolder: string, name: string): string {
  return join(storeFolder, FOLDER, name);
}
