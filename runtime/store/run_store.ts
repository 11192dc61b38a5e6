import type { Transaction } from "@libsql/client";
import { ExplainedError, listProblems } from "../../pipeline/explained_error.ts";
import { getExperiment } from "./experiment_store.ts";
import { getRun } from "./find_run.ts";
import { checkKeys, cut, LIMITS } from "./limits.ts";
import type { Store } from "./open_store.ts";
import { insertRows, selectRows } from "./rows.ts";
import { type MlflowStatus, type Run, RUN_TAGS, type Texts } from "./run.ts";
import { randomRunName } from "./run_name.ts";

/** A run that begins. */
export interface NewRun {
  /** 32 hex digits. */
  readonly runId: string;
  /** @default a random name of three words */
  readonly runName?: string;
  /** Name of the experiment, made when it is new: the name of the pipeline. */
  readonly experiment: string;
  readonly user: string;
  /** Milliseconds since 1970. */
  readonly startTime: number;
  readonly parentRunId?: string;
  readonly tags?: Texts;
  readonly params?: ParamValues;
}

/** What a human chose; kept as text. */
export type ParamValues = Readonly<Record<string, string | number | boolean | null>>;

/**
 * Records that a run has begun.
 *
 * @throws {ExplainedError} `store/bad-name` for a tag or param, `store/deleted-experiment`.
 */
export async function createRun(store: Store, run: NewRun): Promise<Run> {
  checkRunNames(run);
  return await store.write(async (transaction) => {
    await writeRun(transaction, run, { status: "RUNNING", endTime: null });
    return await getRun({ client: transaction }, run.runId);
  });
}

/** Refuses names of tags and params that MLflow's data model does not take. */
export function checkRunNames({ tags, params }: NewRun): void {
  checkKeys([...Object.keys(tags ?? {}), ...Object.keys(params ?? {})]);
}

/**
 * The rows of a run inside a transaction; the names must have been checked.
 *
 * @returns The run's name.
 */
export async function writeRun(
  transaction: Transaction,
  run: NewRun,
  end: { readonly status: MlflowStatus; readonly endTime: number | null },
): Promise<string> {
  const runName = run.runName ?? randomRunName();
  const { experimentId } = await getExperiment(transaction, run.experiment, run.startTime);
  await insertRows(transaction, "runs", [{
    run_id: run.runId,
    run_name: runName,
    experiment_id: experimentId,
    user_id: run.user,
    status: end.status,
    start_time: run.startTime,
    end_time: end.endTime,
    artifact_uri: `mlflow-artifacts:/${experimentId}/${run.runId}/artifacts`,
  }]);
  const tags = {
    ...run.tags,
    [RUN_TAGS.name]: runName,
    [RUN_TAGS.user]: run.user,
    ...(run.parentRunId === undefined ? {} : { [RUN_TAGS.parent]: run.parentRunId }),
  };
  await insertRows(transaction, "run_tags", tagRows(run.runId, tags));
  await insertRows(transaction, "run_params", paramRows(run.runId, run.params ?? {}));
  return runName;
}

/** Records how a run ended. A run that has ended already keeps its first end. */
export async function finishRun(
  store: Store,
  runId: string,
  end: { readonly status: MlflowStatus; readonly endTime: number; readonly tags?: Texts },
): Promise<void> {
  checkKeys(Object.keys(end.tags ?? {}));
  await store.write(async (transaction) => {
    await transaction.execute({
      sql: "UPDATE runs SET status = ?, end_time = ? WHERE run_id = ? AND end_time IS NULL",
      args: [end.status, end.endTime, runId],
    });
    await writeTags(transaction, runId, end.tags ?? {});
  });
}

/** Changes what people say about a run. */
export async function updateRun(
  store: Store,
  runId: string,
  change: { readonly name?: string; readonly note?: string; readonly tags?: Texts },
): Promise<void> {
  await setTags(store, runId, {
    ...change.tags,
    ...(change.name === undefined ? {} : { [RUN_TAGS.name]: change.name }),
    ...(change.note === undefined ? {} : { [RUN_TAGS.note]: change.note }),
  });
}

/** Adds or replaces tags. The tag `mlflow.runName` is the name of the run. */
export async function setTags(store: Store, runId: string, tags: Texts): Promise<void> {
  checkKeys(Object.keys(tags));
  await store.write((transaction) => writeTags(transaction, runId, tags));
}

/** Hides a run from lists; what it made stays until the garbage is collected. */
export async function deleteRun(store: Store, runId: string): Promise<void> {
  await moveTo(store, runId, "deleted");
}

/** Brings a deleted run back. */
export async function restoreRun(store: Store, runId: string): Promise<void> {
  await moveTo(store, runId, "active");
}

/**
 * Adds params; the same value again is no change.
 *
 * @throws {ExplainedError} `store/changed-param` naming every param that has another value already.
 */
export async function logParams(store: Store, runId: string, params: ParamValues): Promise<void> {
  checkKeys(Object.keys(params));
  await store.write((transaction) => writeParams(transaction, runId, params));
}

async function moveTo(store: Store, runId: string, stage: Run["lifecycleStage"]): Promise<void> {
  const sql = "UPDATE runs SET lifecycle_stage = ? WHERE run_id = ?";
  await store.write((transaction) => transaction.execute({ sql, args: [stage, runId] }));
}

async function writeTags(transaction: Transaction, runId: string, tags: Texts): Promise<void> {
  const replace = "ON CONFLICT DO UPDATE SET value = excluded.value";
  await insertRows(transaction, "run_tags", tagRows(runId, tags), replace);
  const name = tags[RUN_TAGS.name];
  if (name === undefined) return;
  const sql = "UPDATE runs SET run_name = ? WHERE run_id = ?";
  await transaction.execute({ sql, args: [name, runId] });
}

async function writeParams(
  transaction: Transaction,
  runId: string,
  params: ParamValues,
): Promise<void> {
  const rows = paramRows(runId, params);
  if (rows.length === 0) return;
  await insertRows(transaction, "run_params", rows, "ON CONFLICT DO NOTHING");
  const kept = await selectRows<{ key: string; value: string }>(
    transaction,
    "SELECT key, value FROM run_params WHERE run_id = ?",
    [runId],
  );
  const keptValues = new Map(kept.map(({ key, value }) => [key, value]));
  const changed = rows.filter(({ key, value }) => keptValues.get(key) !== value);
  if (changed.length === 0) return;
  throw new ExplainedError("store/changed-param", {
    what: "Cannot log the params",
    why: listProblems(
      changed.map(({ key, value }) => `${key} is "${keptValues.get(key)}", given "${value}"`),
    ),
    fix: "Log a changed value under another name, or in another run",
  });
}

function tagRows(runId: string, tags: Texts) {
  return Object.entries(tags).map(([key, value]) => (
    { run_id: runId, key, value: cut(value, LIMITS.tagValue) }
  ));
}

function paramRows(runId: string, params: ParamValues) {
  return Object.entries(params).map(([key, value]) => (
    { run_id: runId, key, value: cut(String(value), LIMITS.paramValue) }
  ));
}
