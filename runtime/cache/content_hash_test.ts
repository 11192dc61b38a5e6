import { deepEqual, equal, notDeepEqual, rejects } from "node:assert/strict";
import fc from "fast-check";
import { artifactHash, canonicalJson, contentHash, type Hashable } from "./content_hash.ts";

// -0 and 0 are one JSON text, so JSON values are taken through JSON first.
const hashable = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value))) as fc.Arbitrary<
  Hashable
>;

Deno.test("contentHash() ignores the order of keys", async () => {
  await fc.assert(fc.asyncProperty(fc.dictionary(fc.string(), hashable), async (content) => {
    const reversed = Object.fromEntries(Object.entries(content).reverse());

    deepEqual(await contentHash("params", content), await contentHash("params", reversed));
  }));
});

Deno.test("contentHash() separates what is hashed by its tag", async () => {
  await fc.assert(fc.asyncProperty(hashable, async (content) => {
    notDeepEqual(await contentHash("params", content), await contentHash("artifact", content));
  }));
});

Deno.test("canonicalJson() is JSON of the same value", () => {
  fc.assert(fc.property(hashable, (value) => {
    deepEqual(JSON.parse(canonicalJson(value)), value);
  }));
});

// Golden: a change of this value silently empties every cache in the world.
Deno.test("contentHash() is stable across releases", async () => {
  equal(
    await contentHash("params", { seed: 7, epochs: 5 }),
    "24afb70fa9fe0130f1829c3cc6eb1e68cfeeddf16877d2852bd05649cac47af4",
  );
  equal(
    await artifactHash("model", [
      { path: "signature.json", hash: "b".repeat(64), size: 2 },
      { path: "model.onnx", hash: "a".repeat(64), size: 3 },
    ]),
    "9470a74b6fec81b50c60bac24d866661ea2903df26b47663e464788445969bb0",
  );
});

for (const value of [NaN, Infinity, -Infinity]) {
  Deno.test(`contentHash() refuses ${value}`, async () => {
    await rejects(() => contentHash("params", { value }), RangeError);
  });
}
