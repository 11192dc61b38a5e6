import type { JsonObject } from "../../pipeline/json.ts";
import type { ArtifactFile } from "../cache/content_hash.ts";
import type { Run, StepRun } from "../store/mod.ts";

/** An artifact in a lineage: its files name the bytes. */
export interface ArtifactNode {
  readonly type: "artifact";
  /** Unique in the graph. */
  readonly id: string;
  readonly hash: string;
  /** `null` when the store knows no more than the hash. */
  readonly kind: string | null;
  readonly files: readonly ArtifactFile[];
}

/** A step run in a lineage. Of cached ones that did the same, one stands for all. */
export interface StepRunNode {
  readonly type: "step-run";
  readonly id: string;
  readonly stepRun: StepRun;
  /** The parts of its cache key: code, params, inputs, environment. `null` when it had none. */
  readonly parts: JsonObject | null;
}

/** A model version in a lineage. */
export interface VersionNode {
  readonly type: "version";
  readonly id: string;
  readonly name: string;
  readonly version: number;
  readonly aliases: readonly string[];
}

export type LineageNode = ArtifactNode | StepRunNode | VersionNode;

/** What flowed from where to where. */
export interface LineageArrow {
  readonly from: string;
  readonly to: string;
  /** Name of the output or input; `model` for a version. */
  readonly slot: string;
}

/** Where something came from, what was made of it, or both. Plain JSON. */
export interface LineageGraph {
  /** Id of the node that was asked for. */
  readonly root: string;
  readonly nodes: readonly LineageNode[];
  readonly arrows: readonly LineageArrow[];
  /** The runs of its step runs: config in `params`, commit and versions in `tags`. */
  readonly runs: readonly Run[];
}

/** The graph as Mermaid, for pages and READMEs. */
export function renderLineageMermaid(graph: LineageGraph): string {
  const names = new Map(graph.nodes.map(({ id }, index) => [id, `n${index}`]));
  const nodes = graph.nodes.map((node) => `  ${names.get(node.id)}${renderNode(node)}`);
  const arrows = graph.arrows.map(({ from, to, slot }) =>
    `  ${names.get(from)} -->|${quote(slot)}| ${names.get(to)}`
  );
  const root = `  style ${names.get(graph.root)} stroke-width:3px`;
  return ["flowchart LR", ...nodes, ...arrows, root, ""].join("\n");
}

function renderNode(node: LineageNode): string {
  if (node.type === "step-run") return `[${quote(`${node.stepRun.node} (${node.stepRun.step})`)}]`;
  if (node.type === "artifact") {
    return `([${quote(`${node.kind ?? "artifact"} ${node.hash.slice(0, 8)}`)}])`;
  }
  const aliases = node.aliases.map((alias) => ` @${alias}`).join("");
  return `{{${quote(`${node.name}/${node.version}${aliases}`)}}}`;
}

/** Mermaid reads entities inside quotes. */
function quote(text: string): string {
  const safe = text.replace(/[&"<>#;]/g, (character) => `#${character.charCodeAt(0)};`);
  return `"${safe}"`;
}
