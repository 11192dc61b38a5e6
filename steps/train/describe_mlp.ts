import { grouped } from "../grouped.ts";
import type { TrainedEpoch } from "./training_loop.ts";
import type { TrainParams } from "./train_params.ts";

/** What a trained multi-layer perceptron is, for its card. */
export function describeMlp(params: TrainParams, epoch: TrainedEpoch): string {
  const { architecture: { hidden, activation = "relu", dropout = 0 } } = params;
  const layers = hidden.length === 0
    ? "Multinomial logistic regression"
    : `Multi-layer perceptron with hidden layers of ${hidden.join(", ")} units (${
      [activation, ...dropout === 0 ? [] : [`dropout ${dropout}`]].join(", ")
    })`;
  return `${layers}, trained with ${params.optimizer} in batches of ${params.batch_size}; ` +
    `the weights are those after epoch ${epoch.epoch} (${
      grouped(epoch.iteration)
    } iterations), seed ${params.seed}.`;
}
