import { ExplainedError } from "../../pipeline/explained_error.ts";
import type { Emit } from "./emit.ts";
import { type Constant, constant, type Input, input, type Value } from "./graph.ts";
import { numbersOf } from "./element_type.ts";
import { oldSoftmax, upgradeCall } from "./upgrade_node.ts";
import type { OnnxAttribute, OnnxModel, OnnxNode, OnnxTensor } from "./onnx/onnx_model.ts";
import type { Shape } from "./shape.ts";

/** A model's graph with every shape known. */
export interface TracedModel {
  /** What a batch must give, by name. */
  readonly inputs: ReadonlyMap<string, Input>;
  /** Weights that the graph is given, by name. */
  readonly weights: ReadonlyMap<string, Input>;
  readonly outputs: ReadonlyMap<string, Value>;
}

/** What fixes the shapes of a graph. */
export interface TraceOptions {
  /** Shape of each input. */
  readonly shapes: ReadonlyMap<string, Shape>;
  /** Initializers that become inputs: those that training changes, and those that are kept outside of the graph. */
  readonly given: ReadonlySet<string>;
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
    if (options.given.has(name)) {
      const weight = input(name, tensor.type, tensor.shape);
      weights.set(name, weight);
      values.set(name, weight);
    } else {
      values.set(name, frozen(name, tensor));
    }
  }
  const tracer: Tracer = { g, values, replace: options.replace, opset: model.opsets[""] ?? 0 };
  for (const node of model.graph.nodes) traceNode(tracer, node);
  const outputs = new Map(
    model.graph.outputs.map(({ name }) => [name, valueNamed(values, name, "the outputs")]),
  );
  return { inputs, weights, outputs };
}

/** What every node is traced with. */
interface Tracer {
  readonly g: Emit;
  /** Values by their name in the file. */
  readonly values: Map<string, Value>;
  readonly replace: TraceOptions["replace"] | undefined;
  /** ONNX operator set of the file. */
  readonly opset: number;
}

function frozen(name: string, { type, shape, data }: OnnxTensor): Constant {
  return Object.freeze({ kind: "constant", name, type, shape, data });
}

function traceNode(tracer: Tracer, node: OnnxNode): void {
  const results = resultsOf(tracer, node);
  node.outputs.forEach((name, index) => {
    const result = results[index];
    if (name !== "" && result !== undefined) tracer.values.set(name, result);
  });
}

function resultsOf(tracer: Tracer, node: OnnxNode): readonly Value[] {
  const { g, values, replace, opset } = tracer;
  const at = label(node);
  if (node.op === "Constant" && node.domain === "") return [constantNode(node)];
  const inputs = node.inputs.map((name) => name === "" ? undefined : valueNamed(values, name, at));
  if (node.op === "If" && node.domain === "") return branch(tracer, node, inputs[0]);
  const call = upgradeCall(node, { inputs, attributes: node.attributes }, opset);
  const other = replace?.(g, node, inputs) ?? oldSoftmax(g, node, call, opset);
  if (other !== undefined) return other;
  const known = node.domain === "" || node.domain === "com.microsoft";
  return g.applyAll(
    known ? node.op : `${node.domain}.${node.op}`,
    call.inputs,
    call.attributes,
    at,
  );
}

/** The branch of an If that is taken: with shapes known, exporters' conditions are. */
function branch(tracer: Tracer, node: OnnxNode, condition: Value | undefined): readonly Value[] {
  if (condition?.kind !== "constant") {
    throw badGraph(label(node), "which branch of the If is taken depends on the data");
  }
  const taken = node.attributes[numbersOf(condition.data)[0] ? "then_branch" : "else_branch"];
  if (taken?.kind !== "graph") throw badGraph(label(node), "the If has no such branch");
  const { nodes, initializers, outputs } = taken.value;
  const inner: Tracer = { ...tracer, values: new Map(tracer.values) };
  for (const [name, tensor] of initializers) inner.values.set(name, frozen(name, tensor));
  for (const each of nodes) traceNode(inner, each);
  return outputs.map(({ name }) => valueNamed(inner.values, name, label(node)));
}

function label({ name, outputs }: OnnxNode): string {
  return name === "" ? outputs[0] ?? "" : name;
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
