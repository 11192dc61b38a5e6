import type { CrossEntropyLoss, Loss } from "../../pipeline/engine_port.ts";
import type { Emit } from "./emit.ts";
import type { Value } from "./graph.ts";
import { elementCount } from "./shape.ts";

/**
 * The graph of a loss.
 *
 * @param logits The model's output, `[batch, outputs]`.
 * @param targets As {@link lossTargets} makes them, of the same shape.
 * @returns A scalar, the mean over the batch.
 */
export function lossGraph(g: Emit, loss: Loss, logits: Value, targets: Value): Value {
  switch (loss.kind) {
    case "cross-entropy": // the mean is in the targets
      return g.neg(total(g, g.mul(targets, g.apply("LogSoftmax", [logits]))));
    case "binary-cross-entropy": // -t log s(x) - (1 - t) log(1 - s(x)) = log(1 + e^x) - t x
      return mean(g, g.sub(g.apply("Softplus", [logits]), g.mul(targets, logits)));
    case "mean-squared-error": {
      const error = g.sub(logits, targets);
      return mean(g, g.mul(error, error));
    }
    case "huber": { // e^2 / 2 within delta, delta * (|e| - delta / 2) outside
      const error = g.sub(logits, targets);
      const delta = loss.delta ?? 1;
      const near = g.apply("Clip", [error, g.scalar(error, -delta), g.scalar(error, delta)]);
      return mean(g, g.mul(near, g.sub(error, g.mul(near, g.scalar(near, 0.5)))));
    }
  }
}

function total(g: Emit, value: Value): Value {
  return g.sum(value, [...value.shape.keys()], false);
}

function mean(g: Emit, value: Value): Value {
  const sum = total(g, value);
  return g.mul(sum, g.scalar(sum, 1 / elementCount(value.shape)));
}

/**
 * Class ids as rows that cross-entropy multiplies with log probabilities: 1 - s at the class plus s / classes everywhere (s is
 * the label smoothing), times the weight of each class, divided by the weights of the batch's classes together.
 *
 * @param classIds Whole numbers from 0 to classes - 1, or the loss's `ignoreIndex`.
 * @returns `[batch, classes]`, row-major; NaN if no example counts.
 */
export function targetDistributions(
  classIds: Int32Array,
  classes: number,
  { labelSmoothing = 0, classWeights, ignoreIndex }: CrossEntropyLoss,
): Float32Array<ArrayBuffer> {
  const weightOf = (id: number): number => classWeights?.[id] ?? 1;
  const counted = classIds.filter((id) => id !== ignoreIndex);
  const whole = counted.reduce((sum, id) => sum + weightOf(id), 0);
  const rows = new Float32Array(classIds.length * classes);
  classIds.forEach((id, row) => {
    if (id === ignoreIndex) return;
    for (let c = 0; c < classes; c++) {
      const share = labelSmoothing / classes + (c === id ? 1 - labelSmoothing : 0);
      rows[row * classes + c] = share * weightOf(c) / whole;
    }
  });
  return rows;
}
