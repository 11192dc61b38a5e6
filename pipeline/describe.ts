import type { Graph, PlacedNode } from "./graph.ts";
import type { JsonObject } from "./json.ts";

/** A graph as data, for `pipeline graph --json`, pages and snapshots. */
export interface GraphDescription {
  readonly pipeline: string;
  readonly nodes: readonly NodeDescription[];
  /** `node.output` of what the pipeline is for. */
  readonly targets: readonly string[];
}

/** One node of a described graph. */
export interface NodeDescription {
  readonly id: string;
  readonly step: string;
  /** Slot to `node.output`. */
  readonly inputs: Readonly<Record<string, string>>;
  /** Output to kind. */
  readonly outputs: Readonly<Record<string, string>>;
  readonly params: JsonObject;
}

/** The graph as plain data. */
export function describeGraph(
  { pipeline, nodes, targets }: Graph,
): GraphDescription {
  return {
    pipeline,
    nodes: nodes.map(describeNode),
    targets: targets.map(({ node, output }) => `${node.id}.${output}`),
  };
}

function describeNode(
  { id, step, inputs, params }: PlacedNode,
): NodeDescription {
  const wired = Object.entries(inputs).map(([slot, { node, output }]) => [
    slot,
    `${node.id}.${output}`,
  ]);
  return {
    id,
    step: step.name,
    inputs: Object.fromEntries(wired),
    outputs: step.outputs,
    params,
  };
}

/** The graph as a Mermaid flow chart: GitHub and many editors draw it. */
export function renderMermaid({ nodes, targets }: GraphDescription): string {
  const key = new Map(nodes.map(({ id }, i) => [id, `n${i}`]));
  const boxes = nodes.map(({ id, step }) =>
    `  ${key.get(id)}["${escapeLabel(id === step ? id : `${id} · ${step}`)}"]`
  );
  const arrows = nodes.flatMap(({ id, inputs }) =>
    Object.values(inputs).map((from) => {
      const [node, output] = splitOutput(from);
      return `  ${key.get(node)} -->|${escapeLabel(output)}| ${key.get(id)}`;
    })
  );
  const wanted = [
    ...new Set(targets.map((target) => key.get(splitOutput(target)[0]))),
  ];
  return [
    "flowchart LR",
    ...boxes,
    ...arrows,
    `  class ${wanted.join(",")} target`,
    "",
  ].join("\n");
}

function splitOutput(address: string): readonly [string, string] {
  const dot = address.indexOf("."); // ids hold no dot
  return [address.slice(0, dot), address.slice(dot + 1)];
}

function escapeLabel(text: string): string {
  return text.replace(/["|]/g, (letter) => `#${letter.charCodeAt(0)};`);
}
