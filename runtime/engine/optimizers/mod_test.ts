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

Deno.test("learningRateAt() stays where a cycle ended", () => {
  const at = (iteration: number) =>
    learningRateAt({ kind: "one-cycle", totalIterations: 10 }, 1, iteration);

  ok(Math.abs(at(10) - 1 / 25e4) < 1e-12);
  equal(at(11), at(10));
  equal(at(500), at(10));
});

/** The numbers of each rule that nobody chose, as PyTorch has them. */
const defaults = {
  adam: [0.9, 0.999, 1e-8, 0],
  adamw: [0.9, 0.999, 1e-8, 0],
  sgd: [],
  rmsprop: [0.99, 1 - 0.99, 1e-8],
  adagrad: [1, 1, 1e-10],
} as const;

for (const [kind, numbers] of Object.entries(defaults)) {
  Deno.test(`openOptimizer() has PyTorch's defaults for ${kind}`, () => {
    const rule = openOptimizer({ optimizer: { kind: kind as "adam", learningRate: 0.1 } });
    const scalars = rule.scalars(1, 0.1, [2, 2]);
    const first = kind.startsWith("adam") ? 3 : 1;

    deepEqual(scalars.slice(first, first + numbers.length), [...numbers]);
    if (kind === "adamw") equal(scalars[2], 1 - 0.1 * 0.01);
    if (kind === "adagrad") equal(scalars.length, 4);
    if (kind === "adagrad" || kind === "sgd") equal(scalars[0], 0.1);
  });
}

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
