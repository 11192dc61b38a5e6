import { deepEqual, equal, notEqual, throws } from "node:assert/strict";
import fc from "fast-check";
import type { Tensor } from "../../pipeline/mod.ts";
import { type NamedTensors, splitTensors, stackingKey, stackTensors } from "./stack_tensors.ts";

/** `rows` rows: two numbers and an int64 a row, counted up from `from`. */
function batch(rows: number, from: number): NamedTensors {
  const x: Tensor = {
    type: "float32",
    shape: [rows, 2],
    data: Float32Array.from({ length: rows * 2 }, (_, index) => from + index),
  };
  const ids: Tensor = {
    type: "int64",
    shape: [rows],
    data: BigInt64Array.from({ length: rows }, (_, index) => BigInt(from + index)),
  };
  return { x, ids };
}

Deno.test("splitTensors() takes apart what stackTensors() put together", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(5), { minLength: 1, maxLength: 8 }), (lengths) => {
      const batches = lengths.map((rows, index) => batch(rows, index * 100));

      const parts = splitTensors(stackTensors(batches), lengths);

      deepEqual(parts, batches);
    }),
    { seed: 7 },
  );
});

Deno.test("stackTensors() counts the rows of all batches", () => {
  equal(stackTensors([batch(2, 0), batch(3, 9)]).x!.shape[0], 5);
});

Deno.test("stackingKey() tells apart batches that differ in more than the number of rows", () => {
  const wide: Tensor = { type: "float32", shape: [1, 3], data: new Float32Array(3) };

  equal(stackingKey(batch(1, 0)), stackingKey(batch(4, 7)));
  notEqual(stackingKey(batch(1, 0)), stackingKey({ ...batch(1, 0), x: wide }));
});

Deno.test("stackTensors() refuses batches of another width", () => {
  const wide: Tensor = { type: "float32", shape: [1, 3], data: new Float32Array(3) };

  throws(() => stackTensors([batch(1, 0), { ...batch(1, 0), x: wide }]), RangeError);
});
