import type { Transaction } from "@libsql/client";
import { insertRows, selectRow, type Store } from "../../runtime/store/mod.ts";

/** How much a crowded store holds. */
export interface Crowd {
  readonly runs: number;
  /** Versions of one model. */
  readonly versions: number;
  /** Changes of that model's aliases and states, about. */
  readonly changes: number;
  /** Models beside it. */
  readonly models: number;
  /** Lines in the log, and points of a curve, of one run. */
  readonly lines: number;
  /** Files that the same run left. */
  readonly files: number;
  /** Answers of the model that somebody said the truth about. */
  readonly feedback: number;
}

/** The model that has all the versions, the run that made its first, and the data that all runs read. */
export interface Crowded {
  readonly model: string;
  readonly runId: string;
  /** Content hash of a dataset. */
  readonly dataset: string;
}

/** When the first run started. */
const START = Date.UTC(2026, 0, 1);

/** Fills a store in which one pipeline has run once, as years of work would, written past the pipelines. */
export async function crowdStore(store: Store, crowd: Crowd): Promise<Crowded> {
  const made = await selectRow<Crowded>(
    store.client,
    `SELECT v.name AS model, v.run_id AS runId, e.artifact_hash AS dataset
     FROM model_versions v JOIN lineage_edges e ON e.run_id = v.run_id
     WHERE e.node = 'split' AND e.slot = 'training' AND e.direction = 'produced'`,
  );
  if (made === undefined) throw new RangeError("No pipeline has registered a model here");
  await store.write(async (transaction) => {
    await addRuns(transaction, crowd.runs);
    await repeatSteps(transaction, made.runId);
    await addVersions(transaction, made.model, crowd);
    await addChanges(transaction, made.model, crowd);
    await addModels(transaction, made.model, crowd.models);
    await addPast(transaction, made, crowd);
  });
  return made;
}

async function addRuns(transaction: Transaction, count: number): Promise<void> {
  const runs = Array.from({ length: count }, (_, index) => ({
    run_id: index.toString(16).padStart(32, "0"),
    run_name: `run-${index}`,
    experiment_id: 0,
    user_id: "mina",
    status: "FINISHED",
    start_time: START + index,
    end_time: START + index + 5,
    lifecycle_stage: "active",
    artifact_uri: "",
  }));
  await insertMany(transaction, "runs", runs);
  for (const key of ["accuracy", "loss", "f1_macro", "log_loss"]) {
    const metrics = runs.map(({ run_id }, index) => (
      { run_id, key, value: index / count, timestamp: START, step: 0, is_nan: false }
    ));
    await insertMany(transaction, "latest_metrics", metrics);
  }
  const params = runs.map(({ run_id }, index) => ({ run_id, key: "seed", value: String(index) }));
  await insertMany(transaction, "run_params", params);
}

/** Every run has the steps of the first one, from the cache: the data and the model come from all of them. */
async function repeatSteps(transaction: Transaction, runId: string): Promise<void> {
  const columns = {
    step_runs: "node, step, 'cached', attempt, started_at, ended_at, duration_ms, cache_key, " +
      "reason, summary, error",
    lineage_edges: "node, direction, slot, artifact_hash",
    run_artifacts: "path, artifact_hash, blob_hash, size",
  };
  for (const [table, rest] of Object.entries(columns)) {
    await transaction.execute({
      sql: `INSERT INTO ${table} SELECT r.run_id, ${rest} FROM runs r, ${table} t
        WHERE t.run_id = ?1 AND r.run_id != ?1`,
      args: [runId],
    });
  }
  await transaction.execute({
    sql: `INSERT INTO cache_entries SELECT r.run_id, step, node, r.run_id, parts, outputs,
        r.start_time, duration_ms, NULL
      FROM runs r, cache_entries c WHERE c.node = 'train' AND r.run_id != ?`,
    args: [runId],
  });
}

async function addVersions(
  transaction: Transaction,
  model: string,
  { versions }: Crowd,
): Promise<void> {
  await transaction.execute({
    sql: `WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
      INSERT INTO model_versions (name, version, creation_time, last_updated_time, user_id, stage,
        state, source, artifact_hash, run_id, metrics, verdict)
      SELECT name, i, ? + i, ? + i, 'mina', 'Archived', 'archived', source, artifact_hash,
        printf('%032x', i), metrics, verdict
      FROM model_versions, n WHERE name = ? AND version = 1`,
    args: [versions, START, START, model],
  });
}

/** A version is registered, becomes champion, and the one before is archived. */
async function addChanges(
  transaction: Transaction,
  model: string,
  { versions, changes }: Crowd,
): Promise<void> {
  const numbers = Array.from({ length: versions - 1 }, (_, index) => index + 2);
  const act = { user_id: "mina", why: "the gate said yes" };
  const state = (version: number, from_state: string | null, to_state: string) => (
    { name: model, version, from_state, to_state, at: START + version * 1000, ...act }
  );
  const swaps = numbers.slice(0, Math.floor((changes - versions) / 3));
  await insertMany(transaction, "state_changes", [
    ...numbers.map((version) => state(version, null, "registered")),
    ...swaps.flatMap((version) => [
      state(version - 1, "approved", "archived"),
      state(version, "registered", "approved"),
    ]),
  ]);
  await insertMany(
    transaction,
    "alias_moves",
    swaps.map((version) => ({
      name: model,
      alias: "champion",
      from_version: version - 1,
      to_version: version,
      at: START + version * 1000,
      ...act,
      is_rollback: false,
    })),
  );
  await transaction.execute({
    sql: "UPDATE model_aliases SET version = ? WHERE name = ? AND alias = 'champion'",
    args: [swaps.at(-1)!, model],
  });
}

async function addModels(transaction: Transaction, model: string, count: number): Promise<void> {
  await transaction.execute({
    sql: `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
      INSERT INTO registered_models (name, creation_time, last_updated_time)
      SELECT 'model ' || i, ?, ? + i FROM n`,
    args: [count, START, START],
  });
  await transaction.execute({
    sql:
      `INSERT INTO model_versions (name, version, creation_time, last_updated_time, user_id, stage,
        state, source, artifact_hash, metrics)
      SELECT m.name, 1, ?, ?, 'mina', 'None', 'registered', source, artifact_hash, metrics
      FROM registered_models m, model_versions v WHERE v.name = ? AND v.version = 1
        AND m.name != v.name`,
    args: [START, START, model],
  });
  await transaction.execute({
    sql:
      "INSERT INTO model_aliases SELECT name, 'champion', 1 FROM registered_models WHERE name != ?",
    args: [model],
  });
}

/** The log and the curve of a long run, and what was said of a model's answers. */
async function addPast(
  transaction: Transaction,
  { model, runId }: Crowded,
  { lines, files, feedback }: Crowd,
): Promise<void> {
  const count = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)";
  const statements = [
    [
      `INSERT INTO run_logs (run_id, node, at, level, message)
       SELECT ?, 'train', ${START} + i, 'info', 'iteration ' || i FROM n`,
      lines,
      runId,
    ],
    [
      `INSERT INTO metrics SELECT ?, 'train/crowded', 1.0 / i, ${START} + i, i, 0 FROM n`,
      lines,
      runId,
    ],
    [
      `INSERT INTO latest_metrics SELECT ?, 'train/crowded', 1.0 / i, ${START} + i, i, 0 FROM n
       ORDER BY i DESC LIMIT 1`,
      lines,
      runId,
    ],
    [
      `INSERT INTO run_artifacts SELECT ?, 'pictures/' || i || '.png', NULL, printf('%064x', i), i
       FROM n`,
      files,
      runId,
    ],
    [
      `INSERT INTO prediction_feedback (request_id, row, name, version, label, truth, at, user_id)
       SELECT printf('%016x', i), 0, ?, 1 + i % 9, 'a', CASE WHEN i % 10 THEN 'a' ELSE 'b' END,
         ${START}, 'mina' FROM n`,
      feedback,
      model,
    ],
  ] as const;
  for (const [sql, rows, of] of statements) {
    await transaction.execute({ sql: `${count} ${sql}`, args: [rows, of] });
  }
}

async function insertMany(
  transaction: Transaction,
  table: string,
  rows: readonly Readonly<Record<string, string | number | boolean | null>>[],
): Promise<void> {
  for (let at = 0; at < rows.length; at += 1000) {
    await insertRows(transaction, table, rows.slice(at, at + 1000));
  }
}
