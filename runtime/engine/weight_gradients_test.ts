import { deepEqual } from "node:assert/strict";
import { evaluate } from "./evaluate.ts";
import { input, int, integers, type Value } from "./graph.ts";
import { emit, operators } from "./operators/mod.ts";
import { weightGradients } from "./weight_gradients.ts";

const table = input("table", "float32", [4, 2]);
const unread = input("unread", "float32", [3, 2]);
const scale = input("scale", "float32", [2]);
const ids = input("ids", "int32", [3]);
const lookUp = (indices: Value): Value => emit.apply("Gather", [table, indices], { axis: int(0) });

Deno.test("weightGradients() gives the rows of each look-up of a table, and their gradients", () => {
  // loss = sum(scale * table[ids]) + sum(table[2])
  const loss = emit.add(
    emit.sum(emit.mul(lookUp(ids), scale), [0, 1], false),
    emit.sum(lookUp(integers([2])), [0, 1], false),
  );
  const { gradients, rows } = weightGradients(loss, [table, scale, unread], {
    scale: undefined,
    tables: new Set(["table", "unread"]),
  });
  const given = new Map<Value, Float64Array>([
    [table, Float64Array.of(1, 2, 3, 4, 5, 6, 7, 8)],
    [scale, Float64Array.of(10, 20)],
    [ids, Float64Array.of(3, 0, 3)],
  ]);

  deepEqual(evaluate(operators, [...gradients, ...rows], given).map((data) => [...data]), [
    [10, 20, 10, 20, 10, 20, 1, 1],
    [7 + 1 + 7, 8 + 2 + 8],
    [0, 0],
    [3, 0, 3, 2],
    [0],
  ]);
});
