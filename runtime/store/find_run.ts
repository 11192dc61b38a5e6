import { ExplainedError } from "../../pipeline/explained_error.ts";
import { didYouMean } from "../../pipeline/nearest_name.ts";
import type { Store } from "./open_store.ts";
import { selectRows, type SqlRunner } from "./rows.ts";
import type { MetricPoint, MlflowStatus, Run } from "./run.ts";

/** What a list of runs is to show. */
export interface RunQuery {
  /** Name of the experiment. */
  readonly experiment?: string;
  readonly status?: MlflowStatus;
  /** Tags a run must have, with these values. */
  readonly tags?: Readonly<Record<string, string>>;
  /** Tags a run must not have with these values. */
  readonly withoutTags?: Readonly<Record<string, string>>;
  /** @default "active" */
  readonly lifecycleStage?: "active" | "deleted" | "all";
  /** @default 100 */
  readonly limit?: number;
  /** @default 0 */
  readonly offset?: number;
  /** A run without the metric comes last. @default start time, newest first */
  readonly orderBy?: RunOrder;
}

/** What runs are sorted by; equal ones by start time, newest first. */
export interface RunOrder {
  readonly by: "start_time" | "end_time" | "run_name" | "status" | { readonly metric: string };
  readonly descending: boolean;
}

/**
 * The run with that id, unique start of an id (from 4 digits), or name (the newest of them).
 *
 * @throws {ExplainedError} `run/unknown`, `run/ambiguous`.
 */
export async function getRun(
  { client: on }: { readonly client: SqlRunner },
  reference: string,
): Promise<Run> {
  const isPrefix = /^[0-9a-f]{4,31}$/.test(reference);
  const rows = await selectRows<RunRow>(
    on,
    `${RUN} WHERE r.run_id = ? ${isPrefix ? "OR r.run_id LIKE ?" : ""} LIMIT 10`,
    isPrefix ? [reference, `${reference}%`] : [reference],
  );
  if (rows.length === 0) {
    const named = await selectRows<RunRow>(
      on,
      `${RUN} WHERE r.run_name = ? ORDER BY r.lifecycle_stage, r.start_time DESC LIMIT 1`,
      [reference],
    );
    rows.push(...named);
  }
  if (rows.length > 1) throw ambiguous(reference, rows);
  const [run] = await completeRuns(on, rows);
  if (run === undefined) throw await unknown(on, reference);
  return run;
}

/** Runs with their tags, params and latest metrics. */
export async function listRuns(store: Store, query: RunQuery = {}): Promise<Run[]> {
  const { searchRuns } = await import("./search_runs.ts"); // brings drizzle
  return await completeRuns(store.client, await searchRuns(store, query));
}

/** A run without what stands in tables of its own. */
export type RunRow = Omit<Run, "tags" | "params" | "metrics">;

/** Puts tags, params and latest metrics to runs, in their order. */
export async function completeRuns(on: SqlRunner, rows: readonly RunRow[]): Promise<Run[]> {
  if (rows.length === 0) return [];
  const ids = [JSON.stringify(rows.map(({ runId }) => runId))];
  const among = "WHERE run_id IN (SELECT value FROM json_each(?))";
  type Text = { runId: string; key: string; value: string };
  const texts = (table: string): Promise<Text[]> =>
    selectRows(on, `SELECT run_id AS runId, key, value FROM ${table} ${among} ORDER BY key`, ids);
  const metrics = await selectRows<MetricPoint & { runId: string; isNan: number }>(
    on,
    `SELECT run_id AS runId, key, value, timestamp, step, is_nan AS isNan
     FROM latest_metrics ${among} ORDER BY key`,
    ids,
  );
  const tagsOf = Map.groupBy(await texts("run_tags"), ({ runId }) => runId);
  const paramsOf = Map.groupBy(await texts("run_params"), ({ runId }) => runId);
  const metricsOf = Map.groupBy(metrics, ({ runId }) => runId);
  const toObject = (list: Text[] = []): Record<string, string> =>
    Object.fromEntries(list.map(({ key, value }) => [key, value]));
  return rows.map((row) => ({
    ...row,
    tags: toObject(tagsOf.get(row.runId)),
    params: toObject(paramsOf.get(row.runId)),
    metrics: Object.fromEntries(
      metricsOf.get(row.runId)?.map(({ key, value, timestamp, step, isNan }) => [
        key,
        { key, value: isNan === 1 ? NaN : value, timestamp, step },
      ]) ?? [],
    ),
  }));
}

const RUN = `SELECT r.run_id AS runId, r.run_name AS runName, r.experiment_id AS experimentId,
  e.name AS experiment, r.user_id AS userId, r.status, r.start_time AS startTime,
  r.end_time AS endTime, r.lifecycle_stage AS lifecycleStage, r.artifact_uri AS artifactUri
  FROM runs r JOIN experiments e ON e.experiment_id = r.experiment_id`;

function ambiguous(reference: string, rows: readonly RunRow[]): ExplainedError {
  return new ExplainedError("run/ambiguous", {
    what: `Cannot tell which run "${reference}" is`,
    why: `${rows.length === 10 ? "10 or more" : rows.length} runs start with it: ` +
      rows.map(({ runId, runName }) => `${runId.slice(0, 12)} (${runName})`).join(", "),
    fix: "Give more digits",
  });
}

async function unknown(on: SqlRunner, reference: string): Promise<ExplainedError> {
  const names = await selectRows<{ runName: string }>(
    on,
    "SELECT run_name AS runName FROM runs ORDER BY start_time DESC LIMIT 200",
  );
  const nearest = didYouMean(reference, names.map(({ runName }) => runName));
  return new ExplainedError("run/unknown", {
    what: `Cannot find run "${reference}"`,
    why: `no run has this id or name${nearest}`,
    fix: /^[0-9a-f]{1,3}$/.test(reference)
      ? "The start of an id has 4 digits or more; list the runs with `deno task pipeline runs list`"
      : "List the runs with `deno task pipeline runs list`",
  });
}
