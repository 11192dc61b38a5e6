import { ExplainedError } from "../../pipeline/explained_error.ts";
import type { Emit } from "./emit.ts";
import { type Constant, constant, type Input, input, type Value } from "./graph.ts";
import type { OnnxAttribute, OnnxModel, OnnxNode, OnnxTensor } from "./onnx/onnx_model.ts";
import type { Shape } from "./shape.ts";

/** A model's graph with every shape known. */
export interface TracedModel {
  /** What a batch must give, by name. */
  readonly inputs: ReadonlyMap<string, Input>;
  /** The weights that train, by name. */
  readonly weights: ReadonlyMap<string, Input>;
  readonly outputs: ReadonlyMap<string, Value>;
}

/** What fixes the shapes of a graph. */
export interface TraceOptions {
  /** Shape of each input. */
  readonly shapes: ReadonlyMap<string, Shape>;
  /** Initializers that become inputs, because training changes them. */
  readonly trainable: ReadonlySet<string>;
  /** Other outputs for a node, or `undefined` for its own. */
  readonly replace?: (
    g: Emit,
    node: OnnxNode,
    inputs: readonly (Value | undefined)[],
  ) => readonly Value[] | undefined;
}

/**
 * Follows a model's nodes from its inputs: infers every shape, and computes what does not depend on the batch.
 *
 * @throws {ExplainedError} `engine/unknown-operator`, `engine/shape-mismatch` or `engine/bad-graph`, with the node.
 */
export function traceModel(g: Emit, model: OnnxModel, options: TraceOptions): TracedModel {
  const values = new Map<string, Value>();
  const inputs = new Map<string, Input>();
  const weights = new Map<string, Input>();
  for (const { name, type } of model.graph.inputs) {
    const shape = options.shapes.get(name);
    if (shape === undefined) throw missingInput(name);
    const given = input(name, type, shape);
    inputs.set(name, given);
    values.set(name, given);
  }
  for (const [name, tensor] of model.graph.initializers) {
    if (options.trainable.has(name)) {
      const weight = input(name, tensor.type, tensor.shape);
      weights.set(name, weight);
      values.set(name, weight);
    } else {
      values.set(name, frozen(name, tensor));
    }
  }
  for (const node of model.graph.nodes) traceNode(g, node, { values, replace: options.replace });
  const outputs = new Map(
    model.graph.outputs.map(({ name }) => [name, valueNamed(values, name, "the outputs")]),
  );
  return { inputs, weights, outputs };
}

function frozen(name: string, { type, shape, data }: OnnxTensor): Constant {
  return Object.freeze({ kind: "constant", name, type, shape, data });
}

function traceNode(
  g: Emit,
  node: OnnxNode,
  { values, replace }: { values: Map<string, Value>; replace: TraceOptions["replace"] | undefined },
): void {
  const at = node.name === "" ? node.outputs[0] ?? "" : node.name;
  if (node.op === "Constant" && node.domain === "") {
    values.set(node.outputs[0] ?? "", constantNode(node));
    return;
  }
  const inputs = node.inputs.map((name) => name === "" ? undefined : valueNamed(values, name, at));
  const op = node.domain === "" || node.domain === "com.microsoft"
    ? node.op
    : `${node.domain}.${node.op}`;
  const results = replace?.(g, node, inputs) ?? g.applyAll(op, inputs, node.attributes, at);
  node.outputs.forEach((name, index) => {
    const result = results[index];
    if (name !== "" && result !== undefined) values.set(name, result);
  });
}

/** A Constant node in any of its forms. */
function constantNode(node: OnnxNode): Constant {
  const attribute: OnnxAttribute | undefined = Object.values(node.attributes)[0];
  switch (attribute?.kind) {
    case "tensor":
      return frozen(node.outputs[0] ?? "", attribute.value);
    case "int":
      return constant("int64", [], [attribute.value]);
    case "float":
      return constant("float32", [], [attribute.value]);
    case "ints":
      return constant("int64", [attribute.value.length], attribute.value);
    case "floats":
      return constant("float32", [attribute.value.length], attribute.value);
    default:
      throw badGraph(node.name, `its constant is ${attribute?.kind ?? "missing"}`);
  }
}

function valueNamed(values: ReadonlyMap<string, Value>, name: string, reader: string): Value {
  const value = values.get(name);
  if (value === undefined) {
    throw badGraph(reader, `it reads "${name}", which nothing before it makes`);
  }
  return value;
}

function badGraph(node: string, why: string): ExplainedError {
  return new ExplainedError("engine/bad-graph", {
    what: `Cannot follow the model's graph at "${node}"`,
    why,
    fix: "Export the model again; its nodes must be in the order in which they run",
  });
}

function missingInput(name: string): ExplainedError {
  return new ExplainedError("engine/missing-input", {
    what: "Cannot run the model",
    why: `the batch has no tensor "${name}"`,
    fix: `Give the input "${name}" in every batch`,
  });
}
