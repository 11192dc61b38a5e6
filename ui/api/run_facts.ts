import type { ErrorFacts, RunStatus, StepStatus } from "../../runtime/executor/run_event.ts";
import {
  countRunFiles,
  findStop,
  getRun,
  listInputs,
  listLogs,
  listRunFiles,
  listRuns,
  listStepRuns,
  type Run,
  RUN_TAGS,
  type StopWish,
  type Store,
} from "../../runtime/store/mod.ts";
import { type DatasetAddress, listDatasetAddresses } from "./dataset_facts.ts";
import { jsonMetrics, type JsonNumbers } from "./json_numbers.ts";
import { findRunGraph, type RunGraph } from "./run_graph.ts";
import { filterQuery, type RunFilter } from "./run_filter.ts";

/** A run as lists show it. */
export interface RunFacts {
  readonly run_id: string;
  readonly run_name: string;
  readonly pipeline: string;
  readonly status: RunStatus | "running";
  /** ISO-8601 UTC. */
  readonly started_at: string;
  /** `null` while it runs. */
  readonly duration_ms: number | null;
  readonly user: string;
  readonly note: string | null;
  /** Tags that people gave it. */
  readonly own_tags: Readonly<Record<string, string>>;
  /** Metrics of the whole run, e.g. `accuracy`; those of one node are in `RunDetail`. */
  readonly metrics: JsonNumbers;
}

/** One node of a run. */
export interface StepFacts {
  readonly node: string;
  readonly step: string;
  readonly status: StepStatus;
  readonly duration_ms: number | null;
  readonly attempt: number;
  readonly reason: string;
  readonly summary: string | null;
  readonly cache_key: string | null;
  readonly error: ErrorFacts | null;
}

/** A line of a run's log. */
export interface LogFacts {
  readonly at: string;
  /** `null`: of the run itself. */
  readonly node: string | null;
  readonly level: "info" | "warning" | "error";
  readonly message: string;
}

/** Everything a run's page shows. */
export interface RunDetail extends RunFacts {
  readonly steps: readonly StepFacts[];
  /** How the nodes are wired; `null` where that was not recorded. */
  readonly graph: RunGraph | null;
  readonly params: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  /** Latest values of the metrics of single nodes: `train/loss`. */
  readonly node_metrics: JsonNumbers;
  /** Metrics that have values over time. */
  readonly curves: readonly string[];
  readonly datasets: readonly { readonly name: string; readonly digest: string }[];
  /** Datasets that its steps made. */
  readonly made_datasets: readonly DatasetAddress[];
  readonly files: Page<{ readonly path: string; readonly size: number }>;
  readonly file_count: number;
  readonly logs: readonly LogFacts[];
  readonly parent_run_id: string | null;
  /** Who asked it to stop. */
  readonly stop: StopFacts | null;
}

/** Somebody's wish that a run stops. */
export interface StopFacts {
  readonly by: string;
  /** May be empty. */
  readonly why: string;
  /** ISO-8601 UTC. */
  readonly asked_at: string;
}

/** A part of a long list. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly offset: number;
  readonly limit: number;
  readonly has_more: boolean;
}

/** What part of the runs is asked for. */
export interface RunPageQuery extends RunFilter, PageQuery {}

/** Which part of a list is asked for. */
export interface PageQuery {
  readonly limit: number;
  readonly offset: number;
}

/** Files of a run that are told when nobody says which. */
const FIRST_FILES: PageQuery = { limit: 500, offset: 0 };

/** What a store is asked for a page: one item beyond it tells whether there is another one. */
export function onePageMore({ limit, offset }: PageQuery): PageQuery {
  return { limit: limit + 1, offset };
}

/** The page out of what `onePageMore` found. */
export function pageOf<Item>(found: readonly Item[], { limit, offset }: PageQuery): Page<Item> {
  return { items: found.slice(0, limit), limit, offset, has_more: found.length > limit };
}

/** Lines of a log that a page shows; the rest is in `pipeline runs logs`. */
export const SHOWN_LOG_LINES = 1000;

/**
 * Runs, newest first unless a metric sorts them.
 *
 * @throws {RequestError} 400 with everything that is wrong with the filter.
 */
export async function listRunFacts(store: Store, query: RunPageQuery): Promise<Page<RunFacts>> {
  const { limit, offset, ...filter } = query;
  const page = { limit, offset };
  const runs = await listRuns(store, { ...filterQuery(filter), ...onePageMore(page) });
  return pageOf(runs.map(runFacts), page);
}

/**
 * One run with everything that was recorded of it.
 *
 * @param reference An id, the unique start of one, or a name.
 * @param part Which of its files.
 * @throws {ExplainedError} `run/unknown` or `run/ambiguous`.
 */
export async function getRunDetail(
  store: Store,
  reference: string,
  part: PageQuery = FIRST_FILES,
): Promise<RunDetail> {
  const run = await getRun(store, reference);
  const [steps, graph, inputs, made, files, fileCount, logs, stop] = await Promise.all([
    listStepRuns(store, run.runId),
    findRunGraph(store, run.runId),
    listInputs(store, run.runId),
    listDatasetAddresses(store, run.runId),
    listRunFiles(store, run.runId, onePageMore(part)),
    countRunFiles(store, run.runId),
    listLogs(store, run.runId, { last: SHOWN_LOG_LINES }),
    findStop(store.client, run.runId),
  ]);
  const points = Object.values(run.metrics);
  return {
    ...runFacts(run),
    steps: steps.map((step) => ({
      node: step.node,
      step: step.step,
      status: step.status,
      duration_ms: step.durationMs,
      attempt: step.attempt,
      reason: step.reason,
      summary: step.summary,
      cache_key: step.cacheKey,
      error: step.error,
    })),
    graph,
    params: run.params,
    tags: run.tags,
    node_metrics: numbersOf(run, (key) => key.includes("/")),
    curves: points.filter(({ step }) => step > 0).map(({ key }) => key),
    datasets: inputs.map(({ name, digest }) => ({ name, digest })),
    made_datasets: made,
    files: pageOf(files.map(({ path, size }) => ({ path, size })), part),
    file_count: fileCount,
    logs: logs.map((line) => ({ ...line, at: isoTime(line.at) })),
    parent_run_id: run.tags[RUN_TAGS.parent] ?? null,
    stop: stop === undefined ? null : stopFacts(stop),
  };
}

/** A wish as answers show it. */
export function stopFacts({ userId, why, at }: StopWish): StopFacts {
  return { by: userId, why, asked_at: isoTime(at) };
}

/** ISO-8601 UTC of milliseconds since 1970. */
export function isoTime(at: number): string {
  return new Date(at).toISOString();
}

/** A run as lists show it. */
export function runFacts(run: Run): RunFacts {
  return {
    run_id: run.runId,
    run_name: run.runName,
    pipeline: run.experiment,
    status: statusOf(run),
    started_at: isoTime(run.startTime),
    duration_ms: run.endTime === null ? null : run.endTime - run.startTime,
    user: run.userId,
    note: run.tags[RUN_TAGS.note] ?? null,
    own_tags: ownTags(run.tags),
    metrics: numbersOf(run, (key) => !key.includes("/")),
  };
}

/** Names that MLflow and we keep for ourselves. */
const OUR_TAGS = /^(?:mlflow|hanok)\./;

function ownTags(tags: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(tags).filter(([key]) => !OUR_TAGS.test(key)));
}

/** A pipeline's run says itself how it ended; of other runs MLflow's status is all there is. */
function statusOf(run: Run): RunFacts["status"] {
  if (run.status === "RUNNING" || run.status === "SCHEDULED") return "running";
  if (run.status === "FAILED") return "failed";
  if (run.status === "KILLED") return "cancelled";
  return run.tags["hanok.status"] === "gated" ? "gated" : "succeeded";
}

function numbersOf(run: Run, isShown: (key: string) => boolean): JsonNumbers {
  return jsonMetrics(
    Object.values(run.metrics)
      .filter(({ key }) => isShown(key))
      .map(({ key, value }) => [key, value] as const),
  );
}
