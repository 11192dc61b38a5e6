import type { InValue, Transaction } from "@libsql/client";
import type { ErrorFacts, StepStatus } from "../executor/run_event.ts";
import {
  type NewArtifact,
  type RunArtifact,
  writeArtifacts,
  writeRunArtifacts,
} from "./artifact_store.ts";
import { type CacheEntry, cacheEntryRow } from "./cache_store.ts";
import { writeMetrics } from "./metric_store.ts";
import type { Store } from "./open_store.ts";
import type { MetricPoint } from "./run.ts";
import { insertRows, selectRows } from "./rows.ts";

/** One execution of a node in a run. Times are milliseconds since 1970. */
export interface StepRun {
  readonly runId: string;
  readonly node: string;
  readonly step: string;
  readonly status: StepStatus;
  /** 1 for the first; 0 when nothing was tried. */
  readonly attempt: number;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  readonly durationMs: number | null;
  readonly cacheKey: string | null;
  /** Why it ran, was cached or was skipped. */
  readonly reason: string;
  /** What came out, in a few words. */
  readonly summary: string | null;
  readonly error: ErrorFacts | null;
}

/** An artifact that went into or came out of a step run. */
export interface LineageEdge {
  readonly direction: "consumed" | "produced";
  /** Name of the input or output. */
  readonly slot: string;
  /** Content hash. */
  readonly artifact: string;
}

/** Everything that a step run leaves when it succeeds or is cached. */
export interface StepSuccess {
  readonly stepRun: StepRun;
  /** Their blobs must have been put. */
  readonly artifacts: readonly NewArtifact[];
  /** Absent for a hit, and for a step that is not cached. */
  readonly cacheEntry?: CacheEntry;
  readonly edges: readonly LineageEdge[];
  readonly runArtifacts: readonly RunArtifact[];
  readonly metrics: readonly MetricPoint[];
}

/** Records how a step run stands; what was recorded before is replaced. */
export async function recordStepRun(store: Store, stepRun: StepRun): Promise<void> {
  await recordStepRuns(store, [stepRun]);
}

/** `recordStepRun` for many at once. */
export async function recordStepRuns(store: Store, stepRuns: readonly StepRun[]): Promise<void> {
  await store.write((transaction) => writeStepRuns(transaction, stepRuns));
}

/** Records a step run and all it leaves, in one transaction. */
export async function recordStepSuccess(store: Store, success: StepSuccess): Promise<void> {
  await recordStepSuccesses(store, [success]);
}

/** `recordStepSuccess` for many at once, in one transaction. */
export async function recordStepSuccesses(
  store: Store,
  successes: readonly StepSuccess[],
): Promise<void> {
  await store.write((transaction) => writeStepSuccesses(transaction, successes));
}

/** `recordStepSuccesses` inside a transaction. */
export async function writeStepSuccesses(
  transaction: Transaction,
  successes: readonly StepSuccess[],
): Promise<void> {
  await writeStepRuns(transaction, successes.map(({ stepRun }) => stepRun));
  // One statement a table, not a step: an unchanged run consists of little else.
  const byRun = Map.groupBy(successes, ({ stepRun }) => stepRun.runId);
  for (const [runId, ofRun] of byRun) await writeSuccesses(transaction, runId, ofRun);
}

/** The step runs of a run, in the order they were first recorded. */
export async function listStepRuns(store: Store, runId: string): Promise<StepRun[]> {
  const rows = await selectRows<Omit<StepRun, "error"> & { error: string | null }>(
    store.client,
    `SELECT run_id AS runId, node, step, status, attempt, started_at AS startedAt,
       ended_at AS endedAt, duration_ms AS durationMs, cache_key AS cacheKey, reason, summary, error
     FROM step_runs WHERE run_id = ? ORDER BY rowid`,
    [runId],
  );
  return rows.map((row) => ({ ...row, error: row.error === null ? null : JSON.parse(row.error) }));
}

/** What the step run that made a cached result said of it. */
export async function findSummary(
  store: Store,
  runId: string,
  cacheKey: string,
): Promise<string | null> {
  const [row] = await selectRows<{ summary: string | null }>(
    store.client,
    "SELECT summary FROM step_runs WHERE run_id = ? AND cache_key = ? LIMIT 1",
    [runId, cacheKey],
  );
  return row?.summary ?? null;
}

/** What went into and came out of the step runs of a run. */
export async function listEdges(
  store: Store,
  runId: string,
): Promise<(LineageEdge & { readonly node: string })[]> {
  return await selectRows(
    store.client,
    `SELECT node, direction, slot, artifact_hash AS artifact FROM lineage_edges
     WHERE run_id = ? ORDER BY rowid`,
    [runId],
  );
}

async function writeStepRuns(
  transaction: Transaction,
  stepRuns: readonly StepRun[],
): Promise<void> {
  const replaced = ["step", "status", "attempt", "started_at", "ended_at", "duration_ms"]
    .concat("cache_key", "reason", "summary", "error")
    .map((column) => `${column} = excluded.${column}`);
  await insertRows(
    transaction,
    "step_runs",
    stepRuns.map(stepRunRow),
    `ON CONFLICT DO UPDATE SET ${replaced.join(", ")}`,
  );
}

async function writeSuccesses(
  transaction: Transaction,
  runId: string,
  successes: readonly StepSuccess[],
): Promise<void> {
  for (const { artifacts, stepRun } of successes) {
    await writeArtifacts(transaction, artifacts, stepRun.endedAt ?? Date.now());
  }
  const entries = successes.flatMap(({ cacheEntry }) =>
    cacheEntry === undefined ? [] : [cacheEntryRow(cacheEntry)]
  );
  const replaced = Object.keys(entries[0] ?? {}).map((column) => `${column} = excluded.${column}`);
  const conflict = `ON CONFLICT DO UPDATE SET ${replaced.join(", ")}`;
  await insertRows(transaction, "cache_entries", entries, conflict);
  await insertRows(
    transaction,
    "lineage_edges",
    successes.flatMap(({ stepRun: { node }, edges }) =>
      edges.map(({ direction, slot, artifact }) => (
        { run_id: runId, node, direction, slot, artifact_hash: artifact }
      ))
    ),
    "ON CONFLICT DO UPDATE SET artifact_hash = excluded.artifact_hash",
  );
  await writeRunArtifacts(
    transaction,
    runId,
    successes.flatMap(({ runArtifacts }) => runArtifacts),
  );
  await writeMetrics(transaction, runId, successes.flatMap(({ metrics }) => metrics));
}

function stepRunRow(stepRun: StepRun): Record<string, InValue> {
  return {
    run_id: stepRun.runId,
    node: stepRun.node,
    step: stepRun.step,
    status: stepRun.status,
    attempt: stepRun.attempt,
    started_at: stepRun.startedAt,
    ended_at: stepRun.endedAt,
    duration_ms: stepRun.durationMs,
    cache_key: stepRun.cacheKey,
    reason: stepRun.reason,
    summary: stepRun.summary,
    error: stepRun.error === null ? null : JSON.stringify(stepRun.error),
  };
}
