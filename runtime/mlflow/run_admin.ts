import type { Transaction } from "@libsql/client";
import { invalid, missing } from "../search/mod.ts";
import {
  insertRows,
  type MlflowStatus,
  randomRunName,
  RUN_TAGS,
  selectRow,
  type SqlRunner,
  type Store,
} from "../store/mod.ts";
import { appendToUri } from "./append_to_uri.ts";
import { getStage } from "./experiment_admin.ts";
import type { WireRun } from "./read_runs.ts";
import type { KeyValue } from "./run_log.ts";

/** A run that a client begins. */
export interface ClientRun {
  readonly experimentId: string;
  readonly user: string;
  readonly runName: string;
  /** Milliseconds since 1970. */
  readonly startTime: number;
  readonly tags: readonly KeyValue[];
}

/** Begins a run. @throws {MlflowError} For an experiment that is deleted or not there. */
export async function beginClientRun(store: Store, run: ClientRun): Promise<WireRun> {
  const runId = crypto.randomUUID().replaceAll("-", "");
  const tags = new Map(run.tags.map(({ key, value }) => [key, value]));
  const tagged = tags.get(RUN_TAGS.name) ?? "";
  if (run.runName !== "" && tagged !== "" && run.runName !== tagged) {
    throw invalid(
      "Both 'run_name' argument and 'mlflow.runName' tag are specified, but with different values " +
        `(run_name='${run.runName}', mlflow.runName='${tagged}').`,
    );
  }
  const name = run.runName || tagged || randomRunName();
  tags.set(RUN_TAGS.name, name);
  return await store.write(async (transaction) => {
    const { id, stage, location } = await getStage(transaction, run.experimentId);
    if (stage !== "active") {
      throw invalid(
        `The experiment ${id} must be in the 'active' state. Current state is ${stage}.`,
      );
    }
    const row = {
      run_id: runId,
      run_name: name,
      experiment_id: id,
      user_id: run.user,
      status: "RUNNING",
      start_time: run.startTime,
      artifact_uri: appendToUri(location, `${runId}/artifacts`),
      lifecycle_stage: "active",
    };
    await insertRows(transaction, "runs", [row]);
    const pairs = [...tags].sort().map(([key, value]) => ({ key, value }));
    await insertRows(transaction, "run_tags", pairs.map((pair) => ({ run_id: runId, ...pair })));
    const info = { ...row, run_uuid: runId, experiment_id: String(id) };
    return { info, data: { tags: pairs }, inputs: {} };
  });
}

/** What may change about a run. */
export interface RunChange {
  readonly status?: MlflowStatus | undefined;
  readonly endTime?: number | undefined;
  readonly runName?: string | undefined;
}

/** Changes a run. @throws {MlflowError} For a run that is deleted or not there. */
export async function changeRun(store: Store, runId: string, change: RunChange): Promise<void> {
  await store.write(async (transaction) => {
    await refuseInactive(transaction, runId);
    const { status, endTime, runName } = change;
    await transaction.execute({
      sql: `UPDATE runs SET status = coalesce(?, status), end_time = coalesce(?, end_time)
        WHERE run_id = ?`,
      args: [status ?? null, endTime ?? null, runId],
    });
    if (runName !== undefined && runName !== "") {
      await writeTags(transaction, runId, [{ key: RUN_TAGS.name, value: runName }]);
    }
  });
}

/** Deletes a run or brings it back; asked twice it does it once. @throws {MlflowError} When it is not there. */
export async function moveRun(
  store: Store,
  runId: string,
  to: "active" | "deleted",
): Promise<void> {
  await store.write(async (transaction) => {
    const { rowsAffected } = await transaction.execute({
      sql: "UPDATE runs SET lifecycle_stage = ? WHERE run_id = ?",
      args: [to, runId],
    });
    if (rowsAffected === 0) throw unknownRun(runId);
  });
}

/** Takes a tag away. @throws {MlflowError} When the run is not active, or has no such tag. */
export async function deleteRunTag(store: Store, runId: string, key: string): Promise<void> {
  await store.write(async (transaction) => {
    await refuseInactive(transaction, runId);
    const { rowsAffected } = await transaction.execute({
      sql: "DELETE FROM run_tags WHERE run_id = ? AND key = ?",
      args: [runId, key],
    });
    if (rowsAffected === 0) throw missing(`No tag with name: ${key} in run with id ${runId}`);
  });
}

/** Adds or replaces tags inside a transaction. The tag `mlflow.runName` is the name of the run. */
export async function writeTags(
  transaction: Transaction,
  runId: string,
  tags: readonly KeyValue[],
): Promise<void> {
  if (tags.length === 0) return;
  const last = new Map(tags.map(({ key, value }) => [key, value]));
  await insertRows(
    transaction,
    "run_tags",
    [...last].map(([key, value]) => ({ run_id: runId, key, value })),
    "ON CONFLICT DO UPDATE SET value = excluded.value",
  );
  const name = last.get(RUN_TAGS.name);
  if (name === undefined) return;
  const sql = "UPDATE runs SET run_name = ? WHERE run_id = ?";
  await transaction.execute({ sql, args: [name, runId] });
}

/** @throws {MlflowError} When there is no such run, or it was deleted. */
export async function refuseInactive(on: SqlRunner, runId: string): Promise<void> {
  const run = await selectRow<{ stage: string }>(
    on,
    "SELECT lifecycle_stage AS stage FROM runs WHERE run_id = ?",
    [runId],
  );
  if (run === undefined) throw unknownRun(runId);
  if (run.stage === "active") return;
  throw invalid(`The run ${runId} must be in the 'active' state. Current state is ${run.stage}.`);
}

/** MLflow's words for it. */
export function unknownRun(runId: string): Error {
  return missing(`Run with id=${runId} not found`);
}
