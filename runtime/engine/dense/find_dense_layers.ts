import { numberAttribute, stringAttribute } from "../graph.ts";
import type { OnnxGraph, OnnxModel, OnnxNode, OnnxTensor } from "../onnx/onnx_model.ts";

/** What is done to each sum of a layer. */
export type Activation = "none" | "relu" | "gelu" | "sigmoid" | "tanh";

/** `activation(inputs * weights + bias)`. */
export interface DenseLayer {
  /** `[inputs, outputs]`, row by row. */
  readonly weights: Float32Array;
  readonly bias: Float32Array;
  readonly inputs: number;
  readonly outputs: number;
  readonly activation: Activation;
}

/** A graph that is nothing but layers, one after the other. */
export interface DenseLayers {
  readonly input: string;
  readonly layers: readonly DenseLayer[];
  /** What the graph gives, of what the last layer says: itself, or its softmax. */
  readonly outputs: readonly { readonly name: string; readonly softmax: boolean }[];
}

const ACTIVATIONS: Readonly<Record<string, Activation>> = {
  Relu: "relu",
  Gelu: "gelu",
  Sigmoid: "sigmoid",
  Tanh: "tanh",
};

/** The layers of a graph that is a chain of them, with a softmax at its end or without; of any other `undefined`. */
export function findDenseLayers({ graph, opsets }: OnnxModel): DenseLayers | undefined {
  const [input, ...others] = graph.inputs;
  if (input?.type !== "float32" || input.shape?.length !== 2 || others.length > 0) return undefined;
  // An older Softmax takes more axes together.
  if ((opsets[""] ?? 0) < 13) return undefined;
  const layers: DenseLayer[] = [];
  let [value, softmax] = [input.name, undefined as string | undefined];
  for (const node of graph.nodes) {
    if (softmax !== undefined || node.domain !== "") return undefined;
    if (node.inputs[0] !== value || node.outputs.length !== 1) return undefined;
    if (
      node.op === "Softmax" &&
      ["1", "-1"].includes(String(numberAttribute(node.attributes, "axis", -1)))
    ) {
      softmax = node.outputs[0]!;
      continue;
    }
    if (!addNode(layers, node, graph)) return undefined;
    value = node.outputs[0]!;
  }
  if (layers.length === 0 || input.shape[1] !== layers[0]!.inputs) return undefined;
  if (graph.outputs.some(({ name }) => name !== value && name !== softmax)) return undefined;
  const outputs = graph.outputs.map(({ name }) => ({ name, softmax: name === softmax }));
  return { input: input.name, layers, outputs };
}

/** Makes a node a layer, or a part of the last one; `false` when it is neither. */
function addNode(layers: DenseLayer[], node: OnnxNode, graph: OnnxGraph): boolean {
  const last = layers.at(-1);
  const given = node.inputs.slice(1).map((name) => graph.initializers.get(name));
  if (given.some((tensor) => tensor === undefined)) return false;
  const [first, second] = given;
  if (node.op === "Gemm" || node.op === "MatMul") {
    const layer = first === undefined ? undefined : denseLayer(node, first, second);
    if (layer === undefined || (last !== undefined && last.outputs !== layer.inputs)) return false;
    layers.push(layer);
    return true;
  }
  if (last?.activation !== "none") return false;
  if (node.op === "Add" && first !== undefined) {
    const bias = biasOf(first, last.outputs);
    if (bias === undefined) return false;
    layers[layers.length - 1] = { ...last, bias: last.bias.map((item, i) => item + bias[i]!) };
    return true;
  }
  const activation = Object.hasOwn(ACTIVATIONS, node.op) ? ACTIVATIONS[node.op] : undefined;
  if (activation === undefined) return false;
  if (stringAttribute(node.attributes, "approximate", "none") !== "none") return false;
  layers[layers.length - 1] = { ...last, activation };
  return true;
}

function denseLayer(
  { op, attributes }: OnnxNode,
  { type, shape, data }: OnnxTensor,
  third: OnnxTensor | undefined,
): DenseLayer | undefined {
  const number = (name: string, otherwise: number) => numberAttribute(attributes, name, otherwise);
  if (number("transA", 0) !== 0 || number("alpha", 1) !== 1 || number("beta", 1) !== 1) {
    return undefined;
  }
  if (type !== "float32" || shape.length !== 2) return undefined;
  const isTurned = op === "Gemm" && number("transB", 0) !== 0;
  const [inputs, outputs] = (isTurned ? shape.toReversed() : shape) as [number, number];
  const bias = third === undefined ? new Float32Array(outputs) : biasOf(third, outputs);
  if (bias === undefined || inputs === 0 || outputs === 0) return undefined;
  const stored = data as Float32Array;
  const weights = isTurned ? turned(stored, inputs, outputs) : stored;
  return { weights, bias, inputs, outputs, activation: "none" };
}

/** One number for each output, or the same for all. */
function biasOf({ type, shape, data }: OnnxTensor, outputs: number): Float32Array | undefined {
  if (type !== "float32" || (data.length !== outputs && data.length !== 1)) return undefined;
  if ((shape.at(-1) ?? 1) !== data.length) return undefined;
  if (shape.length > 2) return undefined;
  const numbers = data as Float32Array;
  return numbers.length === outputs ? numbers : new Float32Array(outputs).fill(numbers[0]!);
}

function turned(stored: Float32Array, inputs: number, outputs: number): Float32Array {
  const weights = new Float32Array(stored.length);
  for (let output = 0; output < outputs; output++) {
    for (let input = 0; input < inputs; input++) {
      weights[input * outputs + output] = stored[output * inputs + input]!;
    }
  }
  return weights;
}
