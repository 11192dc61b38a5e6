import { deepEqual, equal, notDeepEqual } from "node:assert/strict";
import fc from "fast-check";
import { orderedBatches, shuffledPlaces } from "./batches.ts";
import type { Examples } from "./examples.ts";

Deno.test("shuffledPlaces() is an order of all examples, its own for each seed and epoch", () => {
  fc.assert(
    fc.property(fc.nat(200), fc.nat(), fc.integer({ min: 1, max: 5 }), (count, seed, epoch) => {
      const places = shuffledPlaces(count, { seed, epoch });

      deepEqual([...places].sort((a, b) => a - b), Array.from({ length: count }, (_, i) => i));
      deepEqual(places, shuffledPlaces(count, { seed, epoch }));
    }),
    { seed: 9 },
  );
  notDeepEqual(
    shuffledPlaces(50, { seed: 1, epoch: 1 }),
    shuffledPlaces(50, { seed: 1, epoch: 2 }),
  );
  notDeepEqual(
    shuffledPlaces(50, { seed: 1, epoch: 1 }),
    shuffledPlaces(50, { seed: 2, epoch: 1 }),
  );
});

// Golden: a change of these numbers trains every model in the world anew, and differently.
Deno.test("shuffledPlaces() is stable across releases", () => {
  deepEqual([...shuffledPlaces(10, { seed: 20, epoch: 3 })], [0, 7, 9, 6, 1, 4, 8, 3, 5, 2]);
});

Deno.test("orderedBatches() cuts tensors of every type along their first axis", () => {
  const examples: Examples = {
    count: 3,
    inputs: {
      ids: { type: "int64", shape: [3, 2], data: BigInt64Array.of(1n, 2n, 3n, 4n, 5n, 6n) },
      mask: { type: "int32", shape: [3], data: Int32Array.of(7, 8, 9) },
    },
    targets: Int32Array.of(0, 1, 0),
  };

  const [first, second, ...rest] = [...orderedBatches(examples, 2)];

  equal(rest.length, 0);
  deepEqual(first!.inputs.ids, {
    type: "int64",
    shape: [2, 2],
    data: BigInt64Array.of(1n, 2n, 3n, 4n),
  });
  deepEqual(second!.inputs.mask, { type: "int32", shape: [1], data: Int32Array.of(9) });
  deepEqual(second!.targets, { type: "int32", shape: [1], data: Int32Array.of(0) });
});
