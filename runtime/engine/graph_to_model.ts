import { type GraphNode, type Input, topologicalOrder, type Value } from "./graph.ts";
import type { OnnxModel, OnnxNode, OnnxTensor } from "./onnx/onnx_model.ts";

/** Operator set that graphs are written in. */
export const OPSET = 20;

/** The file format that belongs to it. */
export const IR_VERSION = 9;

/** What a graph is to compute, by the names that its model gives to the outside. */
export interface NamedGraph {
  /** Inputs of the model, used or not. */
  readonly inputs: readonly Input[];
  readonly outputs: Readonly<Record<string, Value>>;
}

/** Writes values as an ONNX model. Same graph, same model: names are counted in order. */
export function graphToModel(graph: NamedGraph): OnnxModel {
  const outputs = Object.entries(graph.outputs);
  const order = topologicalOrder(Object.values(graph.outputs));
  const used = usedValues(order, Object.values(graph.outputs));
  const names = nameValues(graph, used);
  const copies = outputs.filter(([name, value]) => names.get(value) !== name);
  const initializers = new Map<string, OnnxTensor>();
  for (const value of used) {
    if (value.kind === "constant") initializers.set(names.get(value)!, value);
  }
  return {
    irVersion: IR_VERSION,
    opsets: { "": OPSET },
    metadata: {},
    graph: {
      name: "graph",
      nodes: [
        ...order.map((node) => onnxNode(node, names)),
        ...copies.map(([name, value]) => identity(names.get(value)!, name)),
      ],
      initializers,
      inputs: graph.inputs.map(({ name, type, shape }) => ({ name, type, shape })),
      outputs: outputs.map(([name, { type, shape }]) => ({ name, type, shape })),
    },
  };
}

/** Every value that a node or an output reads, in order. */
function usedValues(order: readonly GraphNode[], outputs: readonly Value[]): Set<Value> {
  const read = order.flatMap(({ inputs }) => inputs.filter((value) => value !== undefined));
  return new Set([...read, ...outputs]);
}

/** Inputs and weights keep their names, results take the name of their output, the others are counted. */
function nameValues(graph: NamedGraph, used: ReadonlySet<Value>): Map<Value, string> {
  const names = new Map<Value, string>(graph.inputs.map((value) => [value, value.name]));
  for (const [name, value] of Object.entries(graph.outputs)) {
    if (value.kind === "result" && !names.has(value)) names.set(value, name);
  }
  const taken = new Set([...names.values(), ...Object.keys(graph.outputs)]);
  const parts = [...used].flatMap((value) =>
    value.kind === "result" && value.node.op === "Split" ? value.node.outputs : []
  );
  for (const value of new Set([...used, ...parts])) {
    if (names.has(value)) continue;
    if (value.kind === "input") {
      throw new TypeError(`the graph reads "${value.name}", which is no input of it`);
    }
    const name = value.kind === "constant" && value.name !== undefined && !taken.has(value.name)
      ? value.name
      : freeName(taken);
    names.set(value, name);
    taken.add(name);
  }
  return names;
}

function freeName(taken: ReadonlySet<string>): string {
  let count = taken.size;
  while (taken.has(`v${count}`)) count++;
  return `v${count}`;
}

/** Outputs that nobody reads are left out, but for the parts of a Split, which WebGPU wants whole. */
function onnxNode(node: GraphNode, names: ReadonlyMap<Value, string>): OnnxNode {
  const outputs = node.outputs.map((output) => names.get(output) ?? "");
  while (outputs.at(-1) === "") outputs.pop();
  return {
    name: node.name,
    op: node.op,
    domain: "",
    inputs: node.inputs.map((value) => value === undefined ? "" : names.get(value)!),
    outputs,
    attributes: node.attributes,
  };
}

function identity(from: string, to: string): OnnxNode {
  return { name: "", op: "Identity", domain: "", inputs: [from], outputs: [to], attributes: {} };
}
