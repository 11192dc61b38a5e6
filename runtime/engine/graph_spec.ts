import { ExplainedError, listProblems } from "../../pipeline/explained_error.ts";
import { didYouMean } from "../../pipeline/nearest_name.ts";
import { findKnownAttributes } from "./onnx/known_attributes.ts";
import type { OnnxGraph, OnnxModel, OnnxNode } from "./onnx/onnx_model.ts";

/** Operator sets that are understood: what exporters write today. */
export const OPSETS = { from: 11, to: 21 } as const;

/** A demand on a graph: the ways in which it is not met. */
type Rule = (graph: OnnxGraph) => string[];

/** What a valid graph is. */
const rules: readonly Rule[] = [
  function everyValueIsMadeOnce({ nodes, inputs, initializers }) {
    const made = [
      ...inputs.map(({ name }) => name),
      ...initializers.keys(),
      ...nodes.flatMap(({ outputs }) => outputs.filter((name) => name !== "")),
    ];
    return duplicates(made).map((name) => `"${name}" is made more than once`);
  },
  function everyValueThatIsReadIsMade(graph) {
    const made = madeValues(graph);
    return graph.nodes.flatMap((node) =>
      node.inputs
        .filter((name) => name !== "" && !made.has(name))
        .map((name) =>
          `${label(node)} reads "${name}", which nothing makes${didYouMean(name, made)}`
        )
    );
  },
  function everyOutputIsMade(graph) {
    const made = madeValues(graph);
    return graph.outputs
      .filter(({ name }) => !made.has(name))
      .map(({ name }) => `nothing makes the output "${name}"${didYouMean(name, made)}`);
  },
  function everyAttributeIsKnown({ nodes }) {
    return nodes.flatMap((node) => {
      const known = node.domain === "" ? findKnownAttributes(node.op) : undefined;
      if (known === undefined) return [];
      return Object.keys(node.attributes).filter((name) => !known.includes(name)).map((name) =>
        `${label(node)} has the attribute "${name}", which is unknown${didYouMean(name, known)}`
      );
    });
  },
  function thereAreOutputs({ outputs }) {
    return outputs.length === 0 ? ["it has no outputs"] : [];
  },
];

/**
 * The model with its nodes in the order in which they run.
 *
 * @throws {ExplainedError} `engine/bad-graph` with every broken rule, or a cycle; `engine/unsupported-opset`.
 */
export function checkGraph(model: OnnxModel): OnnxModel {
  const opset = model.opsets[""] ?? 0;
  if (!(opset >= OPSETS.from && opset <= OPSETS.to)) {
    throw new ExplainedError("engine/unsupported-opset", {
      what: "Cannot use the model",
      why:
        `it is written in ONNX operator set ${opset}, and ${OPSETS.from} to ${OPSETS.to} are understood`,
      fix: `Export it again with an operator set from ${OPSETS.from} to ${OPSETS.to}`,
    });
  }
  const problems = rules.flatMap((rule) => rule(model.graph));
  if (problems.length > 0) throw badGraph(listProblems(problems));
  return { ...model, graph: { ...model.graph, nodes: inOrder(model.graph) } };
}

/** Nodes after those they depend on; nodes that already are keep their order. */
function inOrder(graph: OnnxGraph): OnnxNode[] {
  const known = new Set([
    "",
    ...graph.inputs.map(({ name }) => name),
    ...graph.initializers.keys(),
  ]);
  const order: OnnxNode[] = [];
  let waiting = [...graph.nodes];
  while (waiting.length > 0) {
    const later: OnnxNode[] = [];
    for (const node of waiting) {
      if (!node.inputs.every((name) => known.has(name))) {
        later.push(node);
        continue;
      }
      order.push(node);
      for (const name of node.outputs) known.add(name);
    }
    if (later.length === waiting.length) {
      throw badGraph(
        `${later.length} nodes depend on each other in a cycle, ${label(later[0]!)} among them`,
      );
    }
    waiting = later;
  }
  return order;
}

function madeValues({ nodes, inputs, initializers }: OnnxGraph): Set<string> {
  return new Set([
    ...inputs.map(({ name }) => name),
    ...initializers.keys(),
    ...nodes.flatMap(({ outputs }) => outputs),
  ]);
}

function duplicates(names: readonly string[]): string[] {
  const seen = new Set<string>();
  const twice = new Set<string>();
  for (const name of names) (seen.has(name) ? twice : seen).add(name);
  return [...twice];
}

function label({ op, name, outputs }: OnnxNode): string {
  return `${op} "${name === "" ? outputs[0] ?? "" : name}"`;
}

function badGraph(why: string): ExplainedError {
  return new ExplainedError("engine/bad-graph", {
    what: "Cannot use the model's graph",
    why,
    fix: "Export the model again, or repair the graph",
  });
}
