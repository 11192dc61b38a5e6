import type { Transaction } from "@libsql/client";
import { invalid, missing, MlflowError } from "../search/mod.ts";
import { insertRows, selectRow, selectRows, type SqlRunner, type Store } from "../store/mod.ts";
import { appendToUri } from "./append_to_uri.ts";

/** An experiment with its tags. Times are milliseconds since 1970. */
export interface ExperimentFacts {
  readonly experimentId: number;
  readonly name: string;
  readonly artifactLocation: string;
  readonly lifecycleStage: "active" | "deleted";
  readonly creationTime: number;
  readonly lastUpdateTime: number;
  readonly tags: readonly { readonly key: string; readonly value: string }[];
}

/** An experiment to be made. */
export interface NewExperiment {
  readonly name: string;
  /** Where its runs keep their files; `undefined`: under the root. */
  readonly artifactLocation?: string;
  /** Where experiments lie by default. */
  readonly artifactRoot: string;
  readonly tags: readonly { readonly key: string; readonly value: string }[];
}

/** Makes an experiment. @throws {MlflowError} `RESOURCE_ALREADY_EXISTS`, also for a deleted one's name. */
export async function createExperiment(store: Store, request: NewExperiment): Promise<number> {
  return await store.write(async (transaction) => {
    await refuseTaken(transaction, request.name);
    const now = Date.now();
    const { id } = (await selectRow<{ id: number }>(
      transaction,
      `INSERT INTO experiments (name, artifact_location, creation_time, last_update_time)
       VALUES (?, '', ?, ?) RETURNING experiment_id AS id`,
      [request.name, now, now],
    ))!;
    await transaction.execute({
      sql: "UPDATE experiments SET artifact_location = ? WHERE experiment_id = ?",
      args: [request.artifactLocation ?? appendToUri(request.artifactRoot, String(id)), id],
    });
    const tags = new Map(request.tags.map(({ key, value }) => [key, value]));
    await insertRows(
      transaction,
      "experiment_tags",
      [...tags].map(([key, value]) => ({ experiment_id: id, key, value })),
    );
    return id;
  });
}

/** Experiments by their ids, in that order; those that are not there are left out. */
export async function readExperiments(
  { client }: { readonly client: SqlRunner },
  ids: readonly number[],
): Promise<ExperimentFacts[]> {
  const rows = await selectRows<Omit<ExperimentFacts, "tags"> & { tags: string }>(
    client,
    `SELECT experiment_id AS experimentId, name, artifact_location AS artifactLocation,
       lifecycle_stage AS lifecycleStage, creation_time AS creationTime,
       last_update_time AS lastUpdateTime,
       (SELECT json_group_array(json_object('key', key, 'value', value)) FROM experiment_tags t
         WHERE t.experiment_id = x.experiment_id) AS tags
     FROM json_each(?) i JOIN experiments x ON x.experiment_id = i.value ORDER BY i.key`,
    [JSON.stringify(ids)],
  );
  return rows.map((row) => ({ ...row, tags: JSON.parse(row.tags) }));
}

/** Renames an experiment. @throws {MlflowError} For a deleted one, or a name that is taken. */
export async function renameExperiment(store: Store, id: string, name: string): Promise<void> {
  await store.write(async (transaction) => {
    const found = await getStage(transaction, id);
    if (found.stage !== "active") {
      throw new MlflowError("INVALID_STATE", "Cannot rename a non-active experiment.");
    }
    if (found.name !== name) await refuseTaken(transaction, name);
    await transaction.execute({
      sql: "UPDATE experiments SET name = ?, last_update_time = ? WHERE experiment_id = ?",
      args: [name, Date.now(), found.id],
    });
  });
}

/** Deletes an experiment with its runs, or brings them back. @throws {MlflowError} When it is not as it should be. */
export async function moveExperiment(
  store: Store,
  id: string,
  to: "active" | "deleted",
): Promise<void> {
  await store.write(async (transaction) => {
    const found = await findStage(transaction, id);
    if (found === undefined || found.stage === to) {
      const state = found === undefined ? "" : `: it is ${found.stage} already`;
      throw missing(`No Experiment with id=${id} exists${state}`);
    }
    await transaction.execute({
      sql: `UPDATE experiments SET lifecycle_stage = ?, last_update_time = ?
        WHERE experiment_id = ?`,
      args: [to, Date.now(), found.id],
    });
    await transaction.execute({
      sql: "UPDATE runs SET lifecycle_stage = ? WHERE experiment_id = ?",
      args: [to, found.id],
    });
  });
}

/**
 * Adds or replaces a tag. As with MLflow's server, the experiment's last update stays what it was.
 *
 * @throws {MlflowError} When the experiment is deleted or not there.
 */
export async function setExperimentTag(
  store: Store,
  id: string,
  { key, value }: { readonly key: string; readonly value: string },
): Promise<void> {
  await changeTag(store, id, (transaction, experimentId) =>
    insertRows(
      transaction,
      "experiment_tags",
      [{ experiment_id: experimentId, key, value }],
      "ON CONFLICT DO UPDATE SET value = excluded.value",
    ));
}

/** Takes a tag away. @throws {MlflowError} When there is no such tag. */
export async function deleteExperimentTag(store: Store, id: string, key: string): Promise<void> {
  await changeTag(store, id, async (transaction, experimentId) => {
    const { rowsAffected } = await transaction.execute({
      sql: "DELETE FROM experiment_tags WHERE experiment_id = ? AND key = ?",
      args: [experimentId, key],
    });
    if (rowsAffected === 0) {
      throw missing(`No tag with name: ${key} in experiment with id ${id}`);
    }
  });
}

async function changeTag(
  store: Store,
  id: string,
  change: (transaction: Transaction, experimentId: number) => Promise<void>,
): Promise<void> {
  await store.write(async (transaction) => {
    const found = await getStage(transaction, id);
    if (found.stage !== "active") {
      throw invalid(
        `The experiment ${id} must be in the 'active' state. Current state is ${found.stage}.`,
      );
    }
    await change(transaction, found.id);
  });
}

/** The number in an experiment's id. @throws {MlflowError} For a text that is no id, or of no experiment. */
export function experimentNumber(id: string): number {
  if (!/^[a-zA-Z0-9][\w-]{0,63}$/.test(id)) throw invalid(`Invalid experiment ID: '${id}'`);
  if (!/^\d{1,15}$/.test(id)) throw missing(`No Experiment with id=${id} exists`);
  return Number(id);
}

/** What an experiment is, by its id. */
export interface ExperimentStage {
  readonly id: number;
  readonly name: string;
  readonly stage: "active" | "deleted";
  readonly location: string;
}

/** @throws {MlflowError} `RESOURCE_DOES_NOT_EXIST`. */
export async function getStage(on: SqlRunner, id: string): Promise<ExperimentStage> {
  const found = await findStage(on, id);
  if (found === undefined) throw missing(`No Experiment with id=${id} exists`);
  return found;
}

async function findStage(on: SqlRunner, id: string): Promise<ExperimentStage | undefined> {
  return await selectRow(
    on,
    `SELECT experiment_id AS id, name, lifecycle_stage AS stage, artifact_location AS location
     FROM experiments WHERE experiment_id = ?`,
    [experimentNumber(id)],
  );
}

async function refuseTaken(transaction: Transaction, name: string): Promise<void> {
  const taken = await selectRow(transaction, "SELECT 1 FROM experiments WHERE name = ?", [name]);
  if (taken === undefined) return;
  throw new MlflowError(
    "RESOURCE_ALREADY_EXISTS",
    `Experiment(name=${name}) already exists. Error: UNIQUE constraint failed: experiments.name`,
  );
}
