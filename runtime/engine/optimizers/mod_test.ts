import { deepEqual, equal, ok } from "node:assert/strict";
import {
  learningRateAt,
  openElementLoop,
  openOptimizer,
  updateRule,
  updateScalars,
} from "./mod.ts";

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
  const optimizer = openOptimizer({
    optimizer: { kind: "adamw", learningRate: 0.1, weightDecay: 0.5 },
  });
  const { names, rule } = updateRule(optimizer);
  const loop = openElementLoop(names, rule);
  const still = (shape: readonly number[]) => {
    const arrays = [2, 0, 0, 0].map((item) => Float32Array.of(item));
    loop(arrays, updateScalars(optimizer.scalars(1, 0.1, shape), 1));
    return arrays[0]![0]!;
  };

  equal(still([1]), 2);
  equal(still([1, 1]), Math.fround(1.9)); // 2 * (1 - 0.1 * 0.5)
});
