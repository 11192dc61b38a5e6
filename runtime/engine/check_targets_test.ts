import { deepEqual, throws } from "node:assert/strict";
import type { Loss } from "../../pipeline/engine_port.ts";
import type { Tensor } from "../../pipeline/tensor.ts";
import { lossTargets } from "./check_targets.ts";

const ids = (...data: number[]): Tensor => (
  { type: "int32", shape: [data.length], data: Int32Array.from(data) }
);
const numbers = (shape: readonly number[], ...data: number[]): Tensor => (
  { type: "float32", shape, data: Float32Array.from(data) }
);
const classes: Loss = { kind: "cross-entropy" };

Deno.test("lossTargets() spreads class ids over rows, and leaves numbers as they are", () => {
  const loss: Loss = { kind: "cross-entropy", ignoreIndex: 9, classWeights: [1, 3] };

  deepEqual([...lossTargets(loss, ids(1, 9, 0), [3, 2])], [0, 0.75, 0, 0, 0.25, 0]);
  deepEqual([...lossTargets({ kind: "huber" }, numbers([1, 2], -1, 5), [1, 2])], [-1, 5]);
});

const refused: Record<string, [Loss, Tensor, string, RegExp]> = {
  "a class that is none": [classes, ids(0, 2), "engine/bad-label", /row 1 is 2.*classes 0 to 1/],
  "a negative class": [classes, ids(-1, 0), "engine/bad-label", /row 0 is -1/],
  "classes as numbers": [classes, numbers([2], 0, 1), "engine/bad-batch", /must be int32 \[2\]/],
  "fewer classes than examples": [classes, ids(0), "engine/bad-batch", /int32 \[1\] and must be/],
  "a batch in which nobody counts": [
    { kind: "cross-entropy", ignoreIndex: 1 },
    ids(1, 1),
    "engine/bad-label",
    /no example of the batch counts/,
  ],
  "weights of other classes": [
    { kind: "cross-entropy", classWeights: [1, 1, 1] },
    ids(0, 1),
    "engine/bad-training-options",
    /3 class weights, and the model has 2 classes/,
  ],
  "a share above 1": [
    { kind: "binary-cross-entropy" },
    numbers([2, 2], 0, 1, 1, 1.5),
    "engine/bad-label",
    /row 1 is 1\.5.*between 0 and 1/,
  ],
  "a share that is no number": [
    { kind: "binary-cross-entropy" },
    numbers([2, 2], 0, NaN, 1, 1),
    "engine/bad-label",
    /row 0 is NaN/,
  ],
  "numbers for other examples": [
    { kind: "mean-squared-error" },
    numbers([4, 1], 1, 2, 3, 4),
    "engine/bad-batch",
    /float32 \[4,1\] and must be float32 \[2,2\]/,
  ],
  "whole numbers where real ones are wanted": [
    { kind: "mean-squared-error" },
    { type: "int32", shape: [2, 2], data: new Int32Array(4) },
    "engine/bad-batch",
    /int32 \[2,2\] and must be float32/,
  ],
};

for (const [title, [loss, targets, code, message]] of Object.entries(refused)) {
  Deno.test(`lossTargets() refuses ${title}`, () => {
    throws(() => lossTargets(loss, targets, [2, 2]), { code, message });
  });
}
