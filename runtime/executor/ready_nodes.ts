import { type Graph, nodeOf, type PlacedNode } from "../../pipeline/mod.ts";
import type { ArtifactRecord } from "../artifacts/artifact_codec.ts";
import type { StepStatus } from "./run_event.ts";

/** How a node of a run stands. */
export interface NodeState {
  readonly status: StepStatus;
  /** Output name to artifact, once the node succeeded or was cached. */
  readonly outputs?: Readonly<Record<string, ArtifactRecord>>;
  /** Whether it gave a verdict that did not pass: nothing after it may run. */
  readonly isClosedGate?: boolean;
}

/** What may happen next in a run. */
export interface NextNodes {
  /** Nodes whose inputs are all there. */
  readonly ready: readonly PlacedNode[];
  /** Nodes that can no longer run, with what stopped the first of them. */
  readonly blocked: readonly { readonly node: PlacedNode; readonly reason: string }[];
}

/** Decides from the states alone which pending nodes may start and which never will. */
export function nextNodes(
  { nodes }: Graph,
  states: ReadonlyMap<string, NodeState>,
): NextNodes {
  const ready: PlacedNode[] = [];
  const blocked = new Map<PlacedNode, string>();
  // Producers come before consumers, so that one pass finds everything behind a stopped node.
  for (const node of nodes) {
    if (states.get(node.id)?.status !== "pending") continue;
    const producers = Object.values(node.inputs).map(nodeOf);
    const reason = producers
      .map((each) => blocked.get(each) ?? stopReason(each, states))
      .find((each) => each !== undefined);
    if (reason !== undefined) blocked.set(node, reason);
    else if (producers.every((each) => states.get(each.id)?.outputs !== undefined)) {
      ready.push(node);
    }
  }
  return { ready, blocked: [...blocked].map(([node, reason]) => ({ node, reason })) };
}

/** Why nothing after this node may run, or `undefined`. */
function stopReason(
  { id }: PlacedNode,
  states: ReadonlyMap<string, NodeState>,
): string | undefined {
  const state = states.get(id);
  if (state?.isClosedGate) return `gate "${id}" said no`;
  switch (state?.status) {
    case "failed":
      return `"${id}" failed`;
    case "skipped":
      return `"${id}" was skipped`;
    case "cancelled":
      return "the run was cancelled";
    default:
      return undefined;
  }
}
