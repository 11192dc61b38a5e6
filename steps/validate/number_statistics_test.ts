import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import { openNumberSummary } from "./number_statistics.ts";
import oracle from "./testdata/number_statistics.json" with { type: "json" };

function summarise(values: readonly number[], capacity = 10_000) {
  const summary = openNumberSummary(capacity);
  values.forEach((value) => summary.take(value));
  return summary.finish();
}

/** Equal but for rounding: the order of additions differs. */
function isClose(actual: number | null, expected: number, scale: number): boolean {
  return actual !== null &&
    Math.abs(actual - expected) <= 1e-12 * scale + 1e-9 * Math.abs(expected);
}

for (const [title, expected] of Object.entries(oracle)) {
  Deno.test(`openNumberSummary() agrees with numpy on numbers that are ${title}`, () => {
    const found = summarise(expected.values)!;

    const scale = Math.max(...expected.values.map(Math.abs));
    equal(isClose(found.mean, expected.mean, scale), true, `mean ${found.mean}`);
    equal(Math.abs(found.std! - expected.std) <= 1e-9 * scale ** 0.5, true, `std ${found.std}`);
    equal(isClose(found.median, expected.median, scale), true, `median ${found.median}`);
    found.quantiles.forEach((value, i) => {
      equal(isClose(value, expected.quantiles[i]!, scale), true, `quantile ${i}: ${value}`);
    });
    equal(found.min, Math.min(...expected.values));
    equal(found.max, Math.max(...expected.values));
    equal(found.zeros, expected.zeros);
    deepEqual(found.histogram.counts, expected.counts);
    found.histogram.edges.forEach((edge, i) => {
      equal(isClose(edge, expected.edges[i]!, scale), true, `edge ${i}: ${edge}`);
    });
    equal(found.sampledEvery, 1);
  });
}

Deno.test("openNumberSummary() is undefined without numbers", () => {
  equal(summarise([]), undefined);
});

Deno.test("openNumberSummary() keeps every n-th number when there are too many, and all in mean and range", () => {
  const values = Array.from({ length: 100_001 }, (_, i) => i);

  const found = summarise(values, 1000)!;

  equal(found.sampledEvery, 128);
  equal(found.mean, 50_000);
  deepEqual([found.min, found.max], [0, 100_000]);
  equal(Math.abs(found.median - 50_000) < 256, true, `${found.median}`);
  const kept = found.histogram.counts.reduce((sum, count) => sum + count, 0);
  equal(kept, Math.ceil(100_001 / 128));
});

Deno.test("openNumberSummary() of any numbers is finite, counts them all, and orders its quantiles", () => {
  const number = fc.double({ noNaN: true, noDefaultInfinity: true });
  fc.assert(
    fc.property(fc.array(number, { minLength: 1, maxLength: 40 }), (values) => {
      const found = summarise(values)!;

      const { mean, std, histogram, quantiles, median } = found;
      const all = [mean ?? 0, std ?? 0, median, ...quantiles, ...histogram.edges];
      equal(all.every(Number.isFinite), true, `${all}`);
      equal(found.histogram.counts.reduce((sum, count) => sum + count, 0), values.length);
      equal(found.quantiles.every((value, i) => i === 0 || value >= found.quantiles[i - 1]!), true);
    }),
    { seed: 12, numRuns: 300 },
  );
});
