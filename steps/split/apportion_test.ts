import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import { apportion } from "./apportion.ts";

const sizes = fc.array(fc.nat(60), { minLength: 1, maxLength: 12 });
const shares = fc.tuple(
  fc.double({ min: 0.01, max: 0.49, noNaN: true }),
  fc.double({
    min: 0.01,
    max: 0.49,
    noNaN: true,
  }),
).map(([a, b]) => [1 - a - b, a, b]);

/** Whether a count is a share rounded down or up. */
function isRounded(count: number, share: number): boolean {
  return count >= Math.floor(share - 1e-6) && count <= Math.ceil(share + 1e-6);
}

Deno.test("apportion() rounds every share of every stratum and of the whole down or up", () => {
  fc.assert(
    fc.property(sizes, shares, (sizes, shares) => {
      const counts = apportion(sizes, shares);

      const total = sizes.reduce((sum, size) => sum + size, 0);
      counts.forEach((stratum, i) => {
        equal(stratum.reduce((sum, count) => sum + count, 0), sizes[i]);
        stratum.forEach((count, part) => {
          equal(count >= 0 && Math.abs(count - sizes[i]! * shares[part]!) <= 1 + 1e-6, true);
        });
      });
      shares.forEach((share, part) => {
        const whole = counts.reduce((sum, stratum) => sum + stratum[part]!, 0);
        equal(isRounded(whole, total * share), true, `${whole} of ${total * share}`);
      });
    }),
    { seed: 8, numRuns: 500 },
  );
});

Deno.test("apportion() serves many small strata as a whole", () => {
  const counts = apportion(Array.from({ length: 100 }, () => 3), [0.8, 0.1, 0.1]);

  deepEqual([0, 1, 2].map((part) => counts.reduce((sum, stratum) => sum + stratum[part]!, 0)), [
    240,
    30,
    30,
  ]);
});

Deno.test("apportion() is exact where the shares are, despite floats", () => {
  deepEqual(apportion([100, 50], [0.42, 0.29, 0.29]), [[42, 29, 29], [21, 15, 14]]);
  deepEqual(apportion([10], [1 - 0.3 - 0.1, 0.3, 0.1]), [[6, 3, 1]]);
});
