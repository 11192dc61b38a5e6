import { Buffer } from "node:buffer";
import { createHash, randomUUID } from "node:crypto";
import { type FileHandle, mkdir, open, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";

/** Blobs of one model by key, in files that grow: what is in them stays until they are deleted. Release with `await using`. */
export interface FrozenStore extends AsyncDisposable {
  /** The bytes, or `undefined` if they are not there or damaged. */
  find(key: string): Promise<Buffer | undefined>;
  /** Keeps the bytes unless the folder is full. */
  put(key: string, bytes: Uint8Array): Promise<void>;
}

/** Where blobs are kept. */
export interface FrozenStoreOptions {
  readonly folder: string;
  /** SHA-256 of everything that the blobs depend on but the example, in hexadecimal. */
  readonly model: string;
  /** Limit of all files in the folder together. */
  readonly maxBytes: number;
}

/** Where a blob lies. */
interface Place {
  readonly file: FileHandle;
  readonly offset: number;
  readonly length: number;
}

const SUFFIX = ".frozen";
const HEADER = 48; // bytes: key 32, length 4, the beginning of the SHA-256 of what follows 12

/**
 * Opens a store. Every session writes a file of its own and reads those of all, so several can share a folder; what a killed one left
 * half written is not seen. When the folder is full, files of other models go, the oldest first.
 */
export async function openFrozenStore(options: FrozenStoreOptions): Promise<FrozenStore> {
  const { folder, model, maxBytes } = options;
  await mkdir(folder, { recursive: true });
  const files = await listFiles(folder);
  const places = new Map<string, Place>();
  const open_ = new AsyncDisposableStack();
  const prefix = model.slice(0, 32);
  for (const { name } of files.filter((file) => file.name.startsWith(prefix))) {
    const file = open_.use(await open(join(folder, name)));
    for await (const [key, place] of blobsOf(file)) places.set(key, place);
  }
  const others = files.filter((file) => !file.name.startsWith(prefix));
  let total = files.reduce((sum, file) => sum + file.size, 0);
  let own: FileHandle | undefined;
  let end = 0;
  return {
    async find(key) {
      const place = places.get(key);
      if (place === undefined) return undefined;
      const bytes = await readBlob(place, key);
      if (bytes === undefined) places.delete(key);
      return bytes;
    },
    async put(key, bytes) {
      const size = HEADER + bytes.byteLength;
      while (total + size > maxBytes && others.length > 0) {
        const oldest = others.shift()!;
        await rm(join(folder, oldest.name), { force: true });
        total -= oldest.size;
      }
      if (total + size > maxBytes || places.has(key)) return;
      own ??= open_.use(await open(join(folder, `${prefix}-${randomUUID()}${SUFFIX}`), "wx+"));
      const offset = end;
      end += size;
      total += size;
      await own.write(Buffer.concat([headerOf(key, bytes), bytes]), 0, size, offset);
      places.set(key, { file: own, offset, length: bytes.byteLength });
    },
    [Symbol.asyncDispose]: () => open_.disposeAsync(),
  };
}

/** The files of all models, the oldest first. */
async function listFiles(folder: string): Promise<{ name: string; size: number }[]> {
  const files: { name: string; size: number; mtimeMs: number }[] = [];
  for (const name of (await readdir(folder)).filter((each) => each.endsWith(SUFFIX))) {
    const { size, mtimeMs } = await stat(join(folder, name));
    files.push({ name, size, mtimeMs });
  }
  return files.sort((a, b) => a.mtimeMs - b.mtimeMs);
}

async function* blobsOf(file: FileHandle): AsyncGenerator<[string, Place]> {
  const { size } = await file.stat();
  const header = Buffer.alloc(HEADER);
  for (let offset = 0; offset + HEADER <= size;) {
    await file.read(header, 0, HEADER, offset);
    const length = header.readUInt32LE(32);
    if (offset + HEADER + length > size) return;
    yield [header.toString("hex", 0, 32), { file, offset, length }];
    offset += HEADER + length;
  }
}

async function readBlob(
  { file, offset, length }: Place,
  key: string,
): Promise<Buffer | undefined> {
  const blob = Buffer.alloc(HEADER + length);
  const { bytesRead } = await file.read(blob, 0, blob.length, offset);
  const bytes = blob.subarray(HEADER);
  const isWhole = bytesRead === blob.length &&
    headerOf(key, bytes).equals(blob.subarray(0, HEADER));
  return isWhole ? bytes : undefined;
}

function headerOf(key: string, bytes: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.byteLength);
  const digest = createHash("sha256").update(bytes).digest().subarray(0, 12);
  return Buffer.concat([Buffer.from(key, "hex"), length, digest]);
}
