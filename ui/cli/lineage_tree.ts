import type { LineageGraph, LineageNode } from "../../runtime/lineage/mod.ts";
import type { JsonObject } from "../../pipeline/mod.ts";
import { plural, renderBytes } from "./quantity.ts";
import type { ReportStyle } from "./report_style.ts";
import { cutText } from "./text_width.ts";
import { renderVersion } from "./version_document.ts";

/** Which way a tree of a lineage grows. */
export type TreeDirection = "ancestors" | "descendants";

/** Draws a lineage as a tree below the node that was asked for; what was shown already is not shown again. */
export function renderLineage(
  graph: LineageGraph,
  direction: TreeDirection,
  style: ReportStyle,
): string[] {
  const nodes = new Map(graph.nodes.map((node) => [node.id, node]));
  const shown = new Set<string>();
  const lines: string[] = [];

  const draw = (id: string, slot: string, place: TreePlace): void => {
    const node = nodes.get(id)!;
    const again = shown.has(id);
    shown.add(id);
    const label = labelOf(node, slot, direction);
    const line = `${place.first}${label}${again ? " (see above)" : ""}`;
    lines.push(style.width === null ? line : cutText(line, style.width));
    if (again) return;
    const next = neighbours(graph, id, direction);
    const leaves = direction === "ancestors" ? outsideOf(node) : [];
    leaves.forEach((leaf, i) =>
      lines.push(
        `${place.rest}${i === leaves.length - 1 && next.length === 0 ? "└─" : "├─"} ${leaf}`,
      )
    );
    next.forEach(({ id, slot }, i) => {
      const isLast = i === next.length - 1;
      draw(id, slot, {
        first: `${place.rest}${isLast ? "└─" : "├─"} `,
        rest: `${place.rest}${isLast ? "   " : "│  "}`,
      });
    });
  };
  draw(graph.root, "", { first: "", rest: "" });
  return lines;
}

/** What stands before the first line of a node, and before everything below it. */
interface TreePlace {
  readonly first: string;
  readonly rest: string;
}

function neighbours(
  { arrows }: LineageGraph,
  id: string,
  direction: TreeDirection,
): readonly { readonly id: string; readonly slot: string }[] {
  return direction === "ancestors"
    ? arrows.filter(({ to }) => to === id).map(({ from, slot }) => ({ id: from, slot }))
    : arrows.filter(({ from }) => from === id).map(({ to, slot }) => ({ id: to, slot }));
}

/** The node and what it has to do with the one above it. */
function labelOf(node: LineageNode, slot: string, direction: TreeDirection): string {
  const text = nodeText(node);
  if (slot === "") return text;
  switch (node.type) {
    case "version":
      return direction === "descendants" ? `registered as ${text}` : text;
    case "step-run":
      return direction === "ancestors" ? `made by ${text}` : `read as ${slot} by ${text}`;
    case "artifact":
      return slot === node.kind ? text : `${slot}: ${text}`;
  }
}

function nodeText(node: LineageNode): string {
  if (node.type === "version") return renderVersion(node);
  if (node.type === "step-run") {
    const { stepRun, parts } = node;
    const modules = Object.keys((parts?.code ?? {}) as Record<string, unknown>).length;
    const code = modules === 0 ? "" : `, ${plural(modules, "module")} of code`;
    const step = stepRun.step === stepRun.node ? "" : ` (${stepRun.step})`;
    return `${stepRun.node}${step} in run ${stepRun.runId.slice(0, 6)}${code}`;
  }
  const bytes = node.files.reduce((sum, { size }) => sum + size, 0);
  const size = node.files.length === 0 ? "" : `, ${renderBytes(bytes)}`;
  return `${node.kind ?? "artifact"} ${node.hash.slice(0, 12)}${size}`;
}

/** What a step was given beside artifacts: its params, and the data files, addresses and champions it read. */
function outsideOf(node: LineageNode): string[] {
  if (node.type !== "step-run" || node.parts === null) return [];
  const reads = (node.parts.reads ?? {}) as Readonly<Record<string, string>>;
  const params = paramWords((node.parts.params ?? {}) as JsonObject);
  return [
    ...(params === "" ? [] : [`with ${params}`]),
    ...Object.entries(reads).map(([name, value]) =>
      `read ${name} (${/^[0-9a-f]{64}$/.test(value) ? value.slice(0, 12) : value})`
    ),
  ];
}

/** Letters of params that a line has room for; all of them are in `--json`. */
const SHOWN_PARAMS = 88;

function paramWords(params: JsonObject): string {
  const words = Object.entries(params).flatMap(([name, value]) => {
    const isEmpty = value === null || value === "" ||
      (typeof value === "object" && Object.keys(value).length === 0);
    return isEmpty ? [] : [`${name} ${typeof value === "string" ? value : JSON.stringify(value)}`];
  });
  return cutText(words.join(", "), SHOWN_PARAMS);
}
