import type { TrainingOptions } from "../../pipeline/mod.ts";
import type { TrainParams } from "./train_params.ts";

/** What the engine is told: the params of the step, with shares of the whole as iterations. */
export function trainingOptions(params: TrainParams, totalIterations: number): TrainingOptions {
  const { optimizer, learning_rate: learningRate, weight_decay, momentum } = params;
  return {
    seed: params.seed,
    loss: { kind: "cross-entropy", labelSmoothing: params.label_smoothing },
    optimizer: optimizer === "adamw"
      ? {
        kind: "adamw",
        learningRate,
        ...weight_decay === undefined ? {} : { weightDecay: weight_decay },
      }
      : { kind: "sgd", learningRate, ...momentum === undefined ? {} : { momentum } },
    schedule: params.schedule === "constant" ? { kind: "constant" } : {
      kind: params.schedule,
      warmup: Math.round(params.warmup * totalIterations),
      totalIterations,
    },
  };
}
