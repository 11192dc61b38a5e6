import { deepEqual, equal } from "node:assert/strict";
import { appendFile, mkdtemp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openFrozenStore } from "./frozen_store.ts";

const model = "ab".repeat(32);
const keys = ["01", "02", "03"].map((byte) => byte.repeat(32));

async function withFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "hanok-frozen-"));
  try {
    await test(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function fill(folder: string, options: { model?: string; maxBytes?: number } = {}) {
  await using store = await openFrozenStore({ folder, model, maxBytes: 1e6, ...options });
  for (const [i, key] of keys.entries()) await store.put(key, new Uint8Array(100).fill(i + 1));
}

/** First byte of what is found for each key. */
async function found(folder: string): Promise<(number | undefined)[]> {
  await using store = await openFrozenStore({ folder, model, maxBytes: 1e6 });
  return await Promise.all(keys.map(async (key) => (await store.find(key))?.[0]));
}

Deno.test("openFrozenStore() finds what another session kept", () =>
  withFolder(async (folder) => {
    await fill(folder);
    await fill(folder);

    deepEqual(await found(folder), [1, 2, 3]);
    equal((await readdir(folder)).length, 1);
  }));

Deno.test("openFrozenStore() does not see what was half written or damaged", () =>
  withFolder(async (folder) => {
    await fill(folder);
    const file = join(folder, (await readdir(folder))[0]!);
    const whole = await readFile(file);
    await truncate(file, whole.length - 1);
    deepEqual(await found(folder), [1, 2, undefined]);

    whole[48 + 50]! ^= 1; // within the first blob
    await writeFile(file, whole);
    await appendFile(file, new Uint8Array(20));
    deepEqual(await found(folder), [undefined, 2, 3]);
  }));

Deno.test("openFrozenStore() stays within its limit, and deletes other models' files for it", () =>
  withFolder(async (folder) => {
    await fill(folder, { model: "cd".repeat(32) });
    await fill(folder, { maxBytes: 300 }); // two blobs of 148 bytes

    deepEqual(await found(folder), [1, 2, undefined]);
    equal((await readdir(folder)).length, 1);
  }));
