import { dirname, join } from "node:path";
import { sha256 } from "../cache/content_hash.ts";
import { explainStoreError } from "./database_error.ts";

/** What a blob is like on disk. */
export type BlobCondition = "sound" | "missing" | "damaged";

/** A blob that exists. */
export interface Blob {
  /** SHA-256 of the bytes, 64 hex digits. */
  readonly hash: string;
  /** Bytes. */
  readonly size: number;
}

/** A blob as a listing finds it. */
export interface ListedBlob extends Blob {
  /** Milliseconds since 1970. */
  readonly modifiedAt: number;
}

/** The bytes of a store, named by their content: `blobs/ab/cd…`. A name never holds half a file. */
export class Blobs {
  readonly #blobs: string;
  readonly #temporary: string;

  constructor(folder: string) {
    this.#blobs = join(folder, "blobs");
    this.#temporary = join(folder, "tmp");
  }

  /** Where the bytes lie, whether or not they are there. */
  pathOf(hash: string): string {
    if (!/^[0-9a-f]{64}$/.test(hash)) throw new TypeError(`"${hash}" is no content hash`);
    return join(this.#blobs, hash.slice(0, 2), hash.slice(2));
  }

  /** A path for a new file, on the file system of the blobs; to be written, then given to `putFile`. */
  async temporaryPath(): Promise<string> {
    await this.#explained(() => Deno.mkdir(this.#temporary, { recursive: true }));
    return join(this.#temporary, crypto.randomUUID());
  }

  /**
   * Keeps bytes.
   *
   * @throws {ExplainedError} `store/disk-full`, `store/not-writable`; nothing is left behind.
   */
  async put(bytes: Uint8Array<ArrayBuffer>): Promise<Blob> {
    const blob = { hash: await sha256(bytes), size: bytes.length };
    if (await this.#isKept(blob)) return blob;
    const path = await this.temporaryPath();
    return await this.#explained(async () => {
      try {
        await Deno.writeFile(path, bytes, { createNew: true });
        await this.#moveIn(path, blob);
        return blob;
      } catch (error) {
        await removeIfThere(path);
        throw error;
      }
    });
  }

  /** Keeps a finished file from `temporaryPath()`; the file is moved, not copied. */
  async putFile(path: string): Promise<Blob> {
    return await this.#explained(async () => {
      try {
        const blob = { hash: await hashFile(path), size: (await Deno.stat(path)).size };
        if (await this.#isKept(blob)) await Deno.remove(path);
        else await this.#moveIn(path, blob);
        return blob;
      } catch (error) {
        await removeIfThere(path);
        throw error;
      }
    });
  }

  /** Whether the bytes are there, as many as they should be. Their content is not looked at. */
  async has(hash: string, size: number): Promise<boolean> {
    // A link is no blob: it may lead out of the store.
    const found = await Deno.lstat(this.pathOf(hash)).catch(undefinedIfMissing);
    return found !== undefined && found.isFile && found.size === size;
  }

  /** Reads the bytes again and compares their hash. */
  async verify(hash: string): Promise<BlobCondition> {
    const path = this.pathOf(hash);
    if (await statIfThere(path) === undefined) return "missing";
    try {
      return await hashFile(path) === hash ? "sound" : "damaged";
    } catch {
      return "damaged"; // unreadable, or no file
    }
  }

  /** All blobs, in no order. */
  async *list(): AsyncGenerator<ListedBlob> {
    for await (const { path, name } of files(this.#blobs)) {
      const found = await statIfThere(path);
      if (found === undefined || name.length !== 64) continue;
      yield { hash: name, size: found.size, modifiedAt: found.mtime?.getTime() ?? 0 };
    }
  }

  /** Removes a blob; returns whether it was there. */
  async delete(hash: string): Promise<boolean> {
    return await removeIfThere(this.pathOf(hash));
  }

  /** Temporary files, those that a killed process left behind among them. */
  async *listTemporary(): AsyncGenerator<{ path: string; size: number; modifiedAt: number }> {
    try {
      for await (const { name } of Deno.readDir(this.#temporary)) {
        const path = join(this.#temporary, name);
        const found = await statIfThere(path);
        if (found === undefined) continue;
        yield { path, size: found.size, modifiedAt: found.mtime?.getTime() ?? 0 };
      }
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }

  /**
   * Whether the bytes are there already. Of the right length but with other bytes, they are put
   * anew: so a damaged blob heals. Sound ones become young, and the garbage collector spares them.
   */
  async #isKept({ hash, size }: Blob): Promise<boolean> {
    if (!await this.has(hash, size) || await this.verify(hash) !== "sound") return false;
    try {
      await Deno.utime(this.pathOf(hash), new Date(), new Date());
      return true;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return false; // collected just now
      throw error;
    }
  }

  async #moveIn(from: string, { hash }: Blob): Promise<void> {
    const to = this.pathOf(hash);
    await Deno.mkdir(dirname(to), { recursive: true });
    await Deno.utime(from, new Date(), new Date());
    await syncFile(from);
    await Deno.rename(from, to);
    await syncFolder(dirname(to));
  }

  async #explained<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      throw explainStoreError(error, "Cannot keep the file", this.#blobs);
    }
  }
}

/** SHA-256 of a file of any size, 64 hex digits. */
export async function hashFile(path: string): Promise<string> {
  const { createHash } = await import("node:crypto"); // 15 ms that a run without work spares
  const hash = createHash("sha256");
  using file = await Deno.open(path);
  for await (const chunk of file.readable) hash.update(chunk);
  return hash.digest("hex");
}

async function* files(folder: string): AsyncGenerator<{ path: string; name: string }> {
  try {
    for await (const { name: start, isDirectory } of Deno.readDir(folder)) {
      if (!isDirectory) continue;
      for await (const { name: rest } of Deno.readDir(join(folder, start))) {
        yield { path: join(folder, start, rest), name: start + rest };
      }
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

async function syncFile(path: string): Promise<void> {
  using file = await Deno.open(path, { read: true, write: true });
  await file.sync();
}

async function syncFolder(path: string): Promise<void> {
  if (Deno.build.os === "windows") return; // it has no such call, and needs none
  using folder = await Deno.open(path);
  await folder.sync();
}

async function statIfThere(path: string): Promise<Deno.FileInfo | undefined> {
  return await Deno.stat(path).catch(undefinedIfMissing);
}

function undefinedIfMissing(error: unknown): undefined {
  if (error instanceof Deno.errors.NotFound) return undefined;
  throw error;
}

async function removeIfThere(path: string): Promise<boolean> {
  try {
    await Deno.remove(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
