import type { CrossEntropyLoss, Loss } from "../../pipeline/engine_port.ts";
import { ExplainedError } from "../../pipeline/explained_error.ts";
import type { Tensor } from "../../pipeline/tensor.ts";
import { targetDistributions } from "./losses.ts";

/**
 * The targets of a batch as the loss wants them: of the same shape as the logits.
 *
 * @param shape Of the logits: `[examples, outputs]`.
 * @throws {ExplainedError} `engine/bad-batch` if type or shape are wrong, `engine/bad-label` if a class id is no class.
 */
export function lossTargets(
  loss: Loss,
  targets: Tensor,
  shape: readonly [number, number],
): Float32Array<ArrayBuffer> {
  if (targets?.data === undefined) throw missing(shape[0]);
  if (loss.kind === "cross-entropy") {
    return targetDistributions(checkedClassIds(loss, targets, shape), shape[1], loss);
  }
  const [examples, outputs] = shape;
  const fits = targets.data.length === examples * outputs && targets.shape[0] === examples;
  if (targets.type !== "float32" || !fits) throw misfit(targets, `float32 [${shape}]`);
  if (loss.kind === "binary-cross-entropy") {
    const at = targets.data.findIndex((item) => !(item >= 0 && item <= 1));
    if (at !== -1) {
      throw badLabel(Math.floor(at / outputs), targets.data[at]!, "a target lies between 0 and 1");
    }
  }
  return Float32Array.from(targets.data);
}

function checkedClassIds(
  { classWeights, ignoreIndex }: CrossEntropyLoss,
  targets: Tensor,
  [examples, classes]: readonly [number, number],
): Int32Array {
  if (targets.type !== "int32" || targets.shape.length !== 1 || targets.data.length !== examples) {
    throw misfit(targets, `int32 [${examples}]`);
  }
  if (classWeights !== undefined && classWeights.length !== classes) {
    throw new ExplainedError("engine/bad-training-options", {
      what: "Cannot weigh the classes",
      why: `there are ${classWeights.length} class weights, and the model has ${classes} classes`,
      fix: "Give one weight for each class",
    });
  }
  const row = targets.data.findIndex((id) => id !== ignoreIndex && (id < 0 || id >= classes));
  if (row !== -1) {
    throw badLabel(row, targets.data[row]!, `the model has the classes 0 to ${classes - 1}`);
  }
  if (targets.data.every((id) => id === ignoreIndex)) {
    throw badLabel(0, targets.data[0]!, "no example of the batch counts");
  }
  return targets.data;
}

function missing(examples: number): ExplainedError {
  return new ExplainedError("engine/bad-batch", {
    what: "Cannot give the targets to the loss",
    why: "the batch has none",
    fix: `Give the batch { inputs, targets }, with a target for each of its ${examples} examples`,
  });
}

function misfit(targets: Tensor, demand: string): ExplainedError {
  return new ExplainedError("engine/bad-batch", {
    what: "Cannot give the targets to the loss",
    why: `they are ${targets.type} [${targets.shape}] and must be ${demand}`,
    fix: "Give one target per example",
  });
}

function badLabel(row: number, found: number, rule: string): ExplainedError {
  return new ExplainedError("engine/bad-label", {
    what: "Cannot train on the batch",
    why: `the target of row ${row} is ${found}, and ${rule}`,
    fix: "Build the model for all classes of the data, or correct the label",
  });
}
