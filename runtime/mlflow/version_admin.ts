import type { Transaction } from "@libsql/client";
import { getVersion, recordState, removeAlias, selectVersions } from "../registry/mod.ts";
import { type Act, type ModelVersion, moveAlias } from "../registry/mod.ts";
import { insertRows, selectRow, type Store, writeArtifacts } from "../store/mod.ts";
import type { NewArtifact } from "../store/mod.ts";
import { touchModel } from "./model_admin.ts";
import { unknownVersion } from "./read_models.ts";
import type { KeyValue } from "./run_log.ts";

/** A version that a client registers. */
export interface ClientVersion {
  readonly name: string;
  readonly source: string;
  readonly runId: string;
  readonly runLink: string;
  readonly description: string;
  readonly tags: readonly KeyValue[];
  readonly modelId: string;
  /** Where the bytes are, when the source is another version. */
  readonly storageLocation?: string | undefined;
  /** The model folder, when the server has its bytes. */
  readonly artifact?: NewArtifact | undefined;
}

/** Who a client is: the protocol does not say. */
export function clientAct(why: string): Act {
  return { user: "mlflow", why, at: Date.now() };
}

/** Makes a version; returns its number, one more than there ever was. @throws {MlflowError} For an unknown model. */
export async function createVersion(store: Store, request: ClientVersion): Promise<number> {
  const { name, artifact } = request;
  return await store.write(async (transaction) => {
    await touchModel(transaction, name);
    if (artifact !== undefined) await writeArtifacts(transaction, [artifact], Date.now());
    const { version } = (await selectRow<{ version: number }>(
      transaction,
      "SELECT coalesce(max(version), 0) + 1 AS version FROM model_versions WHERE name = ?",
      [name],
    ))!;
    const act = clientAct("registered by an MLflow client");
    await insertRows(transaction, "model_versions", [{
      name,
      version,
      creation_time: act.at,
      last_updated_time: act.at,
      description: request.description,
      state: "registered",
      source: request.source,
      storage_location: request.storageLocation ?? null,
      artifact_hash: artifact?.hash ?? null,
      run_id: request.runId === "" ? null : request.runId,
      run_link: request.runLink === "" ? null : request.runLink,
      model_id: request.modelId === "" ? null : request.modelId,
      metrics: "{}",
    }]);
    const tags = new Map(request.tags.map(({ key, value }) => [key, value]));
    await insertRows(
      transaction,
      "model_version_tags",
      [...tags].map(([key, value]) => ({ name, version, key, value })),
    );
    await recordState(transaction, { name, version }, { from: null, to: "registered" }, act);
    return version;
  });
}

/** Describes a version anew. @throws {MlflowError} When it is not there. */
export async function describeVersion(
  store: Store,
  id: { readonly name: string; readonly version: number },
  description: string,
): Promise<void> {
  await changeVersion(store, id, (transaction) =>
    transaction.execute({
      sql: `UPDATE model_versions SET description = ?, last_updated_time = ?
        WHERE name = ? AND version = ?`,
      args: [description, Date.now(), id.name, id.version],
    }));
}

/** Deletes a version; its number is never given again. @throws {MlflowError} When it is not there. */
export async function deleteVersion(
  store: Store,
  id: { readonly name: string; readonly version: number },
): Promise<void> {
  const act = clientAct("the version was deleted by an MLflow client");
  await changeVersion(store, id, async (transaction, { aliases }) => {
    for (const alias of aliases) await removeAlias(transaction, id.name, alias, act);
    await transaction.execute({
      sql: `UPDATE model_versions SET stage = 'Deleted_Internal', last_updated_time = ?,
          description = '', user_id = NULL, source = 'REDACTED-SOURCE-PATH', run_id = NULL,
          run_link = NULL, storage_location = NULL, artifact_hash = NULL, idempotency_key = NULL
        WHERE name = ? AND version = ?`,
      args: [act.at, id.name, id.version],
    });
    await touchModel(transaction, id.name);
  });
}

/** Adds or replaces a tag of a version. @throws {MlflowError} When it is not there. */
export async function setVersionTag(
  store: Store,
  id: { readonly name: string; readonly version: number },
  { key, value }: KeyValue,
): Promise<void> {
  await changeVersion(store, id, (transaction) =>
    insertRows(
      transaction,
      "model_version_tags",
      [{ name: id.name, version: id.version, key, value }],
      "ON CONFLICT DO UPDATE SET value = excluded.value",
    ));
}

/** Takes a tag of a version away, if it is there. @throws {MlflowError} When the version is not there. */
export async function deleteVersionTag(
  store: Store,
  id: { readonly name: string; readonly version: number },
  key: string,
): Promise<void> {
  await changeVersion(store, id, (transaction) =>
    transaction.execute({
      sql: "DELETE FROM model_version_tags WHERE name = ? AND version = ? AND key = ?",
      args: [id.name, id.version, key],
    }));
}

/** Lets an alias point at a version, as on the command line. @throws {MlflowError} When it is not there. */
export async function setAlias(
  store: Store,
  id: { readonly name: string; readonly version: number },
  alias: string,
): Promise<void> {
  await changeVersion(store, id, () => Promise.resolve());
  await moveAlias(store, id, alias, clientAct("set by an MLflow client"));
}

/** Does something to a version that is there, in one transaction. */
export async function changeVersion(
  store: Store,
  { name, version }: { readonly name: string; readonly version: number },
  change: (transaction: Transaction, found: ModelVersion) => Promise<unknown>,
): Promise<void> {
  await store.write(async (transaction) => {
    const [found] = await selectVersions(transaction, "v.name = ? AND v.version = ?", [
      name,
      version,
    ]);
    if (found === undefined) throw unknownVersion(name, version);
    await change(transaction, found);
  });
}

/** The version as it is now. */
export async function currentVersion(
  transaction: Transaction,
  id: { readonly name: string; readonly version: number },
): Promise<ModelVersion> {
  return await getVersion({ client: transaction }, { ...id });
}
