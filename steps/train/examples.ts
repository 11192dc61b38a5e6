import type {
  Batch,
  DatasetHandle,
  Preprocessor,
  Row,
  StepContext,
  Tensor,
} from "../../pipeline/mod.ts";
import { rowChunks } from "../row_chunks.ts";

/** A split, ready to be cut into batches. */
export interface Examples {
  readonly count: number;
  /** Tensors by the name of the model's input; the first axis is the example. */
  readonly inputs: Readonly<Record<string, Tensor>>;
  /** Class ids. */
  readonly targets: Int32Array;
}

/** Rows that are encoded at once. */
const CHUNK = 1024;

/**
 * Encodes a whole split.
 *
 * @throws {ExplainedError} `preprocessing/bad-rows`, or `preprocessing/unknown-label` naming every label that
 * training did not see.
 */
export async function encodeExamples(
  context: StepContext,
  dataset: DatasetHandle,
  preprocessor: Preprocessor,
): Promise<Examples> {
  const { rowCount } = dataset.schema;
  const { column } = preprocessor.fitted.label;
  const labels: Row[] = [];
  const inputs: Record<string, Tensor> = {};
  for await (const { firstRow, rows } of rowChunks(context, dataset, CHUNK)) {
    labels.push(...rows.map((row) => ({ [column]: row[column] ?? null })));
    for (const [name, part] of Object.entries(preprocessor.encode(rows, { firstRow }))) {
      inputs[name] ??= emptyTensor(part, rowCount);
      copyExamples(part, inputs[name], firstRow);
    }
  }
  return { count: rowCount, inputs, targets: preprocessor.encodeLabels(labels).data as Int32Array };
}

/** The examples at these positions, as a batch. */
export function takeBatch({ inputs, targets }: Examples, places: Uint32Array): Batch {
  return {
    inputs: Object.fromEntries(
      Object.entries(inputs).map(([name, tensor]) => [name, takeRows(tensor, places)]),
    ),
    targets: {
      type: "int32",
      shape: [places.length],
      data: Int32Array.from(places, (place) => targets[place]!),
    },
  };
}

function emptyTensor({ type, shape }: Tensor, count: number): Tensor {
  const whole = [count, ...shape.slice(1)];
  const size = whole.reduce((product, axis) => product * axis, 1);
  switch (type) {
    case "float32":
      return { type, shape: whole, data: new Float32Array(size) };
    case "int32":
      return { type, shape: whole, data: new Int32Array(size) };
    case "int64":
      return { type, shape: whole, data: new BigInt64Array(size) };
  }
}

/** Numbers of one example. */
function widthOf({ shape }: Tensor): number {
  return shape.slice(1).reduce((product, axis) => product * axis, 1);
}

function copyExamples(from: Tensor, into: Tensor, firstRow: number): void {
  setData(into, from.data, firstRow * widthOf(into));
}

function takeRows(tensor: Tensor, places: Uint32Array): Tensor {
  const width = widthOf(tensor);
  const taken = emptyTensor(tensor, places.length);
  places.forEach((place, i) => {
    setData(taken, tensor.data.subarray(place * width, (place + 1) * width), i * width);
  });
  return taken;
}

/** Typed arrays of one tensor type copy only from their like; the types of both are equal here. */
function setData(into: Tensor, data: Tensor["data"], at: number): void {
  (into.data as Float32Array).set(data as Float32Array, at);
}
