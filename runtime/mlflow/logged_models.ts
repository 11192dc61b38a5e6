import type { Transaction } from "@libsql/client";
import { invalid, LOGGED_MODELS, missing, searchNamed, type SqlPart } from "../search/mod.ts";
import { type Cell, insertRows, randomRunName, type Store } from "../store/mod.ts";
import { appendToUri } from "./append_to_uri.ts";
import { getStage } from "./experiment_admin.ts";
import type { KeyValue } from "./run_log.ts";

/** A model that a client logs, before it is registered. */
export interface NewLoggedModel {
  readonly experimentId: string;
  readonly name: string;
  readonly modelType: string;
  readonly sourceRunId: string;
  readonly params: readonly KeyValue[];
  readonly tags: readonly KeyValue[];
}

/** How far the upload of its files is. */
export type LoggedModelStatus =
  | "LOGGED_MODEL_PENDING"
  | "LOGGED_MODEL_READY"
  | "LOGGED_MODEL_UPLOAD_FAILED";

/** Begins a model; returns its id. @throws {MlflowError} For an experiment that is deleted or not there. */
export async function createLoggedModel(store: Store, model: NewLoggedModel): Promise<string> {
  const modelId = `m-${crypto.randomUUID().replaceAll("-", "")}`;
  const now = Date.now();
  await store.write(async (transaction) => {
    const { id, stage, location } = await getStage(transaction, model.experimentId);
    if (stage !== "active") {
      throw invalid(
        `The experiment ${id} must be in the 'active' state. Current state is ${stage}.`,
      );
    }
    await insertRows(transaction, "logged_models", [{
      model_id: modelId,
      experiment_id: id,
      name: model.name === "" ? randomRunName() : model.name,
      artifact_uri: appendToUri(location, `models/${modelId}/artifacts`),
      creation_time: now,
      last_updated_time: now,
      status: "LOGGED_MODEL_PENDING",
      model_type: model.modelType === "" ? null : model.modelType,
      source_run_id: model.sourceRunId === "" ? null : model.sourceRunId,
    }]);
    await writePairs(transaction, "logged_model_params", modelId, model.params);
    await writePairs(transaction, "logged_model_tags", modelId, model.tags);
  });
  return modelId;
}

/** Says that the upload ended. @throws {MlflowError} For an unknown model. */
export async function finishLoggedModel(
  store: Store,
  modelId: string,
  status: LoggedModelStatus,
): Promise<void> {
  await change(store, modelId, (transaction) =>
    transaction.execute({
      sql: "UPDATE logged_models SET status = ? WHERE model_id = ?",
      args: [status, modelId],
    }));
}

/** Hides a model. @throws {MlflowError} For an unknown one. */
export async function deleteLoggedModel(store: Store, modelId: string): Promise<void> {
  await change(store, modelId, (transaction) =>
    transaction.execute({
      sql: "UPDATE logged_models SET lifecycle_stage = 'deleted' WHERE model_id = ?",
      args: [modelId],
    }));
}

/** Adds or replaces tags, or adds params. @throws {MlflowError} For an unknown model. */
export async function extendLoggedModel(
  store: Store,
  modelId: string,
  { tags = [], params = [] }: {
    readonly tags?: readonly KeyValue[];
    readonly params?: readonly KeyValue[];
  },
): Promise<void> {
  await change(store, modelId, async (transaction) => {
    await writePairs(transaction, "logged_model_tags", modelId, tags);
    await writePairs(transaction, "logged_model_params", modelId, params);
  });
}

/** Takes a tag away. @throws {MlflowError} For an unknown model or tag. */
export async function deleteLoggedModelTag(
  store: Store,
  modelId: string,
  key: string,
): Promise<void> {
  await change(store, modelId, async (transaction) => {
    const { rowsAffected } = await transaction.execute({
      sql: "DELETE FROM logged_model_tags WHERE model_id = ? AND key = ?",
      args: [modelId, key],
    });
    if (rowsAffected === 0) {
      throw missing(`No tag with key '${key}' found for model with ID '${modelId}'.`);
    }
  });
}

/** Which logged models to find. */
export interface LoggedModelSearch {
  readonly experimentIds: readonly number[];
  readonly filter: string;
  readonly orderBy: readonly string[];
  readonly datasets: readonly { readonly name: string; readonly digest: string }[];
  readonly limit: number;
  readonly token: string;
}

/** Finds logged models that are not deleted. @throws {MlflowError} For a filter or order that cannot be read. */
export async function searchLoggedModels(
  store: Store,
  { experimentIds, datasets, ...search }: LoggedModelSearch,
): Promise<{ readonly models: readonly object[]; readonly token?: string }> {
  const scope: SqlPart[] = [
    { sql: "x.lifecycle_stage = 'active'", args: [] },
    {
      sql: "x.experiment_id IN (SELECT value FROM json_each(?))",
      args: [JSON.stringify(experimentIds)],
    },
  ];
  if (datasets.length > 0) {
    const any = datasets.map(() => "(d.dataset_name = ? AND ? IN ('', d.dataset_digest))");
    scope.push({
      sql: `EXISTS (SELECT 1 FROM logged_model_metrics d
        WHERE d.model_id = x.model_id AND (${any.join(" OR ")}))`,
      args: datasets.flatMap(({ name, digest }) => [name, digest]),
    });
  }
  const { rows, token } = await searchNamed(store, LOGGED_MODELS, { ...search, scope });
  const models = await readLoggedModels(store, rows.map(([id]) => id as string));
  return { models, ...(token === undefined ? {} : { token }) };
}

/** A logged model as the protocol writes it. @throws {MlflowError} For an unknown one. */
export async function getLoggedModel(store: Store, modelId: string): Promise<object> {
  const [model] = await readLoggedModels(store, [modelId]);
  if (model === undefined) throw unknown(modelId);
  return model;
}

async function readLoggedModels(store: Store, ids: readonly string[]): Promise<object[]> {
  const pairs = (table: string): string =>
    `(SELECT json_group_array(json_object('key', key, 'value', value)) FROM ${table} t
      WHERE t.model_id = m.model_id)`;
  const rows = await store.cells(
    `SELECT m.model_id, m.experiment_id, m.name, m.creation_time, m.last_updated_time,
       m.artifact_uri, m.status, m.model_type, m.source_run_id, m.status_message,
       ${pairs("logged_model_tags")}, ${pairs("logged_model_params")},
       (SELECT json_group_array(json_object('name', v.name, 'version', CAST(v.version AS TEXT)))
         FROM model_versions v
         WHERE v.model_id = m.model_id AND v.stage != 'Deleted_Internal')
     FROM json_each(?) i JOIN logged_models m ON m.model_id = i.value
     WHERE m.lifecycle_stage = 'active' ORDER BY i.key`,
    [JSON.stringify(ids)],
  );
  const points = await store.cells(
    `SELECT model_id, key, value, timestamp, step, is_nan, dataset_name, dataset_digest, run_id
     FROM logged_model_metrics WHERE model_id IN (SELECT value FROM json_each(?))
     ORDER BY model_id, key`,
    [JSON.stringify(ids)],
  );
  const metrics = Map.groupBy(points, ([id]) => id);
  return rows.map((row) => wireModel(row, metrics.get(row[0]!) ?? []));
}

function wireModel(row: readonly Cell[], points: readonly (readonly Cell[])[]): object {
  const [id, experiment, name, created, updated, uri, status, type, run, message] = row;
  const [tags, params, registrations] = row.slice(10).map((text) => JSON.parse(text as string));
  const metrics = points.map(([, key, value, timestamp, step, isNan, dataset, digest, runId]) => ({
    key,
    value: isNan === 1 ? "NaN" : value,
    timestamp,
    step,
    model_id: id,
    ...filled({ dataset_name: dataset, dataset_digest: digest }),
    run_id: runId,
  }));
  return {
    info: {
      model_id: id,
      experiment_id: String(experiment),
      name,
      creation_timestamp_ms: created,
      last_updated_timestamp_ms: updated,
      artifact_uri: uri,
      status,
      ...filled({ model_type: type, source_run_id: run, status_message: message }),
      ...filled({ tags, registrations }),
    },
    data: filled({ params, metrics }),
  };
}

/** What is set: neither `null`, nor empty. */
function filled(values: Readonly<Record<string, unknown>>): object {
  const isSet = (value: unknown): boolean =>
    value !== null && value !== undefined && (value as string | unknown[]).length !== 0;
  return Object.fromEntries(Object.entries(values).filter(([, value]) => isSet(value)));
}

async function change(
  store: Store,
  modelId: string,
  work: (transaction: Transaction) => Promise<unknown>,
): Promise<void> {
  await store.write(async (transaction) => {
    const { rowsAffected } = await transaction.execute({
      sql: `UPDATE logged_models SET last_updated_time = ?
        WHERE model_id = ? AND lifecycle_stage = 'active'`,
      args: [Date.now(), modelId],
    });
    if (rowsAffected === 0) throw unknown(modelId);
    await work(transaction);
  });
}

async function writePairs(
  transaction: Transaction,
  table: string,
  modelId: string,
  pairs: readonly KeyValue[],
): Promise<void> {
  const last = new Map(pairs.map(({ key, value }) => [key, value]));
  await insertRows(
    transaction,
    table,
    [...last].map(([key, value]) => ({ model_id: modelId, key, value })),
    "ON CONFLICT DO UPDATE SET value = excluded.value",
  );
}

function unknown(modelId: string): Error {
  return missing(`Logged model with ID '${modelId}' not found.`);
}
