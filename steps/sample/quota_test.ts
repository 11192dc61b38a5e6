import { deepEqual, equal, throws } from "node:assert/strict";
import fc from "fast-check";
import { quotaCounts } from "./quota.ts";

const sizes = fc.array(fc.nat(40), { minLength: 1, maxLength: 12 });

Deno.test("quotaCounts() gives every stratum its share rounded down or up, never less for more", () => {
  fc.assert(
    fc.property(sizes, (sizes) => {
      const total = sizes.reduce((sum, size) => sum + size, 0);
      let before = sizes.map(() => 0);
      for (let seats = 0; seats <= total; seats++) {
        const counts = quotaCounts(sizes, seats);
        equal(counts.reduce((sum, count) => sum + count, 0), seats);
        counts.forEach((count, i) => {
          const share = total === 0 ? 0 : sizes[i]! * seats / total;
          equal(count >= Math.floor(share - 1e-9) && count <= Math.ceil(share + 1e-9), true);
          equal(count >= before[i]!, true);
        });
        before = counts;
      }
    }),
    { seed: 7 },
  );
});

Deno.test("quotaCounts() takes all or nothing when asked to", () => {
  deepEqual(quotaCounts([3, 0, 5], 8), [3, 0, 5]);
  deepEqual(quotaCounts([3, 0, 5], 0), [0, 0, 0]);
  throws(() => quotaCounts([3, 5], 9), RangeError);
});
