import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import { cacheKey, type KeyParts } from "./cache_key.ts";
import { explainKey, renderDifferences } from "./explain_key.ts";

const texts = fc.dictionary(fc.string(), fc.string());
const keyParts: fc.Arbitrary<KeyParts> = fc.record({
  step: fc.string(),
  code: texts,
  params: fc.dictionary(
    fc.string(),
    fc.oneof(fc.integer(), fc.string(), fc.boolean(), fc.constant(null)),
  ),
  inputs: texts,
  reads: texts,
  environment: texts,
});

const parts: KeyParts = {
  step: "train",
  code: { "steps/train.ts": "a".repeat(64) },
  params: { epochs: 5, schedule: { kind: "cosine" } },
  inputs: { training: "b".repeat(64) },
  reads: {},
  environment: { engine: "cpu" },
};

Deno.test("two keys are equal exactly when nothing differs", async () => {
  await fc.assert(
    fc.asyncProperty(keyParts, keyParts, async (a, b) => {
      // A param that is null and one that is not there make different keys, and read alike.
      fc.pre(![a, b].some(({ params }) => Object.values(params).includes(null)));
      const isSame = explainKey(a, b).length === 0;
      equal(await cacheKey(a) === await cacheKey(b), isSame);
      equal(explainKey(a, a).length, 0);
    }),
    { seed: 1, numRuns: 200 },
  );
});

Deno.test("explainKey() names what changed, part by part", () => {
  const now: KeyParts = {
    ...parts,
    code: { "steps/train.ts": "c".repeat(64), "steps/batches.ts": "d".repeat(64) },
    params: { epochs: 7, schedule: { kind: "linear" } },
    reads: { "champion digits": "version 3" },
    environment: { engine: "webgpu" },
  };

  const differences = explainKey(parts, now);

  deepEqual(differences.map(({ part, name }) => `${part} ${name}`), [
    "code steps/batches.ts",
    "code steps/train.ts",
    "params epochs",
    "params schedule.kind",
    "reads champion digits",
    "environment engine",
  ]);
  equal(
    renderDifferences(differences.slice(2)),
    "param epochs 5 → 7, param schedule.kind cosine → linear, champion digits is new and 1 more",
  );
});

// Golden: a change of this value silently empties every cache in the world.
Deno.test("cacheKey() is stable across releases", async () => {
  equal(await cacheKey(parts), "3cb0ae4db443bb60fe191c6d0049c984e3b9a68e61965c31c697b5aa5331110d");
});
