import type { Emit } from "./emit.ts";
import { type GraphNode, graphNode, integers, topologicalOrder, type Value } from "./graph.ts";

/** Other nodes that compute the same, or `undefined` to keep the node. */
export type Rewrite = (
  g: Emit,
  node: GraphNode,
  inputs: readonly (Value | undefined)[],
) => readonly Value[] | undefined;

/** Rebuilds a graph, node by node; inputs and constants stay the same values. */
export function rewriteGraph(g: Emit, values: readonly Value[], rewrite: Rewrite): Value[] {
  const replaced = new Map<Value, Value>();
  const current = (value: Value): Value => replaced.get(value) ?? value;
  for (const node of topologicalOrder(values)) {
    const inputs = node.inputs.map((value) => value && current(value));
    const moved = inputs.some((value, i) => value !== node.inputs[i]);
    const outputs = rewrite(g, node, inputs) ??
      (moved
        ? graphNode({ ...node, inputs: Object.freeze(inputs) }, node.outputs).outputs
        : node.outputs);
    node.outputs.forEach((output, i) => replaced.set(output, outputs[i] ?? output));
  }
  return values.map(current);
}

/** Writes out the operators that the WebGPU execution provider of onnxruntime-web lacks. */
export const lowerForWebgpu: Rewrite = (g, node, [x]) => {
  if (node.op !== "LogSoftmax" || x === undefined) return undefined;
  const axis = node.attributes.axis?.kind === "int" ? node.attributes.axis.value : -1;
  const axes = integers([axis < 0 ? axis + x.shape.length : axis]);
  const shifted = g.sub(x, g.apply("ReduceMax", [x, axes]));
  const logSum = g.apply("Log", [g.apply("ReduceSum", [g.apply("Exp", [shifted]), axes])]);
  return [g.sub(shifted, logSum)];
};
