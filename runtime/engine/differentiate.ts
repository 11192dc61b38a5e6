import { ExplainedError } from "../../pipeline/explained_error.ts";
import type { Emit } from "./emit.ts";
import { MissingGradientError } from "./errors.ts";
import { type GraphNode, topologicalOrder, type Value } from "./graph.ts";
import type { GradientCall, Operator, Operators } from "./operator.ts";
import { sameShape } from "./shape.ts";

/**
 * Builds the graph of dL/dw for every `w` in `weights`, in reverse mode.
 *
 * Nothing is computed here: the result is more graph, to be run by a device.
 *
 * @param loss Scalar to differentiate.
 * @param weights Leaves of the graph of `loss`.
 * @param scale What all gradients are multiplied by. @default 1
 * @returns One gradient per weight, in the order of `weights`; zeros for a weight that `loss` does not depend on.
 * @throws {MissingGradientError} If an operation on the way has no gradient.
 * @throws {ExplainedError} `engine/bad-gradient` if a rule does not fit the node.
 *
 * @see Griewank & Walther, "Evaluating Derivatives", 2nd ed., chapter 3.
 */
export function differentiate(
  { operators, g }: { operators: Operators; g: Emit },
  loss: Value,
  weights: readonly Value[],
  scale: Value = g.filled(loss, 1),
): Value[] {
  const order = topologicalOrder([loss]);
  const trained = nodesThatDependOn(order, new Set(weights));
  const gradients = new Map<Value, Value>([[loss, scale]]);
  for (const node of order.toReversed()) {
    if (!trained.has(node)) continue;
    const dys = node.outputs.map((output) => gradients.get(output));
    if (dys.every((dy) => dy === undefined)) continue;
    const rule = operators[node.op]?.gradient;
    if (rule === undefined) throw new MissingGradientError(node.op, node.name);
    const y = node.outputs[0]!;
    const { inputs, attributes } = node;
    const dy = dys[0] ?? g.filled(y, 0);
    const call = { g, node, inputs, attributes, x: inputs[0]!, y, dy, dys };
    derived(rule, call).forEach((dx, index) => {
      const input = inputs[index];
      if (dx === undefined || input === undefined || input.kind === "constant") return;
      const sum = gradients.get(input);
      gradients.set(input, sum === undefined ? dx : g.add(sum, dx));
    });
  }
  return weights.map((weight) => gradients.get(weight) ?? g.filled(weight, 0));
}

/** The gradients that a rule gives, of the shapes of the inputs. */
function derived(
  rule: NonNullable<Operator["gradient"]>,
  call: GradientCall,
): readonly (Value | undefined)[] {
  const { node } = call;
  try {
    const gradients = rule(call);
    gradients.forEach((dx, index) => {
      const input = node.inputs[index];
      if (dx === undefined || input === undefined || sameShape(dx.shape, input.shape)) return;
      throw new TypeError(`the gradient of input ${index} is [${dx.shape}], not [${input.shape}]`);
    });
    return gradients;
  } catch (cause) {
    if (cause instanceof ExplainedError) throw cause;
    throw new ExplainedError("engine/bad-gradient", {
      what: `Cannot differentiate ${node.op}${
        node.name === "" ? "" : ` at graph node "${node.name}"`
      }`,
      why: cause instanceof Error ? cause.message : String(cause),
      fix: "Repair this node, or freeze the weights before it with `trainable`",
      cause,
    });
  }
}

function nodesThatDependOn(
  order: readonly GraphNode[],
  leaves: ReadonlySet<Value>,
): Set<GraphNode> {
  const dependent = new Set<GraphNode>();
  for (const node of order) {
    const depends = node.inputs.some((value) =>
      value !== undefined &&
      (leaves.has(value) || (value.kind === "result" && dependent.has(value.node)))
    );
    if (depends) dependent.add(node);
  }
  return dependent;
}
