import { ExplainedError, listProblems } from "../../pipeline/explained_error.ts";
import type { OnnxTensor } from "./onnx/onnx_model.ts";
import { readSafetensors, type SafetensorsFile, writeSafetensors } from "./safetensors.ts";

/** Everything that training goes on from. */
export interface Checkpoint {
  /** SHA-256 of the model file that training began with. */
  readonly model: string;
  /** Kind of the optimizer whose state it holds. */
  readonly optimizer: string;
  /** Iterations done. */
  readonly iteration: number;
  /** Weights and optimizer slots: `weight/<name>`, `slot:<slot>/<name>`. */
  readonly tensors: ReadonlyMap<string, OnnxTensor>;
}

const FORMAT = "hanok-checkpoint-1";

/** Writes a checkpoint as a safetensors file; the same state gives the same bytes. */
export function writeCheckpoint(checkpoint: Checkpoint): Uint8Array<ArrayBuffer> {
  const { model, optimizer, iteration, tensors } = checkpoint;
  return writeSafetensors(tensors, {
    format: FORMAT,
    model,
    optimizer,
    iteration: String(iteration),
  });
}

/**
 * Reads a checkpoint.
 *
 * @param expected What the session that reads it is training.
 * @throws {ExplainedError} `engine/bad-checkpoint` if it is damaged, or of another model, optimizer or choice of weights.
 */
export function readCheckpoint(
  bytes: Uint8Array,
  expected: { model: string; optimizer: string; tensors: ReadonlyMap<string, readonly number[]> },
): Checkpoint {
  const { tensors, metadata } = readFile(bytes);
  const { format, model = "", optimizer = "", iteration = "" } = metadata;
  if (format !== FORMAT) throw refused(`it says format "${format ?? ""}", not "${FORMAT}"`);
  const problems: string[] = [];
  if (model !== expected.model) {
    problems.push(`it is of the model ${model.slice(0, 12)}, not ${expected.model.slice(0, 12)}`);
  }
  if (optimizer !== expected.optimizer) {
    problems.push(`it is of the optimizer ${optimizer}, not ${expected.optimizer}`);
  }
  if (!/^\d{1,15}$/.test(iteration)) problems.push(`its iteration is "${iteration}"`);
  for (const [name, shape] of expected.tensors) {
    const found = tensors.get(name);
    if (found === undefined) problems.push(`${name} is missing`);
    else if (found.type !== "float32" || found.shape.join() !== shape.join()) {
      problems.push(`${name} is ${found.type} [${found.shape}], not float32 [${shape}]`);
    }
  }
  for (const name of tensors.keys()) {
    if (!expected.tensors.has(name)) problems.push(`${name} is not trained here`);
  }
  if (problems.length > 0) throw refused(listProblems(problems));
  return { model, optimizer, iteration: Number(iteration), tensors };
}

function readFile(bytes: Uint8Array): SafetensorsFile {
  try {
    return readSafetensors(bytes);
  } catch (cause) {
    if (!(cause instanceof ExplainedError)) throw cause;
    throw refused(`it is damaged: ${cause.why}`, cause);
  }
}

function refused(why: string, cause?: unknown): ExplainedError {
  return new ExplainedError("engine/bad-checkpoint", {
    what: "Cannot go on from the checkpoint",
    why,
    fix: "Give a checkpoint of this very model and optimizer, or start anew without one",
    cause,
  });
}
