import { deepEqual } from "node:assert/strict";
import { openRowGradient } from "./row_gradient.ts";

Deno.test("openRowGradient() adds up what is looked up twice, and forgets the last batch", () => {
  const gradient = openRowGradient(8, 2);

  gradient.set(BigInt64Array.of(1n, 3n, 1n), Float32Array.of(1, 2, 3, 4, 10, 20));
  deepEqual([...gradient.data], [0, 0, 11, 22, 0, 0, 3, 4]);
  deepEqual(gradient.rows(), [1, 3]);

  gradient.set(BigInt64Array.of(-2n, 0n), Float32Array.of(5, 6, 0, 0));
  deepEqual([...gradient.data], [0, 0, 0, 0, 5, 6, 0, 0]);
  deepEqual(gradient.rows(), [2]); // row 0 was looked up, but nothing came of it
});

Deno.test("openRowGradient() accumulates shares of several", () => {
  const [sum, one] = [openRowGradient(6, 1), openRowGradient(6, 1)];
  one.set(BigInt64Array.of(2n), Float32Array.of(8));
  sum.accumulate(one, 0.25, true);
  one.set(BigInt64Array.of(5n, 2n), Float32Array.of(4, 8));
  sum.accumulate(one, 0.5, false);

  deepEqual([...sum.data], [0, 0, 6, 0, 0, 2]);
  deepEqual(sum.rows(), [2, 5]);
  sum.accumulate(one, 1, true);
  deepEqual([...sum.data], [0, 0, 8, 0, 0, 4]);
});
