import type { OnnxFiles, StepContext, Tensor } from "../../pipeline/mod.ts";
import { likeliest } from "../evaluate/predictions.ts";
import { orderedBatches } from "./batches.ts";
import type { Examples } from "./examples.ts";

/** How good a model is on the validation split. */
export interface ValidationScores {
  /** Mean cross-entropy in nats, without label smoothing. */
  readonly validation_loss: number;
  /** Share of right answers, 0 to 1. */
  readonly validation_accuracy: number;
}

/** Examples that are predicted at once. */
const BATCH = 1024;

/** Scores a trained model on a split. @param model With an output `logits`. */
export async function validationScores(
  { engine, signal }: Pick<StepContext, "engine" | "signal">,
  { onnx, externalData }: OnnxFiles,
  examples: Examples,
): Promise<ValidationScores> {
  await using session = await engine.openInference(onnx, externalData);
  const scores = openScores();
  for (const { inputs, targets } of orderedBatches(examples, BATCH)) {
    signal.throwIfAborted();
    scores.add((await session.run(inputs)).logits!, targets.data as Int32Array);
  }
  return scores.mean();
}

/** Gathers the scores of a split batch by batch. */
export interface ScoreSum {
  /** @param logits `[batch, classes]` @param targets Class ids. */
  add(logits: Tensor, targets: Int32Array): void;
  mean(): ValidationScores;
}

/** Begins with no example. */
export function openScores(): ScoreSum {
  let loss = 0;
  let right = 0;
  let count = 0;
  return {
    add({ shape, data }, targets) {
      const logits = data as Float32Array;
      const classes = shape[1]!;
      targets.forEach((target, i) => {
        loss += crossEntropy(logits, i * classes, { classes, target });
        if (likeliest(logits, i * classes, classes) === target) right++;
      });
      count += targets.length;
    },
    mean: () => ({ validation_loss: loss / count, validation_accuracy: right / count }),
  };
}

/** `log(sum(exp(logits))) - logits[target]`, safe from overflow. */
function crossEntropy(
  logits: Float32Array,
  at: number,
  { classes, target }: { readonly classes: number; readonly target: number },
): number {
  let top = -Infinity;
  for (let id = 0; id < classes; id++) top = Math.max(top, logits[at + id]!);
  let whole = 0;
  for (let id = 0; id < classes; id++) whole += Math.exp(logits[at + id]! - top);
  return top + Math.log(whole) - logits[at + target]!;
}
