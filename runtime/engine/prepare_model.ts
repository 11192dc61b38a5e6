import { type ElementType, elementTypeCode, isFloating, numbersOf } from "./element_type.ts";
import { checkGraph } from "./graph_spec.ts";
import { int } from "./graph.ts";
import type {
  OnnxAttribute,
  OnnxGraph,
  OnnxModel,
  OnnxNode,
  OnnxTensor,
} from "./onnx/onnx_model.ts";

/**
 * A model as training wants it: valid, with its nodes in the order in which they run, in single precision, and with the weights
 * that the exporter merged or doubled as they were.
 *
 * @throws {ExplainedError} `engine/bad-graph` or `engine/unsupported-opset`.
 */
export function prepareModel(model: OnnxModel): OnnxModel {
  return { ...model, graph: tied(untied(singlePrecision(checkGraph(model).graph))) };
}

/** Half and double precision become float32: weights, casts, constants, inputs and outputs. */
function singlePrecision(graph: OnnxGraph): OnnxGraph {
  return {
    ...graph,
    nodes: graph.nodes.map(singlePrecisionNode),
    initializers: new Map(
      graph.initializers.entries().map(([name, tensor]) => [name, single(tensor)]),
    ),
    inputs: graph.inputs.map((info) => ({ ...info, type: singleType(info.type) })),
    outputs: graph.outputs.map((info) => ({ ...info, type: singleType(info.type) })),
  };
}

function singlePrecisionNode(node: OnnxNode): OnnxNode {
  const attributes: Record<string, OnnxAttribute> = {};
  for (const [name, attribute] of Object.entries(node.attributes)) {
    if (attribute.kind === "tensor") {
      attributes[name] = { kind: "tensor", value: single(attribute.value) };
    } else if (attribute.kind === "graph") {
      attributes[name] = { kind: "graph", value: singlePrecision(attribute.value) };
    } else attributes[name] = attribute;
  }
  const to = attributes.to;
  if (node.op === "Cast" && to?.kind === "int") attributes.to = int(singleCode(to.value));
  return { ...node, attributes };
}

function singleType(type: ElementType): ElementType {
  return isFloating(type) ? "float32" : type;
}

function singleCode(code: number): number {
  const other = code === elementTypeCode("float16") || code === elementTypeCode("float64");
  return other ? elementTypeCode("float32") : code;
}

function single(tensor: OnnxTensor): OnnxTensor {
  if (tensor.type !== "float16" && tensor.type !== "float64") return tensor;
  return { type: "float32", shape: tensor.shape, data: Float32Array.from(numbersOf(tensor.data)) };
}

/**
 * PyTorch's exporter stores parameters of equal value once, and copies them with Identity: they must not become one weight. (What
 * a model really shares has one name, and no copies.)
 */
function untied(graph: OnnxGraph): OnnxGraph {
  const initializers = new Map(graph.initializers);
  const outputs = new Set(graph.outputs.map(({ name }) => name));
  const nodes = graph.nodes.filter((node) => {
    const tensor = initializers.get(node.inputs[0] ?? "");
    const name = node.outputs[0] ?? "";
    const copy = node.op === "Identity" && node.domain === "" && tensor !== undefined &&
      !outputs.has(name);
    if (copy) initializers.set(name, tensor);
    return !copy;
  });
  return { ...graph, nodes, initializers };
}

/**
 * PyTorch's exporter folds the transposition of a shared matrix once for each place where it is used, into initializers called
 * `onnx::…`: equal ones are one weight again.
 */
function tied(graph: OnnxGraph): OnnxGraph {
  const initializers = new Map(graph.initializers);
  const kept: [string, OnnxTensor][] = [];
  const names = new Map<string, string>();
  for (const [name, tensor] of graph.initializers) {
    if (!name.startsWith("onnx::") || tensor.shape.length < 2 || !isFloating(tensor.type)) continue;
    const twin = kept.find(([, other]) => sameTensor(tensor, other));
    if (twin === undefined) kept.push([name, tensor]);
    else {
      names.set(name, twin[0]);
      initializers.delete(name);
    }
  }
  if (names.size === 0) return graph;
  const nodes = graph.nodes.map((node) => ({
    ...node,
    inputs: node.inputs.map((name) => names.get(name) ?? name),
  }));
  return { ...graph, nodes, initializers };
}

function sameTensor(a: OnnxTensor, b: OnnxTensor): boolean {
  if (a.type !== b.type || a.shape.join() !== b.shape.join()) return false;
  for (let i = 0; i < a.data.length; i++) if (a.data[i] !== b.data[i]) return false;
  return true;
}
