import { deepEqual, notDeepEqual, ok } from "node:assert/strict";
import { dropoutMask } from "./dropout_mask.ts";

const which = { seed: 1, iteration: 2, part: 0, index: 3 };

Deno.test("dropoutMask() leaves the right share out and scales up the rest", () => {
  for (const ratio of [0.1, 0.5, 0.9]) {
    const mask = dropoutMask(100_001, ratio, which);
    const dropped = mask.filter((item) => item === 0).length / mask.length;

    ok(Math.abs(dropped - ratio) < 0.005, `${dropped} of ${ratio}`);
    deepEqual(new Set(mask), new Set([0, Math.fround(1 / (1 - ratio))]));
  }
});

Deno.test("dropoutMask() depends on each of its seeds and on nothing else", () => {
  const mask = dropoutMask(64, 0.5, which);

  deepEqual(dropoutMask(64, 0.5, which), mask);
  for (const name of ["seed", "iteration", "part", "index"] as const) {
    notDeepEqual(dropoutMask(64, 0.5, { ...which, [name]: 7 }), mask);
  }
});

Deno.test("dropoutMask() draws neighbours independently", () => {
  const mask = dropoutMask(100_000, 0.5, which);
  const equalNeighbours = mask.filter((item, i) => item === mask[i + 1]).length / mask.length;

  ok(Math.abs(equalNeighbours - 0.5) < 0.01, `${equalNeighbours} of the neighbours are equal`);
});
