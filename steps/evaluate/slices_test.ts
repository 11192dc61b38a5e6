import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import type { Cell } from "../../pipeline/mod.ts";
import { parseSliceKey, sliceCell, sliceColumn } from "./slices.ts";

Deno.test("sliceColumn() makes a part of every value, missing last", () => {
  deepEqual(sliceColumn(["b", null, "a", "b"]), [
    { value: "a", rows: [2] },
    { value: "b", rows: [0, 3] },
    { value: "missing", rows: [1] },
  ]);
  deepEqual(sliceColumn([10, 9, 10, 2]).map(({ value }) => value), [
    "2",
    "9",
    "10",
  ]);
  deepEqual(sliceColumn([true, false]).map(({ value }) => value), ["false", "true"]);
});

Deno.test("sliceColumn() cuts many numbers at their quartiles", () => {
  const cells: Cell[] = Array.from({ length: 101 }, (_, i) => i);

  const slices = sliceColumn([...cells, null]);

  deepEqual(slices.map(({ value, rows }) => [value, rows.length]), [
    ["0..25", 25],
    ["25..50", 25],
    ["50..75", 25],
    ["75..100", 26],
    ["missing", 1],
  ]);
});

Deno.test("sliceColumn() puts every row into one part", () => {
  const column = fc.oneof(
    fc.array(fc.option(fc.integer({ min: -50, max: 50 }))),
    fc.array(fc.option(fc.double({ noNaN: true, noDefaultInfinity: true }))),
    fc.array(fc.option(fc.string({ maxLength: 2 }))),
  );
  fc.assert(
    fc.property(column, (cells) => {
      const rows = sliceColumn(cells).flatMap((slice) => slice.rows).sort((a, b) => a - b);

      equal(rows.length, cells.length);
      rows.forEach((row, i) => equal(row, i));
    }),
    { seed: 5 },
  );
});

Deno.test("sliceCell() gives the value, or the characters of the text", () => {
  const row = { text: "좋다 😀", stars: 12, none: null };

  equal(sliceCell(row, parseSliceKey("text")), "좋다 😀");
  equal(sliceCell(row, parseSliceKey("length(text)")), 4);
  equal(sliceCell(row, parseSliceKey("length(stars)")), 2);
  equal(sliceCell(row, parseSliceKey("length(none)")), null);
});
