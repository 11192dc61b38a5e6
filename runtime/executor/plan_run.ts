import { nodeOf, type PlacedNode } from "../../pipeline/mod.ts";
import type { ArtifactRecord } from "../artifacts/artifact_codec.ts";
import { decideStep } from "./decide_step.ts";
import { readVerdicts } from "./run_step.ts";
import type { PlanWorld } from "./run_world.ts";

/** What would happen to one node. */
export interface PlannedNode {
  readonly node: string;
  readonly step: string;
  /** `unknown`: decided by the result of a node that will run. */
  readonly action: "run" | "cached" | "unknown" | "skip";
  readonly reason: string;
}

/** What a run would do now. */
export interface Plan {
  readonly pipeline: string;
  readonly nodes: readonly PlannedNode[];
}

/** Decides about every node as far as it can be known without running anything. */
export async function planRun(world: PlanWorld): Promise<Plan> {
  const outputs = new Map<PlacedNode, Readonly<Record<string, ArtifactRecord>>>();
  const closed = new Map<PlacedNode, string>();
  const nodes: PlannedNode[] = [];
  for (const node of world.graph.nodes) {
    const planned = { node: node.id, step: node.step.name };
    const producers = Object.values(node.inputs).map(nodeOf);
    const gate = producers.map((each) => closed.get(each)).find((each) => each !== undefined);
    if (gate !== undefined) {
      closed.set(node, gate);
      nodes.push({ ...planned, action: "skip", reason: `gate "${gate}" said no` });
      continue;
    }
    const waiting = producers.find((each) => !outputs.has(each));
    if (waiting !== undefined) {
      const reason = `depends on the result of "${waiting.id}"`;
      nodes.push({ ...planned, action: "unknown", reason });
      continue;
    }
    const inputs = Object.fromEntries(
      Object.entries(node.inputs).map(([slot, ref]) => [
        slot,
        outputs.get(nodeOf(ref))![ref.output]!,
      ]),
    );
    const decision = await decideStep(world, node, inputs);
    if (decision.outputs === undefined) {
      nodes.push({ ...planned, action: "run", reason: decision.reason });
      continue;
    }
    outputs.set(node, decision.outputs);
    const verdicts = await readVerdicts(world, decision.outputs);
    if (verdicts.some(({ passed }) => !passed)) closed.set(node, node.id);
    nodes.push({ ...planned, action: "cached", reason: decision.reason });
  }
  return { pipeline: world.graph.pipeline, nodes };
}
