import fc from "fast-check";
import { int } from "../graph.ts";
import type { OnnxModel, OnnxNode, OnnxTensor } from "../onnx/onnx_model.ts";

/** Operators that may follow a layer. */
export const LAYER_OPERATORS = ["Relu", "Gelu", "Sigmoid", "Tanh"] as const;

/** How the layers of a model are written down. */
export interface LayerOptions {
  readonly activation?: (typeof LAYER_OPERATORS)[number] | undefined;
  /** A product with a sum in one operator or two, with weights that lie the other way round, or without a bias. */
  readonly form?: "gemm" | "turned" | "matmul" | "no-bias";
  readonly softmax?: boolean;
  /** Where the numbers come from, from -1 to 1. */
  readonly next?: () => number;
}

/** A model of layers of these widths; it gives `logits` and, with a softmax, `probabilities`. */
export function layerModel(
  widths: readonly number[],
  { activation, form = "gemm", softmax = true, next = waves() }: LayerOptions = {},
): OnnxModel {
  const nodes: OnnxNode[] = [];
  const initializers = new Map<string, OnnxTensor>();
  const tensor = (name: string, shape: readonly number[], size: number): string => {
    const count = shape.reduce((product, axis) => product * axis, 1);
    initializers.set(name, {
      type: "float32",
      shape,
      data: Float32Array.from({ length: count }, () => size * next()),
    });
    return name;
  };
  const node = (op: string, inputs: string[], output: string, attributes = {}): string => {
    nodes.push({ name: "", op, domain: "", inputs, outputs: [output], attributes });
    return output;
  };
  let value = "features";
  for (let layer = 1; layer < widths.length; layer++) {
    const [inputs, outputs] = [widths[layer - 1]!, widths[layer]!];
    const isLast = layer === widths.length - 1;
    const name = isLast ? "logits" : `layer${layer}`;
    const size = Math.sqrt(3 / inputs);
    const shape = form === "turned" ? [outputs, inputs] : [inputs, outputs];
    const weights = tensor(`w${layer}`, shape, size);
    const bias = form === "no-bias" ? [] : [tensor(`b${layer}`, [outputs], 1)];
    if (form === "matmul") {
      value = node("Add", [node("MatMul", [value, weights], `product${layer}`), ...bias], name);
    } else {
      const attributes = form === "turned" ? { transB: int(1) } : {};
      value = node("Gemm", [value, weights, ...bias], name, attributes);
    }
    if (!isLast && activation !== undefined) value = node(activation, [value], `active${layer}`);
  }
  if (softmax) node("Softmax", [value], "probabilities");
  const info = (name: string, width: number) =>
    ({ name, type: "float32", shape: ["batch", width] }) as const;
  return {
    irVersion: 9,
    opsets: { "": 20 },
    metadata: {},
    graph: {
      ...{ name: "layers", nodes, initializers },
      inputs: [info("features", widths[0]!)],
      outputs: (softmax ? ["logits", "probabilities"] : ["logits"])
        .map((name) => info(name, widths.at(-1)!)),
    },
  };
}

/** Numbers that look drawn, the same every time. */
function waves(): () => number {
  let count = 0;
  return () => Math.sin(++count * 12.9898);
}

/** Any model of layers with a batch for it. */
export const layerCase: fc.Arbitrary<{
  readonly model: OnnxModel;
  /** Of the features: the error of a sum grows with its terms. */
  readonly size: number;
  readonly features: { type: "float32"; shape: number[]; data: Float32Array<ArrayBuffer> };
}> = fc.record({
  widths: fc.array(fc.integer({ min: 1, max: 70 }), { minLength: 2, maxLength: 4 }),
  rows: fc.integer({ min: 1, max: 5 }),
  activation: fc.constantFrom(undefined, ...LAYER_OPERATORS),
  form: fc.constantFrom("gemm", "turned", "matmul", "no-bias"),
  softmax: fc.boolean(),
  size: fc.constantFrom(1, 30),
}).map(({ widths, rows, size, ...options }) => {
  const next = waves();
  const model = layerModel(widths, { ...options, next });
  const data = Float32Array.from({ length: rows * widths[0]! }, () => size * next());
  return { model, size, features: { type: "float32", shape: [rows, widths[0]!], data } };
});
