import type { Tensor, TensorData } from "../../pipeline/mod.ts";

/** Tensors by the name of a model's input or output. */
export type NamedTensors = Readonly<Record<string, Tensor>>;

/**
 * Puts batches one after the other along the first axis. All have the same names, types and other axes.
 *
 * @throws {RangeError} When they have not.
 */
export function stackTensors(batches: readonly NamedTensors[]): NamedTensors {
  const [first] = batches;
  if (first === undefined) throw new RangeError("Cannot stack no tensors");
  if (batches.length === 1) return first;
  return Object.fromEntries(
    Object.keys(first).map((name) => [name, stack(batches.map((batch) => batch[name]!))]),
  );
}

/** Cuts a batch along the first axis into parts of the given lengths. The parts share its memory. */
export function splitTensors(batch: NamedTensors, lengths: readonly number[]): NamedTensors[] {
  if (lengths.length === 1) return [batch];
  let start = 0;
  return lengths.map((length) => {
    const from = start;
    start += length;
    return Object.fromEntries(
      Object.entries(batch).map(([name, tensor]) => [name, slice(tensor, from, from + length)]),
    );
  });
}

/** A text that is equal for batches that may be stacked: names, types and all axes but the first. */
export function stackingKey(batch: NamedTensors): string {
  return Object.entries(batch)
    .map(([name, { type, shape }]) => `${name}:${type}[${shape.slice(1).join(",")}]`)
    .join(";");
}

function stack(tensors: readonly Tensor[]): Tensor {
  const [first] = tensors as readonly [Tensor, ...Tensor[]];
  const data = emptyData(first.type, tensors.reduce((sum, tensor) => sum + tensor.data.length, 0));
  let rows = 0;
  let at = 0;
  for (const tensor of tensors) {
    if (
      tensor.type !== first.type || tensor.shape.slice(1).join() !== first.shape.slice(1).join()
    ) {
      throw new RangeError(
        `Cannot stack ${tensor.type} [${tensor.shape}] on ${first.type} [${first.shape}]`,
      );
    }
    data.set(tensor.data as never, at);
    at += tensor.data.length;
    rows += tensor.shape[0]!;
  }
  return { type: first.type, shape: [rows, ...first.shape.slice(1)], data } as Tensor;
}

function slice(tensor: Tensor, from: number, to: number): Tensor {
  const width = tensor.shape.slice(1).reduce((product, axis) => product * axis, 1);
  return {
    type: tensor.type,
    shape: [to - from, ...tensor.shape.slice(1)],
    data: tensor.data.subarray(from * width, to * width),
  } as Tensor;
}

function emptyData(type: Tensor["type"], length: number): TensorData[Tensor["type"]] {
  if (type === "float32") return new Float32Array(length);
  return type === "int32" ? new Int32Array(length) : new BigInt64Array(length);
}
