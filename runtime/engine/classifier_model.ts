import { ExplainedError } from "../../pipeline/explained_error.ts";
import { isFloating } from "./element_type.ts";
import { int } from "./graph.ts";
import type { OnnxGraph, OnnxModel, OnnxNode, OnnxTensor } from "./onnx/onnx_model.ts";

const LOGITS = "logits";
const PROBABILITIES = "probabilities";

/**
 * The output that holds the logits: the one named so, else the first of real numbers.
 *
 * @throws {ExplainedError} `engine/bad-logits` if there is none.
 */
export function logitsOutput({ graph }: OnnxModel): string {
  const output = graph.outputs.find(({ name }) => name === LOGITS) ??
    graph.outputs.find(({ type, shape }) =>
      isFloating(type) && (shape === undefined || shape.length === 2)
    );
  if (output !== undefined) return output.name;
  throw new ExplainedError("engine/bad-logits", {
    what: "Cannot find the logits of the model",
    why: `its outputs are ${
      graph.outputs.map(({ name, type, shape }) => `${name}: ${type} [${shape ?? "?"}]`).join(
        ", ",
      ) || "none"
    }`,
    fix: "Export a classifier with a float32 output `logits` [batch, classes]",
  });
}

/** How logits become probabilities; numbers stay as they are. */
export type Activation = "softmax" | "sigmoid" | "none";

/** The model for inference, with other weights: outputs `logits` and `probabilities`, and nothing that they do not need. */
export function inferenceModel(
  model: OnnxModel,
  weights: ReadonlyMap<string, Float32Array>,
  activation: Activation,
): OnnxModel {
  const asInference = { ...model.graph, nodes: model.graph.nodes.map(forInference) };
  const graph = onlyLogits(asInference, logitsOutput(model));
  const initializers = new Map<string, OnnxTensor>();
  for (const [name, tensor] of graph.initializers) {
    const data = weights.get(name);
    initializers.set(
      name,
      data === undefined ? tensor : { type: "float32", shape: tensor.shape, data },
    );
  }
  const logits = graph.outputs[0]!;
  const nodes = [...graph.nodes];
  if (activation !== "none") nodes.push(probabilities(activation));
  return {
    ...model,
    graph: {
      ...graph,
      initializers,
      nodes,
      outputs: activation === "none" ? [logits] : [logits, { ...logits, name: PROBABILITIES }],
    },
  };
}

function probabilities(activation: Exclude<Activation, "none">): OnnxNode {
  return {
    name: PROBABILITIES,
    op: activation === "softmax" ? "Softmax" : "Sigmoid",
    domain: "",
    inputs: [LOGITS],
    outputs: [PROBABILITIES],
    attributes: activation === "softmax" ? { axis: int(1) } : {},
  };
}

/** Nodes that were exported for training act as in inference. */
function forInference(node: OnnxNode): OnnxNode {
  if (node.domain !== "") return node;
  if (node.op === "Dropout") {
    return {
      ...node,
      op: "Identity",
      inputs: node.inputs.slice(0, 1),
      outputs: node.outputs.slice(0, 1),
      attributes: {},
    };
  }
  if (node.op === "BatchNormalization" && node.attributes.training_mode !== undefined) {
    const { training_mode: _, ...attributes } = node.attributes;
    return { ...node, outputs: node.outputs.slice(0, 1), attributes };
  }
  return node;
}

/** The part of a graph that makes one output, which is called `logits` from then on. */
function onlyLogits(graph: OnnxGraph, output: string): OnnxGraph {
  const needed = new Set([output]);
  const nodes: OnnxNode[] = [];
  for (const node of graph.nodes.toReversed()) {
    if (!node.outputs.some((name) => name !== "" && needed.has(name))) continue;
    nodes.unshift(node);
    for (const name of node.inputs) needed.add(name);
  }
  const rename = (name: string): string =>
    name === output ? LOGITS : name === LOGITS || name === PROBABILITIES ? `${name}:inner` : name;
  return {
    ...graph,
    nodes: nodes.map((node) => ({
      ...node,
      inputs: node.inputs.map(rename),
      outputs: node.outputs.map(rename),
    })),
    initializers: new Map(
      graph.initializers.entries().filter(([name]) => needed.has(name)).map((
        [name, tensor],
      ) => [rename(name), tensor]),
    ),
    outputs: graph.outputs.filter(({ name }) => name === output).map((info) => ({
      ...info,
      name: LOGITS,
    })),
  };
}
