import type { PlacedNode } from "../../pipeline/mod.ts";
import type { ArtifactRecord } from "../artifacts/artifact_codec.ts";
import {
  type CacheEntry,
  findSummary,
  type LineageEdge,
  type MetricPoint,
  recordCacheKey,
  recordStepRun,
  recordStepRuns,
  recordStepSuccess,
  type StepRun,
} from "../store/mod.ts";
import type { StepDecision } from "./decide_step.ts";
import type { FinishedStep } from "./finished_step.ts";
import type { RunWorld } from "./run_world.ts";

/** The rows of a run that has just begun: every node is pending, in the order of the graph. */
export async function recordPending(world: RunWorld): Promise<void> {
  await recordStepRuns(world.store, world.graph.nodes.map((node) => newStepRun(world, node)));
}

/** The row of a step run that has just begun. */
export async function recordRunning(
  world: RunWorld,
  node: PlacedNode,
  { cacheKey, reason }: StepDecision,
): Promise<void> {
  await recordStepRun(world.store, {
    ...newStepRun(world, node),
    status: "running",
    attempt: 1,
    startedAt: Date.now(),
    cacheKey,
    reason,
  });
}

/** What a finished body of a step leaves, in one transaction: artifacts, cache entry, lineage. */
export async function recordSucceeded(
  world: RunWorld,
  node: PlacedNode,
  { decision, inputs, outputs, summary, startedAt, attempt, isSound }: {
    readonly decision: StepDecision;
    readonly inputs: Readonly<Record<string, ArtifactRecord>>;
    readonly outputs: Readonly<Record<string, ArtifactRecord>>;
    readonly summary: string | null;
    readonly startedAt: number;
    readonly attempt: number;
    /** Whether the result belongs to its key: else it is kept, and not cached. */
    readonly isSound: boolean;
  },
): Promise<void> {
  const endedAt = Date.now();
  const durationMs = endedAt - startedAt;
  const { cacheKey, parts, reason } = decision;
  const entry: CacheEntry = {
    cacheKey,
    step: node.step.name,
    node: node.id,
    runId: world.run,
    parts: { ...parts },
    outputs: Object.entries(outputs).map(([output, { kind, hash }]) => ({
      output,
      kind,
      artifact: hash,
    })),
    createdAt: endedAt,
    durationMs,
  };
  await recordStepSuccess(world.store, {
    stepRun: {
      ...newStepRun(world, node),
      status: "succeeded",
      attempt,
      startedAt,
      endedAt,
      durationMs,
      cacheKey,
      reason,
      summary,
    },
    artifacts: Object.values(outputs),
    ...(node.step.cache === false || !isSound ? {} : { cacheEntry: entry }),
    edges: edgesOf(inputs, outputs),
    runArtifacts: runArtifactsOf(node, outputs),
    metrics: [],
  });
}

/** A step run that was taken from the cache: the same lineage, the same metrics, nothing made. */
export async function recordCached(
  world: RunWorld,
  node: PlacedNode,
  { decision, inputs, metrics }: {
    readonly decision: StepDecision;
    readonly inputs: Readonly<Record<string, ArtifactRecord>>;
    readonly metrics: readonly MetricPoint[];
  },
): Promise<string | null> {
  const entry = decision.entry!;
  const outputs = decision.outputs!;
  const summary = await findSummary(world.store, entry.runId, entry.cacheKey);
  const now = Date.now();
  await recordStepSuccess(world.store, {
    stepRun: {
      ...newStepRun(world, node),
      status: "cached",
      startedAt: now,
      endedAt: now,
      durationMs: 0,
      cacheKey: decision.cacheKey,
      reason: decision.reason,
      summary,
    },
    artifacts: [],
    edges: edgesOf(inputs, outputs),
    runArtifacts: runArtifactsOf(node, outputs),
    metrics,
  });
  return summary;
}

/** The key of a step run that failed, without a result: to tell what it was made from. */
export async function recordFailedKey(
  world: RunWorld,
  { id, step }: PlacedNode,
  { cacheKey, parts }: StepDecision,
): Promise<void> {
  await recordCacheKey(world.store, {
    cacheKey,
    step: step.name,
    node: id,
    runId: world.run,
    parts: { ...parts },
    createdAt: Date.now(),
  });
}

/** The row of a step run that ended without a result. */
export async function recordEnding(world: RunWorld, step: FinishedStep): Promise<void> {
  const { node, status, durationMs, decision, reason, error, attempt } = step;
  if (status === "succeeded" || status === "cached") return;
  const endedAt = Date.now();
  await recordStepRun(world.store, {
    ...newStepRun(world, node),
    status,
    attempt,
    startedAt: decision === null ? null : endedAt - durationMs,
    endedAt,
    durationMs,
    cacheKey: decision?.cacheKey ?? null,
    reason,
    error,
  });
}

function newStepRun({ run }: RunWorld, { id, step }: PlacedNode): StepRun {
  return {
    runId: run,
    node: id,
    step: step.name,
    status: "pending",
    attempt: 0,
    startedAt: null,
    endedAt: null,
    durationMs: null,
    cacheKey: null,
    reason: "",
    summary: null,
    error: null,
  };
}

function edgesOf(
  inputs: Readonly<Record<string, ArtifactRecord>>,
  outputs: Readonly<Record<string, ArtifactRecord>>,
): readonly LineageEdge[] {
  const edges = (direction: LineageEdge["direction"], records: typeof inputs) =>
    Object.entries(records).map(([slot, { hash }]) => ({ direction, slot, artifact: hash }));
  return [...edges("consumed", inputs), ...edges("produced", outputs)];
}

function runArtifactsOf(
  { id }: PlacedNode,
  outputs: Readonly<Record<string, ArtifactRecord>>,
): readonly { readonly path: string; readonly artifact: string }[] {
  return Object.entries(outputs).map(([output, { hash }]) => ({
    path: `${id}/${output}`,
    artifact: hash,
  }));
}
