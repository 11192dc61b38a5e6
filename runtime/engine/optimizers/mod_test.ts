import { deepEqual, equal, ok, throws } from "node:assert/strict";
import type { TrainingOptions } from "../../../pipeline/engine_port.ts";
import { ExplainedError } from "../../../pipeline/explained_error.ts";
import { checkTrainingOptions, learningRateAt, openOptimizer } from "./mod.ts";

const options: TrainingOptions = {
  loss: { kind: "cross-entropy" },
  optimizer: { kind: "adamw", learningRate: 0.1 },
};

Deno.test("learningRateAt() rises in a line and then falls along the schedule", () => {
  const at = (kind: "linear" | "cosine", iteration: number) =>
    learningRateAt({ kind, warmup: 4, totalIterations: 12 }, 8, iteration);

  deepEqual([1, 2, 4, 5].map((i) => at("linear", i)), [2, 4, 8, 8]);
  deepEqual([9, 12, 13, 99].map((i) => at("linear", i)), [4, 1, 0, 0]);
  ok(Math.abs(at("cosine", 9) - 4) < 1e-12);
  equal(at("cosine", 13), 0);
  equal(learningRateAt({ kind: "constant" }, 8, 1000), 8);
});

Deno.test("adamw decays matrices and leaves biases alone", () => {
  const optimizer = openOptimizer({ kind: "adamw", learningRate: 0.1, weightDecay: 0.5 });
  const still = (shape: readonly number[]) => {
    const weight = Float32Array.of(2);
    const arrays = {
      weight,
      gradient: Float32Array.of(0),
      slots: [new Float32Array(1), new Float32Array(1)],
    };
    optimizer.update(arrays, optimizer.scalars(1, 0.1, shape));
    return weight[0]!;
  };

  equal(still([1]), 2);
  equal(still([1, 1]), Math.fround(1.9)); // 2 * (1 - 0.1 * 0.5)
});

const refused: Record<string, [Partial<TrainingOptions>, RegExp]> = {
  "a learning rate of NaN": [
    { optimizer: { kind: "sgd", learningRate: NaN } },
    /learningRate is NaN/,
  ],
  "an endless learning rate": [
    { optimizer: { kind: "sgd", learningRate: Infinity } },
    /learningRate is Infinity/,
  ],
  "a negative momentum": [
    { optimizer: { kind: "sgd", learningRate: 1, momentum: -1 } },
    /momentum is -1/,
  ],
  "a beta of 1": [{ optimizer: { kind: "adamw", learningRate: 1, beta1: 1 } }, /beta1 is 1/],
  "smoothing of everything": [
    { loss: { kind: "cross-entropy", labelSmoothing: 1 } },
    /labelSmoothing is 1/,
  ],
  "a warm-up as long as the training": [
    { schedule: { kind: "linear", warmup: 10, totalIterations: 10 } },
    /warmup is 10/,
  ],
};

for (const [title, [change, text]] of Object.entries(refused)) {
  Deno.test(`checkTrainingOptions() refuses ${title}`, () => {
    throws(() => checkTrainingOptions({ ...options, ...change }), (error) => {
      ok(error instanceof ExplainedError);
      equal(error.code, "engine/bad-training-options");
      ok(text.test(error.message), error.message);
      return true;
    });
  });
}
