import { and, asc, desc, eq, exists, notExists, type SQL, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/libsql/sqlite3";
import { explainStoreError } from "./database_error.ts";
import type { RunOrder, RunQuery, RunRow } from "./find_run.ts";
import type { Store } from "./open_store.ts";
import { experiments, latestMetrics, runs, runTags } from "./schema.ts";

/** The runs a query asks for, in its order. */
export async function searchRuns(store: Store, query: RunQuery): Promise<RunRow[]> {
  const database = drizzle({ client: store.client });
  const order = query.orderBy ?? { by: "start_time", descending: true };
  const statement = database
    .select({
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
    })
    .from(runs)
    .innerJoin(experiments, eq(experiments.experimentId, runs.experimentId))
    .where(and(...conditions(query)))
    .orderBy(...sortKeys(order), desc(runs.startTime), asc(runs.runId))
    .limit(query.limit ?? 100)
    .offset(query.offset ?? 0);
  try {
    return await statement;
  } catch (error) {
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    throw explainStoreError(cause, "Cannot list the runs", store.folder);
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
