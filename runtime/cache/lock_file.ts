import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/** The nearest deno.lock at or above a folder. */
export function findLockFile(folder: string): string | undefined {
  for (let at = folder;; at = dirname(at)) {
    const path = join(at, "deno.lock");
    if (existsSync(path)) return path;
    if (dirname(at) === at) return undefined;
  }
}

/** Integrity of every npm package in a lock file, by `name@version`. No file: an empty map. */
export async function readIntegrity(
  path: string | undefined,
): Promise<ReadonlyMap<string, string>> {
  if (path === undefined) return new Map();
  const lock = JSON.parse(await Deno.readTextFile(path)) as {
    readonly npm?: Readonly<Record<string, { readonly integrity?: string }>>;
  };
  return new Map(
    Object.entries(lock.npm ?? {}).map(([id, { integrity }]) => [id, integrity ?? ""]),
  );
}
