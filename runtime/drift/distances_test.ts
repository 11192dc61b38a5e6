import { equal, ok } from "node:assert/strict";
import fc from "fast-check";
import { chiSquareTest, jensenShannon, proportionsTest } from "./category_distances.ts";
import { chiSquareTail } from "./chi_square_tail.ts";
import { ksDistance, ksPValue } from "./kolmogorov_smirnov.ts";
import oracle from "./testdata/distances.json" with { type: "json" };
import { spreadOf, wasserstein } from "./wasserstein.ts";

function near(actual: number, expected: number, tolerance: number): void {
  const allowed = tolerance * Math.max(1e-12, Math.abs(expected));
  ok(Math.abs(actual - expected) <= allowed + 1e-14, `${actual} is not ${expected}`);
}

/** The p-value of a distance, while nobody else waits. */
const certainty = (distance: number, { length: m }: Float64Array, { length: n }: Float64Array) =>
  ksPValue(distance, { m, n, turn: () => undefined });

const sorted = (values: readonly number[]): Float64Array => Float64Array.from(values).sort();

for (const [place, { a, b, exact, ...expected }] of oracle.numbers.entries()) {
  Deno.test(`distances of numbers are those of SciPy, case ${place + 1}`, async () => {
    const [x, y] = [sorted(a), sorted(b)];

    near(ksDistance(x, y), expected.ks, 1e-12);
    near(wasserstein(x, y), expected.wasserstein, 1e-9);
    near(wasserstein(x, y) / spreadOf(x), expected.normed, 1e-9);
    const pValue = await certainty(expected.ks, x, y);
    // Of a table too large to count paths both give a limit, but not the same one.
    if (exact) near(pValue, expected.ks_p, 1e-9);
    else ok(Math.abs(pValue - expected.ks_p) < 0.01, `${pValue} is not ${expected.ks_p}`);
  });
}

for (const { a, b, ...expected } of oracle.counts) {
  Deno.test(`distances of counts are those of SciPy: ${a} and ${b}`, () => {
    near(jensenShannon(a, b), expected.js, 1e-9);
    const { distance, pValue } = chiSquareTest(a, b);
    near(distance, expected.cramers_v, 1e-9);
    near(pValue, expected.chi_p, 1e-9);
    if (expected.z_p === undefined) return;
    const shares = proportionsTest([a[0]!, a[1]!], [b[0]!, b[1]!]);
    near(shares.distance, expected.difference!, 1e-12);
    near(shares.pValue, expected.z_p, 1e-9);
  });
}

Deno.test("chiSquareTail() is SciPy's survival function", () => {
  for (const { x, degrees, tail } of oracle.tails) near(chiSquareTail(x, degrees), tail, 1e-9);
});

const numbers = fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 1, maxLength: 40 })
  .map(sorted);
const counts = fc.array(fc.tuple(fc.nat(50), fc.nat(50)), { minLength: 1, maxLength: 8 })
  .map((pairs) => [[1, ...pairs.map(([a]) => a)], [1, ...pairs.map(([, b]) => b)]] as const);
const law = { seed: 7, numRuns: 200 };

Deno.test("distances of a sample from itself are 0, and such a one is certain", async () => {
  await fc.assert(
    fc.asyncProperty(numbers, counts, async (values, [a]) => {
      equal(ksDistance(values, values), 0);
      equal(await certainty(0, values, values), 1);
      equal(wasserstein(values, values), 0);
      equal(jensenShannon(a, a), 0);
      equal(chiSquareTest(a, a).distance, 0);
      equal(chiSquareTest(a, a).pValue, 1);
      equal(proportionsTest([a[0]!, 5], [a[0]!, 5]).pValue, 1);
    }),
    law,
  );
});

Deno.test("distances are the same both ways, and bounded", async () => {
  await fc.assert(
    fc.asyncProperty(numbers, numbers, counts, async (x, y, [a, b]) => {
      equal(ksDistance(x, y), ksDistance(y, x));
      near(wasserstein(x, y), wasserstein(y, x), 1e-9);
      near(jensenShannon(a, b), jensenShannon(b, a), 1e-9);
      near(chiSquareTest(a, b).distance, chiSquareTest(b, a).distance, 1e-9);
      ok(ksDistance(x, y) <= 1 && wasserstein(x, y) <= 100);
      ok(jensenShannon(a, b) <= Math.sqrt(Math.LN2) && chiSquareTest(a, b).distance <= 1);
      const pValue = await certainty(ksDistance(x, y), x, y);
      ok(pValue > 0 && pValue <= 1 + 1e-12, `${pValue}`);
    }),
    law,
  );
});

Deno.test("wasserstein() of numbers that are all moved by as much is just that", () => {
  fc.assert(
    fc.property(numbers, fc.integer({ min: -20, max: 20 }), (values, by) => {
      near(wasserstein(values, values.map((value) => value + by)), Math.abs(by), 1e-9);
    }),
    law,
  );
});
