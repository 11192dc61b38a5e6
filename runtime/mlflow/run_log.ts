import type { Transaction } from "@libsql/client";
import { invalid, missing } from "../search/mod.ts";
import {
  insertRows,
  type MetricPoint,
  selectRow,
  selectRows,
  type Store,
  writeMetrics,
} from "../store/mod.ts";
import { refuseInactive, writeTags } from "./run_admin.ts";

/** A name and a text. */
export interface KeyValue {
  readonly key: string;
  readonly value: string;
}

/** A point of a metric, perhaps of a logged model. */
export interface ClientMetric extends MetricPoint {
  readonly modelId?: string | undefined;
  readonly datasetName?: string | undefined;
  readonly datasetDigest?: string | undefined;
}

/** What a client logs in one request. */
export interface LogBatch {
  readonly metrics: readonly ClientMetric[];
  readonly params: readonly KeyValue[];
  readonly tags: readonly KeyValue[];
}

/**
 * Keeps what a client logs, in one transaction: all of it or, after an error, none.
 *
 * @throws {MlflowError} For a run that is deleted or not there, or a param that has another value already.
 */
export async function logBatch(store: Store, runId: string, batch: LogBatch): Promise<void> {
  await store.write(async (transaction) => {
    await refuseInactive(transaction, runId);
    if (batch.metrics.length > 0) {
      await writeMetrics(transaction, runId, batch.metrics);
      await writeModelMetrics(transaction, runId, batch.metrics);
    }
    if (batch.params.length > 0) await writeParams(transaction, runId, batch.params);
    await writeTags(transaction, runId, batch.tags);
  });
}

/** Adds an entry to the history of logged models, which is a tag of the run. */
export async function logModelHistory(store: Store, runId: string, model: unknown): Promise<void> {
  const key = "mlflow.log-model.history";
  await store.write(async (transaction) => {
    await refuseInactive(transaction, runId);
    const row = await selectRow<{ value: string }>(
      transaction,
      "SELECT value FROM run_tags WHERE run_id = ? AND key = ?",
      [runId, key],
    );
    const history = row === undefined ? [] : JSON.parse(row.value) as unknown[];
    const value = JSON.stringify([...history, model]);
    await writeTags(transaction, runId, [{ key, value }]);
  });
}

async function writeParams(
  transaction: Transaction,
  runId: string,
  params: readonly KeyValue[],
): Promise<void> {
  await insertRows(
    transaction,
    "run_params",
    params.map(({ key, value }) => ({ run_id: runId, key, value })),
    "ON CONFLICT DO NOTHING",
  );
  const kept = await selectRows<KeyValue>(
    transaction,
    `SELECT key, value FROM run_params
     WHERE run_id = ? AND key IN (SELECT value FROM json_each(?))`,
    [runId, JSON.stringify(params.map(({ key }) => key))],
  );
  const values = new Map(kept.map(({ key, value }) => [key, value]));
  const changed = params.filter(({ key, value }) => values.get(key) !== value);
  const [first, ...others] = changed;
  if (first === undefined) return;
  if (others.length === 0) {
    throw invalid(
      `Changing param values is not allowed. Param with key='${first.key}' was already logged with ` +
        `value='${values.get(first.key)}' for run ID='${runId}'. ` +
        `Attempted logging new value '${first.value}'.`,
    );
  }
  const list = changed.map(({ key, value }) =>
    `{'key': '${key}', 'old_value': '${values.get(key)}', 'new_value': '${value}'}`
  );
  throw invalid(
    "Changing param values is not allowed. Params were already logged=" +
      `'[${list.join(", ")}]' for run ID='${runId}'.`,
  );
}

async function writeModelMetrics(
  transaction: Transaction,
  runId: string,
  metrics: readonly ClientMetric[],
): Promise<void> {
  const ofModels = metrics.filter(({ modelId }) => (modelId ?? "") !== "");
  if (ofModels.length === 0) return;
  const asked = [...new Set(ofModels.map(({ modelId }) => modelId!))];
  const known = await selectRows<{ id: string }>(
    transaction,
    "SELECT model_id AS id FROM logged_models WHERE model_id IN (SELECT value FROM json_each(?))",
    [JSON.stringify(asked)],
  );
  const unknown = asked.find((each) => !known.some(({ id }) => id === each));
  if (unknown !== undefined) throw missing(`Logged model with ID '${unknown}' not found.`);
  await insertRows(
    transaction,
    "logged_model_metrics",
    ofModels.map(({ modelId, key, value, timestamp, step, datasetName, datasetDigest }) => ({
      model_id: modelId!,
      run_id: runId,
      key,
      value: Number.isNaN(value)
        ? 0
        : Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, value)),
      timestamp,
      step,
      is_nan: Number.isNaN(value),
      dataset_name: datasetName ?? "",
      dataset_digest: datasetDigest ?? "",
    })),
    `ON CONFLICT DO UPDATE SET value = excluded.value, timestamp = excluded.timestamp,
       step = excluded.step, is_nan = excluded.is_nan
     WHERE (excluded.step, excluded.timestamp) >=
       (logged_model_metrics.step, logged_model_metrics.timestamp)`,
  );
}
