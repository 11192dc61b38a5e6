import { deepEqual, equal } from "node:assert/strict";
import { findPicture, renderPicture } from "./digit_picture.ts";

const grid = (side: number, name: (i: number) => string): Record<string, number> =>
  Object.fromEntries(Array.from({ length: side * side }, (_, i) => [name(i), i]));

Deno.test("findPicture() sees n × n columns that differ in their numbers only", () => {
  equal(findPicture(grid(8, (i) => `pixel_${Math.floor(i / 8)}_${i % 8}`))?.side, 8);
  equal(findPicture(grid(4, (i) => `p${i}`))?.side, 4);
  equal(findPicture({ image: Array(64).fill(1) })?.side, 8);
});

Deno.test("findPicture() sees no picture in a table", () => {
  equal(findPicture({ a: 1, b: 2, c: 3, d: 4 }), undefined);
  equal(findPicture(grid(3, (i) => `p${i}`)), undefined);
  equal(findPicture({ ...grid(4, (i) => `p${i}`), p3: "text" }), undefined);
  equal(findPicture({ ...grid(4, (i) => `p${i}`), p3: -1 }), undefined);
});

Deno.test("renderPicture() shades from paper to the darkest pixel", () => {
  deepEqual(renderPicture({ side: 2, pixels: [0, 4, 8, 16] }), ["  ░░", "▒▒██"]);
});

Deno.test("renderPicture() of empty paper is empty", () => {
  deepEqual(renderPicture({ side: 2, pixels: [0, 0, 0, 0] }), ["    ", "    "]);
});
