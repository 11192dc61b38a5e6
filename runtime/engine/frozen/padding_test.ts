import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import type { Tensor } from "../../../pipeline/tensor.ts";
import { exampleParts, fillUp, layoutOf, paddingOf } from "./padding.ts";

function maskOf(rows: readonly (readonly number[])[]): Record<string, Tensor> {
  const shape = [rows.length, rows[0]!.length];
  return {
    attention_mask: { type: "int32", shape, data: Int32Array.from(rows.flat()) },
    input_ids: { type: "int32", shape, data: Int32Array.from(rows.flat(), (item) => 7 * item) },
  };
}

Deno.test("paddingOf() tells where each example ends", () => {
  deepEqual(paddingOf(maskOf([[1, 1, 0], [1, 1, 1]])), { length: 3, ends: [2, 3] });
});

for (
  const [title, rows] of Object.entries({
    "an empty example": [[1, 1], [0, 0]],
    "padding in front": [[0, 1, 1]],
    "a hole": [[1, 0, 1]],
    "weights": [[1, 2, 0]],
  })
) {
  Deno.test(`paddingOf() takes no notice of a mask with ${title}`, () => {
    equal(paddingOf(maskOf(rows)), undefined);
  });
}

Deno.test("exampleParts() are the same for any padding, and others for another text", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 5 }),
      fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 5 }),
      fc.nat({ max: 4 }),
      (text, other, more) => {
        const parts = (tokens: readonly number[], length: number): string => {
          const filled = Array.from({ length }, (_, i) => tokens[i] ?? 0);
          const { attention_mask } = maskOf([filled.map((token) => Math.min(token, 1))]);
          const input_ids: Tensor = {
            type: "int32",
            shape: [1, length],
            data: Int32Array.from(filled),
          };
          const batch = { input_ids, attention_mask: attention_mask! };
          return exampleParts(batch, 0, paddingOf(batch)).join(";");
        };

        equal(parts(text, text.length), parts(text, text.length + more));
        equal(
          parts(text, 9) === parts(other, 9),
          text.join() === other.join(),
        );
      },
    ),
    { seed: 1 },
  );
});

Deno.test("layoutOf() knows rows for each position from what only looks like them", () => {
  equal(layoutOf([6, 8], [4, 8], 3), "positions"); // rows of all examples
  equal(layoutOf([2, 3, 8], [2, 2, 8], 3), "positions");
  equal(layoutOf([2, 3], [2, 3], 3), "whole");
  equal(layoutOf([2, 8, 3], [2, 8, 2], 3), undefined); // positions last
  equal(layoutOf([2, 6, 8], [2, 4, 8], 3), undefined); // heads and positions together
  equal(layoutOf([2, 3, 3], [2, 2, 2], 3), undefined);
});

Deno.test("fillUp() repeats the first position", () => {
  const example = Float32Array.of(1, 2, 3, 4, 0, 0, 0, 0);
  fillUp(example, 4, 2);

  deepEqual([...example], [1, 2, 3, 4, 1, 2, 1, 2]);
});
