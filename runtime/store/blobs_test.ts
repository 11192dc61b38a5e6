import { deepEqual, equal, match, rejects, throws } from "node:assert/strict";
import fc from "fast-check";
import { sha256 } from "../cache/content_hash.ts";
import { openTemporaryStore } from "./temporary_store.ts";

const hello = new TextEncoder().encode("hello");
const absent = "0".repeat(64);

Deno.test("put() keeps any bytes under their SHA-256", async () => {
  await using store = await openTemporaryStore();
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 5000 }), async (data) => {
      const bytes = new Uint8Array(data);

      const { hash, size } = await store.blobs.put(bytes);

      equal(hash, await sha256(bytes));
      equal(size, bytes.length);
      deepEqual(new Uint8Array(await Deno.readFile(store.blobs.pathOf(hash))), bytes);
      equal(await store.blobs.verify(hash), "sound");
    }),
    { seed: 1, numRuns: 30 },
  );
  deepEqual(await Array.fromAsync(store.blobs.listTemporary()), []);
});

Deno.test("put() of equal bytes leaves the file as it is, at the same time too", async () => {
  await using store = await openTemporaryStore();
  const { hash } = await store.blobs.put(hello);
  const { ino } = await Deno.stat(store.blobs.pathOf(hash));

  await Promise.all(Array.from({ length: 8 }, () => store.blobs.put(hello)));

  equal((await Deno.stat(store.blobs.pathOf(hash))).ino, ino);
  equal((await Array.fromAsync(store.blobs.list())).length, 1);
});

Deno.test("put() heals a blob with a flipped byte", async () => {
  await using store = await openTemporaryStore();
  const { hash } = await store.blobs.put(hello);
  await Deno.writeTextFile(store.blobs.pathOf(hash), "hellO");
  equal(await store.blobs.has(hash, 5), true);
  equal(await store.blobs.verify(hash), "damaged");

  await store.blobs.put(hello);

  equal(await store.blobs.verify(hash), "sound");
});

Deno.test("putFile() moves a file in", async () => {
  await using store = await openTemporaryStore();
  const paths = [await store.blobs.temporaryPath(), await store.blobs.temporaryPath()];
  for (const path of paths) {
    await Deno.writeFile(path, new Uint8Array(3_000_000).fill(7));

    const { hash, size } = await store.blobs.putFile(path);

    equal(size, 3_000_000);
    equal(await store.blobs.verify(hash), "sound");
    await rejects(() => Deno.stat(path), Deno.errors.NotFound);
  }
});

Deno.test("putFile() refuses a file that is not there", async () => {
  await using store = await openTemporaryStore();

  await rejects(() => store.blobs.putFile("/nowhere/at/all"), Deno.errors.NotFound);
});

Deno.test("has() wants the right length", async () => {
  await using store = await openTemporaryStore();
  const { hash } = await store.blobs.put(hello);

  equal(await store.blobs.has(hash, 5), true);
  equal(await store.blobs.has(hash, 4), false);
  equal(await store.blobs.has(absent, 5), false);
});

Deno.test("verify() reports what is missing, cut or a folder", async () => {
  await using store = await openTemporaryStore();
  const { hash } = await store.blobs.put(hello);
  equal(await store.blobs.verify(absent), "missing");

  await Deno.truncate(store.blobs.pathOf(hash), 2);
  equal(await store.blobs.verify(hash), "damaged");

  await Deno.remove(store.blobs.pathOf(hash));
  await Deno.mkdir(store.blobs.pathOf(hash));
  equal(await store.blobs.verify(hash), "damaged");
});

Deno.test("delete() says whether there was something", async () => {
  await using store = await openTemporaryStore();
  const { hash } = await store.blobs.put(hello);

  equal(await store.blobs.delete(hash), true);
  equal(await store.blobs.delete(hash), false);
  deepEqual(await Array.fromAsync(store.blobs.list()), []);
});

Deno.test("pathOf() takes nothing but a content hash", async () => {
  await using store = await openTemporaryStore();

  throws(() => store.blobs.pathOf("../../etc/passwd"), TypeError);
  match(store.blobs.pathOf(absent), /blobs.00.0{62}$/);
});
