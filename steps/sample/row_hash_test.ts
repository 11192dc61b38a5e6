import { equal, notEqual } from "node:assert/strict";
import { hashCells, openRowHash } from "./row_hash.ts";

// Golden: a change moves rows between splits and samples, and makes old evaluations incomparable.
Deno.test("hashCells() is stable across releases", () => {
  equal(hashCells("sample 7", ["영화", 1, true, null]), 3793966929812412);
});

Deno.test("hashCells() tells types, places and seeds apart", () => {
  notEqual(hashCells("1", ["1"]), hashCells("1", [1]));
  notEqual(hashCells("1", ["", null]), hashCells("1", [null, ""]));
  notEqual(hashCells("1", ["ab", "c"]), hashCells("1", ["a", "bc"]));
  notEqual(hashCells("1", ["a"]), hashCells("2", ["a"]));
  notEqual(hashCells("1", [11]), hashCells("11", [1]));
});

Deno.test("openRowHash() ignores the order of columns", () => {
  const row = { a: 1, b: "x" };

  equal(openRowHash("1", ["a", "b"])(row), openRowHash("1", ["b", "a"])(row));
});
