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

/** The model for inference, with other weights: outputs `logits` and `probabilities`, and nothing that they do not need. */
export function withTrainedWeights(
  model: OnnxModel,
  weights: ReadonlyMap<string, Float32Array>,
): OnnxModel {
  const graph = onlyLogits(model.graph, logitsOutput(model));
  const initializers = new Map<string, OnnxTensor>();
  for (const [name, tensor] of graph.initializers) {
    const data = weights.get(name);
    initializers.set(
      name,
      data === undefined ? tensor : { type: "float32", shape: tensor.shape, data },
    );
  }
  const logits = graph.outputs[0]!;
  const softmax: OnnxNode = {
    name: PROBABILITIES,
    op: "Softmax",
    domain: "",
    inputs: [LOGITS],
    outputs: [PROBABILITIES],
    attributes: { axis: int(1) },
  };
  return {
    ...model,
    graph: {
      ...graph,
      initializers,
      nodes: [...graph.nodes, softmax],
      outputs: [logits, { ...logits, name: PROBABILITIES }],
    },
  };
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
