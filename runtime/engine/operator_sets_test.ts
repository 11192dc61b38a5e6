import { deepEqual, ok } from "node:assert/strict";
import type { InferenceSession } from "onnxruntime-node";
import { importOrtNode } from "./device/ort_packages.ts";
import { evaluate } from "./evaluate.ts";
import { float, int, ints, string, type Value } from "./graph.ts";
import type { OnnxAttributes, OnnxModel, OnnxTensor } from "./onnx/onnx_model.ts";
import { writeModel } from "./onnx/write_model.ts";
import { emit, operators } from "./operators/mod.ts";
import { prepareModel } from "./prepare_model.ts";
import { elementCount, type Shape } from "./shape.ts";
import { traceModel } from "./trace_model.ts";
import { collectTrainingModes } from "./training_modes.ts";

/** How a node is written from one operator set on, up to another. */
interface Form {
  readonly op: string;
  readonly from: number;
  readonly to?: number;
  /** Of x, which is real. @default [2, 3, 4] */
  readonly shape?: Shape;
  readonly attributes?: OnnxAttributes;
  /** Inputs behind x; `undefined` is left out. */
  readonly more?: readonly (OnnxTensor | undefined)[];
  readonly outputs?: number;
}

function whole(...numbers: number[]): OnnxTensor {
  return { type: "int64", shape: [numbers.length], data: BigInt64Array.from(numbers, BigInt) };
}

function real(shape: Shape, ...numbers: number[]): OnnxTensor {
  return { type: "float32", shape, data: Float32Array.from(numbers) };
}

const yes: OnnxTensor = { type: "bool", shape: [], data: Uint8Array.of(0) };
const image = [1, 2, 5, 4];
const pool = { kernel_shape: ints([2, 3]), strides: ints([2, 1]) };
const norm = [1, 2, 3, 4].map((k) => real([3], k / 2, 0.3 * k, 1));

/** What changed between the operator sets, before and after. */
const forms: Readonly<Record<string, Form>> = {
  ...Object.fromEntries(
    ["L1", "L2", "LogSumExp", "Max", "Mean", "Min", "SumSquare", "Prod"].flatMap((name) => [
      [`Reduce${name} with an attribute`, {
        ...{ op: `Reduce${name}`, from: 11, to: 17 },
        attributes: { axes: ints([-1, 0]), keepdims: int(0) },
      }],
      [`Reduce${name} with an input`, {
        ...{ op: `Reduce${name}`, from: 18, more: [whole(-1, 0)] },
        attributes: { keepdims: int(0) },
      }],
      [`Reduce${name} of all`, { op: `Reduce${name}`, from: 11 }],
    ]),
  ),
  "ReduceSum with an attribute": {
    ...{ op: "ReduceSum", from: 11, to: 12, attributes: { axes: ints([1]) } },
  },
  "ReduceSum with an input": { op: "ReduceSum", from: 13, more: [whole(1)] },
  "ReduceSum of nothing": {
    ...{ op: "ReduceSum", from: 13, attributes: { noop_with_empty_axes: int(1) } },
  },
  "Squeeze with an attribute": {
    ...{ op: "Squeeze", from: 11, to: 12, shape: [1, 3, 1], attributes: { axes: ints([0]) } },
  },
  "Squeeze with an input": { op: "Squeeze", from: 13, shape: [1, 3, 1], more: [whole(-1)] },
  "Squeeze of all": { op: "Squeeze", from: 11, shape: [1, 3, 1] },
  "Unsqueeze with an attribute": {
    ...{ op: "Unsqueeze", from: 11, to: 12, attributes: { axes: ints([0, -1]) } },
  },
  "Unsqueeze with an input": { op: "Unsqueeze", from: 13, more: [whole(0, -1)] },
  "Split with an attribute": {
    ...{ op: "Split", from: 11, to: 12, outputs: 2 },
    attributes: { axis: int(2), split: ints([1, 3]) },
  },
  "Split into equal parts": { op: "Split", from: 11, to: 17, outputs: 2 },
  "Split with an input": {
    ...{ op: "Split", from: 13, outputs: 2, attributes: { axis: int(-1) }, more: [whole(1, 3)] },
  },
  "Split by number, the last part smaller": {
    ...{ op: "Split", from: 18, outputs: 3, shape: [2, 7] },
    attributes: { axis: int(1), num_outputs: int(3) },
  },
  "Softmax": { op: "Softmax", from: 11 },
  "Softmax of the first axis": { op: "Softmax", from: 11, attributes: { axis: int(0) } },
  "LogSoftmax": { op: "LogSoftmax", from: 11 },
  "LogSoftmax of the second axis": { op: "LogSoftmax", from: 11, attributes: { axis: int(-2) } },
  "Clip": { op: "Clip", from: 11, more: [undefined, real([], 0.5)] },
  "Pad": { op: "Pad", from: 11, more: [whole(0, 1, 0, 2, 0, -1), real([], 0.5)] },
  "Pad of some axes": { op: "Pad", from: 18, more: [whole(1, 2), undefined, whole(-1)] },
  "Pad reflect": {
    ...{ op: "Pad", from: 11, shape: [2, 3], attributes: { mode: string("reflect") } },
    more: [whole(0, 2, 1, 1)],
  },
  "Pad edge": {
    ...{ op: "Pad", from: 11, attributes: { mode: string("edge") } },
    more: [whole(1, 0, 0, 0, 2, 3)],
  },
  "Pad wrap": {
    ...{ op: "Pad", from: 19, attributes: { mode: string("wrap") } },
    more: [whole(1, 0, 0, 0, 2, 3)],
  },
  "Dropout with an attribute": {
    op: "Dropout",
    from: 11,
    to: 11,
    attributes: { ratio: float(0.3) },
  },
  "Dropout with inputs": { op: "Dropout", from: 12, more: [real([], 0.3), yes] },
  "BatchNormalization": { op: "BatchNormalization", from: 11, more: norm },
  "LayerNormalization": {
    ...{ op: "LayerNormalization", from: 17, attributes: { epsilon: float(0.1) } },
    more: [real([4], 1, 2, 3, 4), real([4], 4, 3, 2, 1)],
  },
  "GroupNormalization with a number for each group": {
    ...{ op: "GroupNormalization", from: 18, to: 20, shape: [2, 4, 3] },
    attributes: { num_groups: int(2), epsilon: float(0.01) },
    more: [real([2], 2, -1), real([2], 0.5, 3)],
  },
  "GroupNormalization with a number for each channel": {
    ...{ op: "GroupNormalization", from: 21, shape: [2, 4, 3] },
    attributes: { num_groups: int(2), epsilon: float(0.01) },
    more: [real([4], 2, -1, 1, 3), real([4], 0.5, 3, 1, 0)],
  },
  "Shape": { op: "Shape", from: 11 },
  "Shape of a part": { op: "Shape", from: 15, attributes: { start: int(-2), end: int(9) } },
  "Reshape": { op: "Reshape", from: 11, more: [whole(0, -1)] },
  "Flatten": { op: "Flatten", from: 11, attributes: { axis: int(-1) } },
  "Slice": { op: "Slice", from: 11, more: [whole(-1, 0), whole(-9, 2), whole(2, 0), whole(-2, 1)] },
  "Gather": { op: "Gather", from: 11, attributes: { axis: int(1) }, more: [whole(-1, 0)] },
  "Expand": { op: "Expand", from: 11, shape: [3, 1], more: [whole(2, 1, 4)] },
  "Tile": { op: "Tile", from: 11, more: [whole(1, 2, 1)] },
  "Pow of a whole number": { op: "Pow", from: 12, more: [whole(2)] },
  "Gemm of two": { op: "Gemm", from: 11, shape: [2, 3], more: [real([3, 1], 1, 2, 3)] },
  "Einsum": {
    ...{ op: "Einsum", from: 12, shape: [2, 3], attributes: { equation: string("...a,a->...") } },
    more: [real([3], 1, 2, 3)],
  },
  "MaxPool": { op: "MaxPool", from: 11, shape: image, attributes: { ...pool, ceil_mode: int(1) } },
  "MaxPool at equal size": {
    ...{ op: "MaxPool", from: 11, shape: image },
    attributes: { ...pool, auto_pad: string("SAME_LOWER") },
  },
  "MaxPool without padding": {
    ...{ op: "MaxPool", from: 11, shape: image },
    attributes: { ...pool, auto_pad: string("VALID") },
  },
  "AveragePool": {
    ...{ op: "AveragePool", from: 11, shape: image },
    attributes: { ...pool, pads: ints([0, 1, 1, 0]), count_include_pad: int(1) },
  },
  "AveragePool in ceil mode": {
    ...{ op: "AveragePool", from: 19, shape: image },
    attributes: { ...pool, ceil_mode: int(1) },
  },
  "AveragePool in ceil mode with padding": {
    ...{ op: "AveragePool", from: 19, shape: image },
    attributes: { ...pool, ceil_mode: int(1), count_include_pad: int(1), pads: ints([0, 1, 0, 0]) },
  },
  "AveragePool with gaps": {
    ...{ op: "AveragePool", from: 19, shape: image },
    attributes: { kernel_shape: ints([2, 2]), dilations: ints([2, 3]) },
  },
  "Conv at equal size": {
    ...{ op: "Conv", from: 11, shape: [1, 1, 5], attributes: { auto_pad: string("SAME_UPPER") } },
    more: [real([1, 1, 2], 1, -2)],
  },
  "Cast": { op: "Cast", from: 11, attributes: { to: int(7) } },
  "CumSum": { op: "CumSum", from: 11, more: [whole(1)], attributes: { reverse: int(1) } },
  "Trilu": { op: "Trilu", from: 14, attributes: { upper: int(0) } },
  "Gelu": { op: "Gelu", from: 20, attributes: { approximate: string("tanh") } },
  "Mish": { op: "Mish", from: 18 },
  "HardSwish": { op: "HardSwish", from: 14 },
  "ArgMax": { op: "ArgMax", from: 12, attributes: { axis: int(1), select_last_index: int(1) } },
  "Identity": { op: "Identity", from: 11 },
};

function modelOf(
  { op, shape = [2, 3, 4], attributes = {}, more = [], outputs = 1 }: Form,
  opset: number,
): OnnxModel {
  const type = op === "Shape" || op === "Cast" || op === "ArgMax" ? "int64" : "float32";
  const ys = Array.from({ length: outputs }, (_, i) => `y${i}`);
  return {
    ...{ irVersion: opset < 21 ? 8 : 10, opsets: { "": opset }, metadata: {} },
    graph: {
      name: op,
      nodes: [{
        ...{ name: op, op, domain: "", outputs: ys, attributes },
        inputs: ["x", ...more.map((tensor, i) => tensor === undefined ? "" : `more${i}`)],
      }],
      initializers: new Map(
        more.flatMap((tensor, i) => tensor === undefined ? [] : [[`more${i}`, tensor]]),
      ),
      inputs: [{ name: "x", type: "float32", shape }],
      outputs: ys.map((name) => ({ name, type, shape: undefined })),
    },
  };
}

const ort = await importOrtNode();

async function withOnnxruntime(
  model: OnnxModel,
  x: Float32Array,
  shape: Shape,
): Promise<InferenceSession.ReturnType> {
  const session = await ort.InferenceSession.create(writeModel(model));
  try {
    return await session.run({ x: new ort.Tensor("float32", x, shape) });
  } finally {
    await session.release();
  }
}

for (const [title, form] of Object.entries(forms)) {
  const { from, to = 21, shape = [2, 3, 4] } = form;
  Deno.test(`${title} means what it means to onnxruntime, in operator sets ${from} to ${to}`, async () => {
    const x = Float32Array.from({ length: elementCount(shape) }, (_, i) => Math.sin(3 * i) * 2);
    for (let opset = from; opset <= to; opset++) {
      const model = modelOf(form, opset);
      const expected = await withOnnxruntime(model, x, shape);

      const traced = traceModel(emit, prepareModel(model), {
        shapes: new Map([["x", shape]]),
        given: new Set(),
        replace: collectTrainingModes(new Set()).replace, // nothing is trained: as in inference
      });
      const ys = [...traced.outputs];
      const given = new Map([[traced.inputs.get("x")! as Value, x]]);
      const found = evaluate(operators, ys.map(([, value]) => value), given);

      ys.forEach(([name, { shape }], i) => {
        deepEqual(shape, [...expected[name]!.dims], `shape in operator set ${opset}`);
        const numbers = Array.from<number | bigint, number>(
          expected[name]!.data as Float32Array | BigInt64Array,
          Number,
        );
        found[i]!.forEach((item, at) =>
          ok(
            Math.abs(item - numbers[at]!) <= 1e-5 * (1 + Math.abs(item)),
            `${name}[${at}] is ${item} and not ${numbers[at]} in operator set ${opset}`,
          )
        );
      });
    }
  });
}
