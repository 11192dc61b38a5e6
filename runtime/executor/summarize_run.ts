import type { EngineName, Metrics, RegisteredVersion } from "../../pipeline/mod.ts";
import { type ArtifactRecord, openValue } from "../artifacts/artifact_codec.ts";
import { getVersion } from "../registry/mod.ts";
import type { Store } from "../store/mod.ts";
import type { FinishedStep } from "./finished_step.ts";
import type { RunStatus } from "./run_event.ts";
import type { RunModel, RunSummary } from "./run_summary.ts";

/** What is known of a run beside its steps. */
export interface RunFacts {
  readonly run: string;
  readonly runName: string;
  readonly pipeline: string;
  readonly engine: EngineName | null;
  readonly durationMs: number;
  readonly isCancelled: boolean;
}

/** How a run ended, from how its steps ended. */
export function runStatus(steps: readonly FinishedStep[], isCancelled: boolean): RunStatus {
  if (isCancelled) return "cancelled";
  if (steps.some(({ status }) => status === "failed")) return "failed";
  return steps.some(({ gates }) => gates.some(({ passed }) => !passed)) ? "gated" : "succeeded";
}

/** Exit code of the command line for a status. */
export const EXIT_CODES = {
  succeeded: 0,
  failed: 1,
  gated: 3,
  cancelled: 130,
} as const satisfies Record<RunStatus, number>;

/** The document that `run --json` prints. */
export async function summarizeRun(
  store: Store,
  facts: RunFacts,
  steps: readonly FinishedStep[],
): Promise<RunSummary> {
  return {
    run_id: facts.run,
    run_name: facts.runName,
    pipeline: facts.pipeline,
    status: runStatus(steps, facts.isCancelled),
    engine: facts.engine,
    duration_ms: facts.durationMs,
    steps: steps.map((step) => ({
      node: step.node.id,
      step: step.node.step.name,
      status: step.status,
      duration_ms: step.durationMs,
      cache_key: step.decision?.cacheKey ?? null,
      reason: step.reason,
      summary: step.summary,
      error: step.error,
    })),
    metrics: await metricsOf(store, steps),
    gates: steps.flatMap(({ gates }) => gates),
    model: await modelOf(store, steps),
  };
}

/** The metrics of all evaluations of a run: those of a later node win. */
async function metricsOf(
  store: Store,
  steps: readonly FinishedStep[],
): Promise<Record<string, number | "NaN">> {
  const all: Record<string, number | "NaN"> = {};
  for (const { outputs } of steps) {
    for (const [name, value] of Object.entries(await readRunMetrics(store, outputs))) {
      all[name] = Number.isFinite(value) ? value : "NaN";
    }
  }
  return all;
}

/**
 * Metrics among the outputs of a step run that speak for the whole run. Those that come beside a
 * model are about its training, and stay the node's own.
 */
export async function readRunMetrics(
  store: Store,
  outputs: Readonly<Record<string, ArtifactRecord>>,
): Promise<Metrics> {
  const records = Object.values(outputs);
  if (records.some(({ kind }) => kind === "model")) return {};
  const metrics = await Promise.all(
    records.filter(({ kind }) => kind === "metrics")
      .map((record) => openValue({ ...record, kind: "metrics" }, store.blobs)),
  );
  return Object.assign({}, ...metrics) as Metrics;
}

async function modelOf(store: Store, steps: readonly FinishedStep[]): Promise<RunModel | null> {
  const records = steps.flatMap(({ outputs }) => Object.values(outputs));
  const record = records.findLast(({ kind }) => kind === "version");
  if (record === undefined) return null;
  const { name, version }: RegisteredVersion = await openValue(
    { ...record, kind: "version" },
    store.blobs,
  );
  const found = await getVersion(store, `${name}/${version}`).catch(() => undefined);
  return { name, version, aliases: found?.aliases ?? [] };
}
