import { type Metrics, nodeOf, type PlacedNode } from "../../pipeline/mod.ts";
import type { ArtifactRecord } from "../artifacts/artifact_codec.ts";
import type { MetricPoint } from "../store/mod.ts";
import { decideStep, type StepDecision } from "./decide_step.ts";
import { errorFacts } from "./error_facts.ts";
import { nextNodes, type NodeState } from "./ready_nodes.ts";
import {
  recordCached,
  recordEnding,
  recordFailedKey,
  recordPending,
  recordRunning,
  recordSucceeded,
} from "./record_step.ts";
import type { FinishedStep } from "./finished_step.ts";
import { type Attempts, readVerdicts, redactFacts, runStep } from "./run_step.ts";
import type { GateSummary } from "./run_summary.ts";
import type { RunWorld } from "./run_world.ts";
import { readRunMetrics } from "./summarize_run.ts";
import { redactor } from "./step_context.ts";
import { whyCancelled } from "./watch_stop.ts";

/** What a step did, before it is recorded. */
type Outcome = Omit<FinishedStep, "durationMs">;

/**
 * Runs every ready node until none is left: as many at a time as the world allows. A failure stops
 * what depends on it and nothing else.
 *
 * @returns One entry per node, in the order of the graph. Never throws for a failing step.
 */
export async function executeRun(world: RunWorld): Promise<readonly FinishedStep[]> {
  const { graph, signal } = world;
  const states = new Map<string, NodeState>(
    graph.nodes.map(({ id }) => [id, { status: "pending" }]),
  );
  const finished = new Map<string, FinishedStep>();
  const running = new Set<Promise<void>>();
  await recordPending(world);

  const finish = async (outcome: Outcome, durationMs: number): Promise<void> => {
    const step = { ...outcome, durationMs };
    await recordOutcome(world, step);
    finished.set(step.node.id, step);
    const { status, outputs, gates } = step;
    const isDone = status === "succeeded" || status === "cached";
    states.set(step.node.id, {
      status,
      ...(isDone ? { outputs } : {}),
      isClosedGate: gates.some(({ passed }) => !passed),
    });
  };

  const start = async (node: PlacedNode): Promise<void> => {
    states.set(node.id, { status: "running" });
    const startedAt = performance.now();
    const outcome = await settleStep(world, node, inputsOf(node, states));
    await finish(outcome, Math.round(performance.now() - startedAt));
  };

  for (;;) {
    const { ready, blocked } = nextNodes(graph, states);
    for (const { node, reason } of blocked) {
      const status = signal.aborted ? "cancelled" : "skipped";
      await finish(ended(node, { status, reason }), 0);
    }
    if (blocked.length > 0) continue;
    if (signal.aborted && ready.length > 0) {
      for (const node of ready) {
        await finish(ended(node, { status: "cancelled", reason: whyCancelled(signal) }), 0);
      }
      continue;
    }
    for (const node of ready.slice(0, world.parallelNodes - running.size)) {
      const run = start(node).finally(() => running.delete(run));
      running.add(run);
    }
    if (running.size === 0) break;
    try {
      await Promise.race(running);
    } catch (error) {
      // The store cannot be written: nobody may go on using it when it is closed.
      await Promise.allSettled(running);
      throw error;
    }
  }
  return graph.nodes.map(({ id }) => finished.get(id)!);
}

function inputsOf(
  node: PlacedNode,
  states: ReadonlyMap<string, NodeState>,
): Readonly<Record<string, ArtifactRecord>> {
  return Object.fromEntries(
    Object.entries(node.inputs).map(([slot, ref]) => [
      slot,
      states.get(nodeOf(ref).id)!.outputs![ref.output]!,
    ]),
  );
}

/** Decides about a node, runs it if it must run, and turns whatever happens into an outcome. */
async function settleStep(
  world: RunWorld,
  node: PlacedNode,
  inputs: Readonly<Record<string, ArtifactRecord>>,
): Promise<Outcome> {
  let decision: StepDecision | null = null;
  const tried: Attempts = { count: 0 };
  try {
    decision = await decideStep(world, node, inputs);
    if (decision.warning !== undefined) {
      world.sinks.emit({ type: "log", node: node.id, level: "warning", message: decision.warning });
    }
    if (decision.outputs !== undefined) return await settleCached(world, node, inputs, decision);
    const left = leftOut(world, node);
    if (left !== undefined) return ended(node, { status: left.status, decision, ...left.facts });

    const startedAt = Date.now();
    await recordRunning(world, node, decision);
    const { outputs, summary } = await runStep(world, node, inputs, { decision, tried });
    await world.sinks.flush();
    const attempt = tried.count;
    const isSound = !tellChangedFiles(world, node, decision);
    const result = { decision, inputs, outputs, summary, startedAt, attempt, isSound };
    await recordSucceeded(world, node, result);
    const gates = gatesOf(node, await readVerdicts(world, outputs));
    return { ...ended(node, { status: "succeeded", decision, summary, attempt }), outputs, gates };
  } catch (error) {
    return { ...await failure(world, node, decision, error), attempt: tried.count };
  }
}

/** A result of files that changed between hashing and reading belongs to no key. */
function tellChangedFiles({ stamps, sinks }: RunWorld, node: PlacedNode, decision: StepDecision) {
  const hasChanged = stamps.hasChanged(decision.reads.files);
  if (hasChanged) {
    const message =
      `A file that "${node.id}" reads changed while it ran: its result is not cached.`;
    sinks.emit({ type: "log", node: node.id, level: "warning", message });
  }
  return hasChanged;
}

async function settleCached(
  world: RunWorld,
  node: PlacedNode,
  inputs: Readonly<Record<string, ArtifactRecord>>,
  decision: StepDecision,
): Promise<Outcome> {
  const outputs = decision.outputs!;
  const metrics = metricPoints(node.id, await readRunMetrics(world.store, outputs));
  const summary = await recordCached(world, node, { decision, inputs, metrics });
  const gates = gatesOf(node, await readVerdicts(world, outputs));
  return { ...ended(node, { status: "cached", decision, summary }), outputs, gates };
}

/** With `--only`, a node that was not chosen does not run: it is an input that must be cached, or is not wanted. */
function leftOut(
  { graph, selection }: RunWorld,
  node: PlacedNode,
): { status: "failed" | "skipped"; facts: Partial<Outcome> } | undefined {
  const { only } = selection;
  if (only === undefined || only.length === 0 || only.includes(node.id)) return undefined;
  const isNeeded = only.some((id) => {
    const chosen = graph.nodes.find((each) => each.id === id);
    return chosen !== undefined && isBefore(node, chosen);
  });
  if (!isNeeded) return { status: "skipped", facts: { reason: "not chosen with --only" } };
  const error = {
    what: `Cannot use the result of "${node.id}"`,
    why: `it is not cached, and --only ${only.join(" --only ")} leaves it out`,
    fix: `Run without --only first, or add --only ${node.id}`,
    code: "run/not-cached",
  };
  return { status: "failed", facts: { reason: error.why, error } };
}

function isBefore(node: PlacedNode, other: PlacedNode): boolean {
  return Object.values(other.inputs).map(nodeOf).some((each) =>
    each === node || isBefore(node, each)
  );
}

/** A cached evaluation still speaks for the run that uses it: under the node's name and its own. */
function metricPoints(node: string, metrics: Metrics): readonly MetricPoint[] {
  const timestamp = Date.now();
  return Object.entries(metrics).flatMap(([name, value]) =>
    [`${node}/${name}`, name].map((key) => ({ key, value, timestamp, step: 0 }))
  );
}

async function failure(
  world: RunWorld,
  node: PlacedNode,
  decision: StepDecision | null,
  error: unknown,
): Promise<Outcome> {
  if (world.signal.aborted) {
    return ended(node, { status: "cancelled", decision, reason: whyCancelled(world.signal) });
  }
  const facts = redactFacts(errorFacts(error, node.id), redactor(world));
  if (facts.code === "register/declined") {
    return ended(node, { status: "skipped", decision, reason: facts.why });
  }
  const stack = error instanceof Error ? error.stack : undefined;
  if (stack !== undefined) {
    const message = redactor(world)(stack);
    world.sinks.emit({ type: "log", node: node.id, level: "error", message });
  }
  // The key is kept without a result, so that a failed step can be explained too.
  if (decision !== null) await recordFailedKey(world, node, decision);
  return ended(node, { status: "failed", decision, error: facts, reason: facts.why });
}

function gatesOf(
  { id }: PlacedNode,
  verdicts: Awaited<ReturnType<typeof readVerdicts>>,
): readonly GateSummary[] {
  return verdicts.map(({ passed, reasons }) => ({
    node: id,
    passed,
    // What was not met comes first; beside it, what was met says so.
    reasons: reasons.toSorted((a, b) => Number(a.met) - Number(b.met))
      .map(({ text, met }) => met && !passed ? `${text} (met)` : text),
  }));
}

function ended(
  node: PlacedNode,
  facts: Partial<Outcome> & Pick<Outcome, "status">,
): Outcome {
  return {
    node,
    reason: facts.decision?.reason ?? "",
    attempt: 0,
    summary: null,
    error: null,
    decision: null,
    outputs: {},
    gates: [],
    ...facts,
  };
}

async function recordOutcome(world: RunWorld, step: FinishedStep): Promise<void> {
  await recordEnding(world, step);
  const { node, status, durationMs, decision, reason, summary, error, gates } = step;
  world.sinks.emit({
    type: "step-finished",
    node: node.id,
    step: node.step.name,
    status,
    durationMs,
    cacheKey: decision?.cacheKey ?? null,
    reason,
    summary,
    error,
    passed: gates.length === 0 ? null : gates.every(({ passed }) => passed),
  });
}
