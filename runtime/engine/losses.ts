import type { Emit } from "./emit.ts";
import type { Value } from "./graph.ts";

/**
 * Cross-entropy of logits against target distributions, mean over the batch.
 *
 * L = -1/n * sum over examples and classes of target * log softmax(logits)
 *
 * @param logits `[batch, classes]`
 * @param targets `[batch, classes]`, see {@link targetDistributions}.
 * @returns A scalar.
 */
export function crossEntropy(g: Emit, logits: Value, targets: Value): Value {
  const total = g.sum(g.mul(targets, g.apply("LogSoftmax", [logits])), [0, 1], false);
  return g.mul(total, g.scalar(total, -1 / logits.shape[0]!));
}

/** How class ids become target distributions. */
export interface TargetOptions {
  readonly classes: number;
  /** Share of each target spread evenly over all classes, 0 to 1. */
  readonly labelSmoothing: number;
}

/**
 * One row per example: 1 - s at its class, plus s / classes everywhere (s is the label smoothing).
 *
 * @param classIds Whole numbers from 0 to classes - 1.
 * @returns `[batch, classes]`, row-major.
 */
export function targetDistributions(classIds: Int32Array, options: TargetOptions): Float32Array {
  const { classes, labelSmoothing } = options;
  const rows = new Float32Array(classIds.length * classes).fill(labelSmoothing / classes);
  classIds.forEach((id, row) => rows[row * classes + id]! += 1 - labelSmoothing);
  return rows;
}
