import { and, asc, desc, eq, exists, notExists, type SQL, sql } from "drizzle-orm";
import { QueryBuilder } from "drizzle-orm/sqlite-core";
import { explainStoreError } from "./database_error.ts";
import type { RunOrder, RunQuery, RunRow } from "./find_run.ts";
import type { Store } from "./open_store.ts";
import type { Cell } from "./prepared_statement.ts";
import { experiments, latestMetrics, runs, runTags } from "./schema.ts";

/** What is read of a run, in the words of `RunRow`. */
const fields = {
  runId: runs.runId,
  runName: runs.runName,
  experimentId: runs.experimentId,
  experiment: experiments.name,
  userId: runs.userId,
  status: runs.status,
  startTime: runs.startTime,
  endTime: runs.endTime,
  lifecycleStage: runs.lifecycleStage,
  artifactUri: runs.artifactUri,
} satisfies Record<keyof RunRow, unknown>;

/** The runs a query asks for, in its order. */
export async function searchRuns(store: Store, query: RunQuery): Promise<RunRow[]> {
  const order = query.orderBy ?? { by: "start_time", descending: true };
  const { sql: text, params } = new QueryBuilder()
    .select(fields)
    .from(runs)
    .innerJoin(experiments, eq(experiments.experimentId, runs.experimentId))
    .where(and(...conditions(query)))
    .orderBy(...sortKeys(order), desc(runs.startTime), asc(runs.runId))
    .limit(query.limit ?? 100)
    .offset(query.offset ?? 0)
    .toSQL();
  try {
    const names = Object.keys(fields);
    return (await store.cells(text, params as Cell[])).map((cells) =>
      Object.fromEntries(names.map((name, index) => [name, cells[index]])) as unknown as RunRow
    );
  } catch (error) {
    throw explainStoreError(error, "Cannot list the runs", store.folder);
  }
}

function conditions(query: RunQuery): SQL[] {
  const { lifecycleStage = "active", tags = {}, withoutTags = {} } = query;
  const hasTag = ([key, value]: readonly [string, string]): SQL =>
    sql`(SELECT 1 FROM ${runTags} WHERE ${runTags.runId} = ${runs.runId}
      AND ${runTags.key} = ${key} AND ${runTags.value} = ${value})`;
  return [
    ...query.experiment === undefined ? [] : [eq(experiments.name, query.experiment)],
    ...query.status === undefined ? [] : [eq(runs.status, query.status)],
    ...lifecycleStage === "all" ? [] : [eq(runs.lifecycleStage, lifecycleStage)],
    ...Object.entries(tags).map((tag) => exists(hasTag(tag))),
    ...Object.entries(withoutTags).map((tag) => notExists(hasTag(tag))),
  ];
}

function sortKeys({ by, descending }: RunOrder): SQL[] {
  const direction = descending ? desc : asc;
  if (by === "start_time") return [direction(runs.startTime)];
  if (by === "end_time") return [direction(runs.endTime)];
  if (by === "run_name") return [direction(runs.runName)];
  if (by === "status") return [direction(runs.status)];
  const latest = (column: SQL): SQL =>
    sql`(SELECT ${column} FROM ${latestMetrics} WHERE ${latestMetrics.runId} = ${runs.runId}
      AND ${latestMetrics.key} = ${by.metric})`;
  // Numbers, then NaN, then runs without the metric, in both directions.
  return [
    sql`coalesce(${latest(sql`${latestMetrics.isNan}`)}, 2)`,
    direction(latest(sql`${latestMetrics.value}`)),
  ];
}
