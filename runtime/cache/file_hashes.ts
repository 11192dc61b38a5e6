import { createHash } from "node:crypto";
import { findFileHash, recordFileHash, type Store } from "../store/mod.ts";

/**
 * A file changed this recently is hashed every time: it could change again without its time
 * moving, as file systems count time in steps.
 */
const SETTLED_MS = 2000;

/** SHA-256 of a file's bytes, remembered as long as its time, size and inode stay. */
export async function hashFile(store: Store, path: string): Promise<string> {
  const info = await Deno.stat(path);
  const stamp = { mtime: info.mtime?.getTime() ?? 0, size: info.size, ino: info.ino ?? 0 };
  const known = await findFileHash(store, path, stamp);
  if (known !== undefined) return known;
  const hash = await hashBytes(path);
  if (Date.now() - stamp.mtime > SETTLED_MS) {
    await recordFileHash(store, path, { ...stamp, hash });
  }
  return hash;
}

async function hashBytes(path: string): Promise<string> {
  const hash = createHash("sha256");
  const file = await Deno.open(path);
  for await (const chunk of file.readable) hash.update(chunk);
  return hash.digest("hex");
}
