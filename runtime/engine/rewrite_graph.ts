import type { Emit } from "./emit.ts";
import { type GraphNode, graphNode, topologicalOrder, type Value } from "./graph.ts";

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
