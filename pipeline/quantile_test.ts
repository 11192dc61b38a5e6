import { equal } from "node:assert/strict";
import { quantile } from "./quantile.ts";

// What numpy.quantile([-3, 0, 0.5, 8, 100], share) gives.
for (
  const [share, expected] of [
    [0, -3],
    [0.1, -1.7999999999999998],
    [0.25, 0],
    [0.5, 0.5],
    [0.9, 63.2],
    [1, 100],
  ] as const
) {
  Deno.test(`quantile() of a share of ${share} is numpy's`, () => {
    const found = quantile(Float64Array.of(-3, 0, 0.5, 8, 100), share);

    equal(Number(found.toFixed(12)), Number(expected.toFixed(12)));
  });
}

Deno.test("quantile() of one number is that number, and of the largest ones no Infinity", () => {
  equal(quantile(Float64Array.of(4), 0.37), 4);
  equal(quantile(Float64Array.of(-Number.MAX_VALUE, Number.MAX_VALUE), 0.5), 0);
});
