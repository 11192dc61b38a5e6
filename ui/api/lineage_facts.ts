import { type LineageGraph, type LineageNode, trace } from "../../runtime/lineage/mod.ts";
import type { Store } from "../../runtime/store/mod.ts";

/** An artifact in a lineage. */
export interface LineageArtifact {
  readonly hash: string;
  readonly kind: string | null;
  readonly slot: string;
}

/** One step that led to an artifact or a model version. */
export interface LineageStep {
  readonly run_id: string;
  readonly run_name: string;
  readonly node: string;
  readonly step: string;
  readonly summary: string | null;
  readonly consumed: readonly LineageArtifact[];
  readonly produced: readonly LineageArtifact[];
  /** What was read from outside the pipeline: address to content hash or version. */
  readonly reads: Readonly<Record<string, string>>;
  /** Modules and packages whose code went into the result. */
  readonly modules: number;
  readonly params: Readonly<Record<string, unknown>>;
}

/** Where something came from: the steps that led to it, the first one first. */
export interface LineageFacts {
  readonly subject: string;
  readonly steps: readonly LineageStep[];
}

/**
 * The steps that led to an artifact or a model version.
 *
 * @param subject `digits`, `digits@champion`, `digits/3`, or the content hash of an artifact.
 * @throws {ExplainedError} `lineage/unknown`, `lineage/ambiguous`.
 */
export async function readLineage(store: Store, subject: string): Promise<LineageFacts> {
  const graph = await trace(store, subject, "ancestors");
  const nodes = new Map(graph.nodes.map((node) => [node.id, node]));
  const runs = new Map(graph.runs.map(({ runId, runName }) => [runId, runName]));
  const steps = inOrder(graph).flatMap((id): LineageStep[] => {
    const node = nodes.get(id)!;
    if (node.type !== "step-run") return [];
    const { runId, node: name, step, summary } = node.stepRun;
    return [{
      run_id: runId,
      run_name: runs.get(runId) ?? runId,
      node: name,
      step,
      summary,
      consumed: graph.arrows.filter(({ to }) => to === id)
        .flatMap(({ from, slot }) => artifactOf(nodes.get(from), slot)),
      produced: graph.arrows.filter(({ from }) => from === id)
        .flatMap(({ to, slot }) => artifactOf(nodes.get(to), slot)),
      reads: textsOf(node.parts?.reads),
      modules: Object.keys(textsOf(node.parts?.code)).length,
      params: recordOf(node.parts?.params),
    }];
  });
  return { subject, steps };
}

/** Ids of the nodes, each after those it came from. */
function inOrder({ nodes, arrows }: LineageGraph): string[] {
  const ordered = new Set<string>();
  const visit = (id: string): void => {
    if (ordered.has(id)) return;
    for (const { from, to } of arrows) if (to === id) visit(from);
    ordered.add(id);
  };
  for (const { id } of nodes) visit(id);
  return [...ordered];
}

function artifactOf(node: LineageNode | undefined, slot: string): LineageArtifact[] {
  return node?.type === "artifact" ? [{ hash: node.hash, kind: node.kind, slot }] : [];
}

function textsOf(value: unknown): Record<string, string> {
  return Object.fromEntries(
    Object.entries(recordOf(value)).map(([name, each]) => [
      name,
      typeof each === "string" ? each : JSON.stringify(each),
    ]),
  );
}

function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? value as Record<string, unknown>
    : {};
}
