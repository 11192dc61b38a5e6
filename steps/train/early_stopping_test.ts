import { deepEqual, equal } from "node:assert/strict";
import {
  betterEpoch,
  type ScoredEpoch,
  shouldStop,
  type ValidationMetric,
} from "./early_stopping.ts";

function bestOf(values: readonly number[], metric: ValidationMetric): number {
  let best: ScoredEpoch | undefined;
  values.forEach((value, i) => {
    const other = { validation_loss: 0, validation_accuracy: 0 };
    best = betterEpoch(best, { epoch: i + 1, ...other, [metric]: value }, metric);
  });
  return best!.epoch;
}

Deno.test("betterEpoch() takes the smallest loss and the largest accuracy, the earlier of equals", () => {
  equal(bestOf([3, 1, 2, 1], "validation_loss"), 2);
  equal(bestOf([0.3, 0.9, 0.2, 0.9], "validation_accuracy"), 2);
});

Deno.test("betterEpoch() takes any number over NaN", () => {
  equal(bestOf([NaN, 5, NaN, 6], "validation_loss"), 2);
  equal(bestOf([NaN, NaN], "validation_accuracy"), 2);
});

Deno.test("shouldStop() waits as many epochs as patience says", () => {
  const best = { epoch: 4, validation_loss: 1, validation_accuracy: 1 };
  const stopping = { patience: 2, metric: "validation_loss" } as const;

  deepEqual([4, 5, 6, 7].map((epoch) => shouldStop(best, epoch, stopping)), [
    false,
    false,
    true,
    true,
  ]);
  equal(shouldStop(best, 100, null), false);
});
