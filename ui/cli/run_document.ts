import type { MetricPoint, Run, StepRun } from "../../runtime/store/mod.ts";

/** A run as `--json` prints it. Times are ISO-8601 in UTC. */
export interface RunDocument {
  readonly run_id: string;
  readonly run_name: string;
  readonly pipeline: string;
  /** `running`, `succeeded`, `gated`, `failed`, `cancelled` or `scheduled`. */
  readonly status: string;
  readonly started_at: string;
  readonly ended_at: string | null;
  readonly duration_ms: number | null;
  readonly user: string;
  readonly deleted: boolean;
  readonly note: string | null;
  readonly parent_run_id: string | null;
  readonly params: Readonly<Record<string, string>>;
  /** Latest values. */
  readonly metrics: Readonly<Record<string, number>>;
  readonly tags: Readonly<Record<string, string>>;
}

/** A step run as `--json` prints it. */
export type StepRunDocument = ReturnType<typeof stepRunDocument>;

/** MLflow's words in ours; a run that was gated or cancelled says so in a tag. */
const STATUS_WORDS = {
  RUNNING: "running",
  SCHEDULED: "scheduled",
  FINISHED: "succeeded",
  FAILED: "failed",
  KILLED: "cancelled",
} as const;

/** How a run stands, in one word. */
export function statusWord({ status, tags }: Pick<Run, "status" | "tags">): string {
  return tags["hanok.status"] ?? STATUS_WORDS[status];
}

/** The document of a run. */
export function runDocument(run: Run): RunDocument {
  const { startTime, endTime } = run;
  return {
    run_id: run.runId,
    run_name: run.runName,
    pipeline: run.experiment,
    status: statusWord(run),
    started_at: new Date(startTime).toISOString(),
    ended_at: endTime === null ? null : new Date(endTime).toISOString(),
    duration_ms: endTime === null ? null : endTime - startTime,
    user: run.userId,
    deleted: run.lifecycleStage === "deleted",
    note: run.tags["mlflow.note.content"] ?? null,
    parent_run_id: run.tags["mlflow.parentRunId"] ?? null,
    params: run.params,
    metrics: latestValues(run.metrics),
    tags: run.tags,
  };
}

/** The document of a step run. */
export function stepRunDocument(step: StepRun) {
  return {
    node: step.node,
    step: step.step,
    status: step.status,
    attempt: step.attempt,
    duration_ms: step.durationMs,
    cache_key: step.cacheKey,
    reason: step.reason,
    summary: step.summary,
    error: step.error,
  };
}

/** The metrics of the run as a whole; those of single nodes have a `/` in their name. */
export function ownMetrics(run: Pick<Run, "metrics">): Readonly<Record<string, number>> {
  const all = Object.entries(latestValues(run.metrics));
  return Object.fromEntries(all.filter(([name]) => !name.includes("/")));
}

function latestValues(metrics: Readonly<Record<string, MetricPoint>>): Record<string, number> {
  return Object.fromEntries(Object.entries(metrics).map(([key, { value }]) => [key, value]));
}
