import type { Transaction } from "@libsql/client";
import { MlflowError } from "../search/mod.ts";
import { insertRows, selectRow, type Store } from "../store/mod.ts";
import { unknownModel } from "./read_models.ts";
import type { KeyValue } from "./run_log.ts";

/** A model that a client registers. */
export interface NewModel {
  readonly name: string;
  readonly description: string;
  readonly tags: readonly KeyValue[];
}

/** Registers a model without versions. @throws {MlflowError} `RESOURCE_ALREADY_EXISTS`. */
export async function createModel(
  store: Store,
  { name, description, tags }: NewModel,
): Promise<void> {
  await store.write(async (transaction) => {
    await refuseTaken(transaction, name);
    const now = Date.now();
    await insertRows(transaction, "registered_models", [
      { name, creation_time: now, last_updated_time: now, user_id: null, description },
    ]);
    const last = new Map(tags.map(({ key, value }) => [key, value]));
    await insertRows(
      transaction,
      "registered_model_tags",
      [...last].map(([key, value]) => ({ name, key, value })),
    );
  });
}

/** Describes a model anew. @throws {MlflowError} When it is not there. */
export async function describeModel(
  store: Store,
  name: string,
  description: string,
): Promise<void> {
  await store.write((transaction) => touchModel(transaction, name, { description }));
}

/** Gives a model, its versions and its history another name. @throws {MlflowError} When that is taken. */
export async function renameModel(store: Store, name: string, newName: string): Promise<void> {
  await store.write(async (transaction) => {
    await touchModel(transaction, name);
    if (name === newName) return;
    await refuseTaken(transaction, newName);
    for (const table of ["registered_models", "alias_moves", "state_changes"]) {
      await transaction.execute({
        sql: `UPDATE ${table} SET name = ? WHERE name = ?`,
        args: [newName, name],
      });
    }
    await transaction.execute({
      sql: "UPDATE model_versions SET last_updated_time = ? WHERE name = ?",
      args: [Date.now(), newName],
    });
  });
}

/** Deletes a model with its versions, tags and aliases. @throws {MlflowError} When it is not there. */
export async function deleteModel(store: Store, name: string): Promise<void> {
  await store.write(async (transaction) => {
    const { rowsAffected } = await transaction.execute({
      sql: "DELETE FROM registered_models WHERE name = ?",
      args: [name],
    });
    if (rowsAffected === 0) throw unknownModel(name);
    for (const table of ["alias_moves", "state_changes"]) {
      await transaction.execute({ sql: `DELETE FROM ${table} WHERE name = ?`, args: [name] });
    }
  });
}

/** Adds or replaces a tag of a model. @throws {MlflowError} When it is not there. */
export async function setModelTag(
  store: Store,
  name: string,
  { key, value }: KeyValue,
): Promise<void> {
  await store.write(async (transaction) => {
    await findModel(transaction, name);
    await insertRows(
      transaction,
      "registered_model_tags",
      [{ name, key, value }],
      "ON CONFLICT DO UPDATE SET value = excluded.value",
    );
  });
}

/** Takes a tag of a model away, if it is there. @throws {MlflowError} When the model is not there. */
export async function deleteModelTag(store: Store, name: string, key: string): Promise<void> {
  await store.write(async (transaction) => {
    await findModel(transaction, name);
    await transaction.execute({
      sql: "DELETE FROM registered_model_tags WHERE name = ? AND key = ?",
      args: [name, key],
    });
  });
}

/** Says that a model changed just now. @throws {MlflowError} When it is not there. */
export async function touchModel(
  transaction: Transaction,
  name: string,
  { description }: { readonly description?: string } = {},
): Promise<void> {
  const { rowsAffected } = await transaction.execute({
    sql: `UPDATE registered_models SET last_updated_time = ?,
      description = coalesce(?, description) WHERE name = ?`,
    args: [Date.now(), description ?? null, name],
  });
  if (rowsAffected === 0) throw unknownModel(name);
}

async function findModel(transaction: Transaction, name: string): Promise<void> {
  const found = await selectRow(transaction, "SELECT 1 FROM registered_models WHERE name = ?", [
    name,
  ]);
  if (found === undefined) throw unknownModel(name);
}

async function refuseTaken(transaction: Transaction, name: string): Promise<void> {
  const taken = await selectRow(transaction, "SELECT 1 FROM registered_models WHERE name = ?", [
    name,
  ]);
  if (taken === undefined) return;
  throw new MlflowError(
    "RESOURCE_ALREADY_EXISTS",
    `Registered Model (name=${name}) already exists. ` +
      "Error: UNIQUE constraint failed: registered_models.name",
  );
}
