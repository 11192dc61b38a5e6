import type { Transaction } from "@libsql/client";
import { ExplainedError } from "../../pipeline/explained_error.ts";
import type { Store } from "./open_store.ts";
import { selectRow, selectRows, type SqlRunner } from "./rows.ts";

/** A named group of runs that answer one question. Times are milliseconds since 1970. */
export interface Experiment {
  readonly experimentId: number;
  readonly name: string;
  readonly artifactLocation: string;
  readonly lifecycleStage: "active" | "deleted";
  readonly creationTime: number;
  readonly lastUpdateTime: number;
}

const EXPERIMENT = `SELECT experiment_id AS experimentId, name,
  artifact_location AS artifactLocation, lifecycle_stage AS lifecycleStage,
  creation_time AS creationTime, last_update_time AS lastUpdateTime FROM experiments`;

/** All experiments that are not deleted, by name. */
export async function listExperiments(store: Store): Promise<Experiment[]> {
  return await selectRows(
    store.client,
    `${EXPERIMENT} WHERE lifecycle_stage = 'active' ORDER BY name`,
  );
}

/** The experiment of that name, deleted ones too. */
export async function findExperiment(on: SqlRunner, name: string): Promise<Experiment | undefined> {
  return await selectRow(on, `${EXPERIMENT} WHERE name = ?`, [name]);
}

/**
 * The experiment of that name, made when there is none.
 *
 * @param at Milliseconds since 1970, for a new one.
 * @throws {ExplainedError} `store/deleted-experiment`.
 */
export async function getExperiment(
  transaction: Transaction,
  name: string,
  at: number,
): Promise<Experiment> {
  const found = await findExperiment(transaction, name);
  if (found?.lifecycleStage === "deleted") {
    throw new ExplainedError("store/deleted-experiment", {
      what: `Cannot log to experiment "${name}"`,
      why: "it was deleted",
      fix: "Restore it, or choose another name",
    });
  }
  if (found !== undefined) return found;
  const { experimentId } = (await selectRow<{ experimentId: number }>(
    transaction,
    `INSERT INTO experiments (name, artifact_location, creation_time, last_update_time)
     VALUES (?, '', ?, ?) RETURNING experiment_id AS experimentId`,
    [name, at, at],
  ))!;
  await transaction.execute({
    sql: "UPDATE experiments SET artifact_location = ? WHERE experiment_id = ?",
    args: [`mlflow-artifacts:/${experimentId}`, experimentId],
  });
  return (await findExperiment(transaction, name))!;
}
