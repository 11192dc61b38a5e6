import { deepEqual, throws } from "node:assert/strict";
import type { Tensor } from "../../pipeline/mod.ts";
import { answersOf } from "./predict.ts";

function float32(shape: number[], data: number[]): Tensor {
  return { type: "float32", shape, data: Float32Array.from(data) };
}

Deno.test("answersOf() gives the most probable label of every row with all probabilities", () => {
  const probabilities = float32([2, 3], [0.25, 0.5, 0.25, 0.125, 0.125, 0.75]);

  deepEqual(answersOf(["a", "b", "c"], { probabilities }), [
    { label: "b", confidence: 0.5, probabilities: { a: 0.25, b: 0.5, c: 0.25 } },
    { label: "c", confidence: 0.75, probabilities: { a: 0.125, b: 0.125, c: 0.75 } },
  ]);
});

Deno.test("answersOf() shows no more digits than a float32 has", () => {
  const [answer] = answersOf(["a", "b"], { probabilities: float32([1, 2], [0.1, 0.9]) });

  deepEqual(answer!.probabilities, { a: 0.1, b: 0.9 });
});

Deno.test("answersOf() gives equal probabilities to the first label", () => {
  const [answer] = answersOf(["a", "b"], { probabilities: float32([1, 2], [0.5, 0.5]) });

  deepEqual(answer!.label, "a");
});

for (
  const { title, outputs } of [
    { title: "no probabilities", outputs: { logits: float32([1, 2], [1, 2]) } },
    { title: "another number of labels", outputs: { probabilities: float32([1, 3], [0, 0, 1]) } },
    {
      title: "another type",
      outputs: { probabilities: { ...float32([1, 2], [0, 1]), type: "int32" } },
    },
    { title: "NaN", outputs: { probabilities: float32([1, 2], [NaN, 1]) } },
  ]
) {
  Deno.test(`answersOf() refuses outputs with ${title}`, () => {
    throws(() => answersOf(["a", "b"], outputs as Record<string, Tensor>), {
      code: "serving/bad-output",
    });
  });
}
