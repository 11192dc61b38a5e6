import { ExplainedError, listProblems } from "../../pipeline/explained_error.ts";
import { didYouMean } from "../../pipeline/nearest_name.ts";
import type { Tensor } from "../../pipeline/tensor.ts";
import type { DeviceTensor } from "./device/device.ts";
import type { OnnxValueInfo } from "./onnx/onnx_model.ts";
import { elementCount } from "./shape.ts";
import type { Lookup } from "./device_graph.ts";

/**
 * Refuses tensors that do not fit a model's inputs.
 *
 * @throws {ExplainedError} `engine/bad-batch`, with every problem.
 */
export function checkTensors(
  inputs: readonly OnnxValueInfo[],
  tensors: Readonly<Record<string, Tensor>>,
): void {
  const known = inputs.map(({ name }) => name);
  const problems = Object.keys(tensors)
    .filter((name) => !known.includes(name))
    .map((name) => `the model has no input "${name}"${didYouMean(name, known)}`);
  const named = new Map<string, number>();
  for (const info of inputs) {
    const tensor = Object.hasOwn(tensors, info.name) ? tensors[info.name] : undefined;
    if (tensor === undefined) problems.push(`the input "${info.name}" is missing`);
    else problems.push(...misfits(info, tensor, named));
  }
  if (problems.length === 0) return;
  throw new ExplainedError("engine/bad-batch", {
    what: "Cannot give the batch to the model",
    why: listProblems(problems),
    fix: `Give ${
      inputs.map(({ name, type, shape }) => `${name}: ${type} [${shape ?? "…"}]`).join(", ")
    }`,
  });
}

const arrays = { float32: Float32Array, int32: Int32Array, int64: BigInt64Array } as const;

function misfits(
  { name, type, shape }: OnnxValueInfo,
  tensor: Tensor,
  named: Map<string, number>,
): string[] {
  if (tensor.type !== type) return [`"${name}" is ${tensor.type} and must be ${type}`];
  const { name: array } = arrays[tensor.type];
  if (!(tensor.data instanceof arrays[tensor.type])) {
    return [`"${name}" has data of another type than ${array}, which ${type} wants`];
  }
  if (elementCount(tensor.shape) !== tensor.data.length) {
    return [
      `"${name}" has ${tensor.data.length} elements, its shape [${tensor.shape}] says ${
        elementCount(tensor.shape)
      }`,
    ];
  }
  if (tensor.data.length === 0) return [`"${name}" is empty`];
  if (shape === undefined) return [];
  const fits = shape.length === tensor.shape.length &&
    shape.every((axis, i) => typeof axis === "string" || axis === tensor.shape[i]);
  if (!fits) return [`"${name}" is [${tensor.shape}] and must be [${shape}]`];
  return shape.flatMap((axis, i) => {
    if (typeof axis === "number") return [];
    const length = tensor.shape[i]!;
    const other = named.get(axis) ?? length;
    named.set(axis, other);
    return length === other
      ? []
      : [`"${name}" has ${length} along "${axis}", another input has ${other}`];
  });
}

/**
 * Refuses ids that are no rows of the table they are looked up in.
 *
 * @throws {ExplainedError} `engine/bad-id`
 */
export function checkLookup(
  { input, rows }: Lookup,
  { data, shape }: DeviceTensor,
  iteration: number,
): void {
  for (let i = 0; i < data.length; i++) {
    const id = Number(data[i]);
    if (id >= -rows && id < rows) continue;
    throw new ExplainedError("engine/bad-id", {
      what: `Cannot do iteration ${iteration} of the training`,
      why: `"${input}" holds ${id} in row ${
        Math.floor(i / elementCount(shape.slice(1)))
      }, and its table has ${rows} rows`,
      fix: "Make the ids with the vocabulary that the model was made for",
    });
  }
}

/** `"features" holds NaN in row 3`, or `undefined` when every real number is finite. */
export function describeNonFinite(tensors: Readonly<Record<string, Tensor>>): string | undefined {
  for (const [name, { type, shape, data }] of Object.entries(tensors)) {
    if (type !== "float32") continue;
    const at = data.findIndex((item) => !Number.isFinite(item));
    if (at !== -1) {
      return `"${name}" holds ${data[at]} in row ${Math.floor(at / elementCount(shape.slice(1)))}`;
    }
  }
  return undefined;
}
