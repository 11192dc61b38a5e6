import { equal, ok, throws } from "node:assert/strict";
import type { TrainingOptions } from "../../pipeline/engine_port.ts";
import { ExplainedError } from "../../pipeline/explained_error.ts";
import { checkTrainingOptions } from "./check_options.ts";

const options: TrainingOptions = {
  loss: { kind: "cross-entropy" },
  optimizer: { kind: "adamw", learningRate: 0.1 },
};

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
  "a negative class weight": [
    { loss: { kind: "cross-entropy", classWeights: [1, -1] } },
    /weight of class 1 is -1/,
  ],
  "a delta of 0": [
    { loss: { kind: "huber", delta: 0 } },
    /delta is 0 and must be finite and above 0/,
  ],
  "a clip norm of 0": [{ clipNorm: 0 }, /clipNorm is 0/],
  "an average that never moves": [{ averageDecay: 1 }, /averageDecay is 1/],
  "an average of embeddings that mostly stand still": [
    { averageDecay: 0.9, sparseEmbeddings: true },
    /averageDecay moves all rows/,
  ],
  "a cache of less than nothing": [
    { frozenCache: { folder: ".", maxBytes: -1 } },
    /frozenCache\.maxBytes is -1/,
  ],
  "half a seed": [{ seed: 0.5 }, /seed is 0\.5/],
  "a group that learns backwards": [
    { groups: [{ weights: ["*"], learningRateFactor: -1 }] },
    /learningRateFactor is -1/,
  ],
  "a cycle that only rises": [
    { schedule: { kind: "one-cycle", rise: 1, totalIterations: 10 } },
    /rise is 1/,
  ],
  "no iterations": [{ schedule: { kind: "cosine", totalIterations: 0 } }, /totalIterations is 0/],
  "iterations that are no number": [
    { schedule: { kind: "one-cycle", totalIterations: NaN } },
    /totalIterations is NaN/,
  ],
  "a loss that there is not": [
    { loss: { kind: "crossentropy" } as unknown as TrainingOptions["loss"] },
    /loss\.kind is "crossentropy" and must be one of .*did you mean "cross-entropy"/,
  ],
  "a loss that is a word": [
    { loss: "huber" as unknown as TrainingOptions["loss"] },
    /loss is "huber" and must be \{ kind: … \}/,
  ],
  "no loss": [
    { loss: undefined as unknown as TrainingOptions["loss"] },
    /loss is undefined and must be/,
  ],
  "an optimizer that there is not": [
    { optimizer: { kind: "adm", learningRate: 1 } as unknown as TrainingOptions["optimizer"] },
    /optimizer\.kind is "adm".*did you mean "adam"/,
  ],
  "a learning rate by another name": [
    { optimizer: { kind: "adam", lr: 1 } as unknown as TrainingOptions["optimizer"] },
    /optimizer has no "lr"[^]*optimizer\.learningRate is missing/,
  ],
  "a learning rate that is a word": [
    { optimizer: { kind: "adam", learningRate: "0.1" } as unknown as TrainingOptions["optimizer"] },
    /learningRate is 0\.1 and must be finite/,
  ],
  "a schedule that there is not": [
    { schedule: { kind: "cosin", totalIterations: 3 } as unknown as { kind: "constant" } },
    /schedule\.kind is "cosin".*did you mean "cosine"/,
  ],
  "a number of another optimizer": [
    { optimizer: { kind: "sgd", learningRate: 1, beta1: 0.5 } as TrainingOptions["optimizer"] },
    /optimizer has no "beta1"/,
  ],
  "an option that there is not": [
    { clip_norm: 1 } as Partial<TrainingOptions>,
    /options has no "clip_norm" \(did you mean "clipNorm"/,
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
