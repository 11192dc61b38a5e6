// deno-lint-ignore-file no-slow-types -- drizzle infers the types of its tables; rows.ts names them.
import {
  foreignKey,
  index,
  integer,
  primaryKey,
  real,
  sqliteTable,
  text,
  unique,
} from "drizzle-orm/sqlite-core";

// All times are milliseconds since 1970, in UTC. Names of columns are MLflow's where it has them.

export const schemaMigrations = sqliteTable("schema_migrations", {
  version: integer("version").primaryKey(),
  name: text("name").notNull(),
  appliedAt: integer("applied_at").notNull(),
});

export const experiments = sqliteTable("experiments", {
  experimentId: integer("experiment_id").primaryKey({ autoIncrement: true }),
  name: text("name").notNull().unique(),
  artifactLocation: text("artifact_location").notNull(),
  lifecycleStage: text("lifecycle_stage").$type<"active" | "deleted">().notNull().default("active"),
  creationTime: integer("creation_time").notNull(),
  lastUpdateTime: integer("last_update_time").notNull(),
});

export const experimentTags = sqliteTable("experiment_tags", {
  experimentId: integer("experiment_id").notNull()
    .references(() => experiments.experimentId, { onDelete: "cascade" }),
  key: text("key").notNull(),
  value: text("value").notNull(),
}, (table) => [primaryKey({ columns: [table.experimentId, table.key] })]);

export const runs = sqliteTable("runs", {
  runId: text("run_id").primaryKey(),
  runName: text("run_name").notNull(),
  experimentId: integer("experiment_id").notNull().references(() => experiments.experimentId),
  userId: text("user_id").notNull(),
  status: text("status").$type<"RUNNING" | "SCHEDULED" | "FINISHED" | "FAILED" | "KILLED">()
    .notNull(),
  startTime: integer("start_time").notNull(),
  endTime: integer("end_time"),
  lifecycleStage: text("lifecycle_stage").$type<"active" | "deleted">().notNull().default("active"),
  artifactUri: text("artifact_uri").notNull(),
}, (table) => [
  index("runs_by_experiment").on(table.experimentId, table.startTime),
  index("runs_by_start").on(table.startTime),
  index("runs_by_name").on(table.runName),
]);

const runId = () => text("run_id").notNull().references(() => runs.runId, { onDelete: "cascade" });

export const runTags = sqliteTable("run_tags", {
  runId: runId(),
  key: text("key").notNull(),
  value: text("value").notNull(),
}, (table) => [
  primaryKey({ columns: [table.runId, table.key] }),
  index("run_tags_by_key").on(table.key, table.value),
]);

export const runParams = sqliteTable("run_params", {
  runId: runId(),
  key: text("key").notNull(),
  value: text("value").notNull(),
}, (table) => [primaryKey({ columns: [table.runId, table.key] })]);

// Every point; NaN is value 0 with is_nan 1, as in MLflow.
export const metrics = sqliteTable("metrics", {
  runId: runId(),
  key: text("key").notNull(),
  value: real("value").notNull(),
  timestamp: integer("timestamp").notNull(),
  step: integer("step").notNull(),
  isNan: integer("is_nan", { mode: "boolean" }).notNull(),
}, (table) => [
  primaryKey({
    columns: [table.runId, table.key, table.step, table.timestamp, table.value, table.isNan],
  }),
]);

// The greatest (step, timestamp, value) of every key.
export const latestMetrics = sqliteTable("latest_metrics", {
  runId: runId(),
  key: text("key").notNull(),
  value: real("value").notNull(),
  timestamp: integer("timestamp").notNull(),
  step: integer("step").notNull(),
  isNan: integer("is_nan", { mode: "boolean" }).notNull(),
}, (table) => [
  primaryKey({ columns: [table.runId, table.key] }),
  index("latest_metrics_by_key").on(table.key, table.value),
]);

export const datasets = sqliteTable("datasets", {
  datasetId: integer("dataset_id").primaryKey({ autoIncrement: true }),
  experimentId: integer("experiment_id").notNull().references(() => experiments.experimentId),
  name: text("name").notNull(),
  digest: text("digest").notNull(),
  sourceType: text("source_type").notNull(),
  source: text("source").notNull(),
  schema: text("schema"),
  profile: text("profile"),
}, (table) => [unique("datasets_identity").on(table.experimentId, table.name, table.digest)]);

export const runInputs = sqliteTable("run_inputs", {
  runId: runId(),
  datasetId: integer("dataset_id").notNull().references(() => datasets.datasetId),
  tags: text("tags").notNull(), // JSON object, e.g. {"mlflow.data.context":"training"}
}, (table) => [
  primaryKey({ columns: [table.runId, table.datasetId] }),
  index("run_inputs_by_dataset").on(table.datasetId),
]);

export const artifacts = sqliteTable("artifacts", {
  hash: text("hash").primaryKey(),
  kind: text("kind").notNull(),
  size: integer("size").notNull(), // bytes of all its files
  createdAt: integer("created_at").notNull(),
});

export const artifactFiles = sqliteTable("artifact_files", {
  artifactHash: text("artifact_hash").notNull()
    .references(() => artifacts.hash, { onDelete: "cascade" }),
  path: text("path").notNull(),
  blobHash: text("blob_hash").notNull(),
  size: integer("size").notNull(),
}, (table) => [
  primaryKey({ columns: [table.artifactHash, table.path] }),
  index("artifact_files_by_blob").on(table.blobHash),
]);

export const stepRuns = sqliteTable("step_runs", {
  runId: runId(),
  node: text("node").notNull(),
  step: text("step").notNull(),
  status: text("status").$type<
    "pending" | "running" | "succeeded" | "cached" | "failed" | "skipped" | "cancelled"
  >().notNull(),
  attempt: integer("attempt").notNull(),
  startedAt: integer("started_at"),
  endedAt: integer("ended_at"),
  durationMs: real("duration_ms"),
  cacheKey: text("cache_key"),
  reason: text("reason").notNull(),
  summary: text("summary"),
  error: text("error"), // JSON {what, why, fix, code}
}, (table) => [
  primaryKey({ columns: [table.runId, table.node] }),
  index("step_runs_by_cache_key").on(table.cacheKey),
  index("step_runs_by_node").on(table.node, table.startedAt),
]);

export const cacheEntries = sqliteTable("cache_entries", {
  cacheKey: text("cache_key").primaryKey(),
  step: text("step").notNull(),
  node: text("node").notNull(),
  runId: text("run_id").notNull(),
  parts: text("parts").notNull(), // JSON object: the named parts of the key
  outputs: text("outputs").notNull(), // JSON list of {output, kind, artifact}
  createdAt: integer("created_at").notNull(),
  durationMs: real("duration_ms").notNull(),
  collectedAt: integer("collected_at"), // set: no longer a hit; the parts stay for lineage
}, (table) => [
  index("cache_entries_by_step").on(table.step, table.createdAt),
  index("cache_entries_by_node").on(table.node, table.createdAt),
  index("cache_entries_by_time").on(table.createdAt),
]);

export const lineageEdges = sqliteTable("lineage_edges", {
  runId: text("run_id").notNull(),
  node: text("node").notNull(),
  direction: text("direction").$type<"consumed" | "produced">().notNull(),
  slot: text("slot").notNull(),
  artifactHash: text("artifact_hash").notNull(),
}, (table) => [
  primaryKey({ columns: [table.runId, table.node, table.direction, table.slot] }),
  foreignKey({
    columns: [table.runId, table.node],
    foreignColumns: [stepRuns.runId, stepRuns.node],
  }).onDelete("cascade"),
  index("lineage_edges_by_artifact").on(table.artifactHash, table.direction),
]);

// Wishes that a run ends early: its process looks for one, wherever it runs. The first wish counts.
export const runStops = sqliteTable("run_stops", {
  runId: runId().primaryKey(),
  at: integer("at").notNull(),
  userId: text("user_id").notNull(),
  why: text("why").notNull(), // may be empty
});

// The virtual folder of a run: either a whole artifact at a path, or one file that somebody uploaded.
export const runArtifacts = sqliteTable("run_artifacts", {
  runId: runId(),
  path: text("path").notNull(),
  artifactHash: text("artifact_hash"),
  blobHash: text("blob_hash"),
  size: integer("size"), // bytes of the blob
}, (table) => [
  primaryKey({ columns: [table.runId, table.path] }),
  index("run_artifacts_by_artifact").on(table.artifactHash),
  index("run_artifacts_by_blob").on(table.blobHash),
]);

// Files that clients put through the artifact proxy outside the folder of a run.
export const proxiedFiles = sqliteTable("proxied_files", {
  path: text("path").primaryKey(),
  blobHash: text("blob_hash").notNull(),
  size: integer("size").notNull(),
}, (table) => [index("proxied_files_by_blob").on(table.blobHash)]);

// A model that a client logged, before or without being registered (MLflow 3).
export const loggedModels = sqliteTable("logged_models", {
  modelId: text("model_id").primaryKey(), // "m-" and 32 hex digits
  experimentId: integer("experiment_id").notNull().references(() => experiments.experimentId),
  name: text("name").notNull(),
  artifactUri: text("artifact_uri").notNull(),
  creationTime: integer("creation_time").notNull(),
  lastUpdatedTime: integer("last_updated_time").notNull(),
  status: text("status").notNull(),
  statusMessage: text("status_message"),
  modelType: text("model_type"),
  sourceRunId: text("source_run_id"),
  lifecycleStage: text("lifecycle_stage").$type<"active" | "deleted">().notNull().default("active"),
}, (table) => [
  index("logged_models_by_experiment").on(table.experimentId, table.creationTime),
  index("logged_models_by_run").on(table.sourceRunId),
]);

const modelId = () =>
  text("model_id").notNull().references(() => loggedModels.modelId, { onDelete: "cascade" });

export const loggedModelTags = sqliteTable("logged_model_tags", {
  modelId: modelId(),
  key: text("key").notNull(),
  value: text("value").notNull(),
}, (table) => [primaryKey({ columns: [table.modelId, table.key] })]);

export const loggedModelParams = sqliteTable("logged_model_params", {
  modelId: modelId(),
  key: text("key").notNull(),
  value: text("value").notNull(),
}, (table) => [primaryKey({ columns: [table.modelId, table.key] })]);

// Metrics of a run that say which logged model, and which dataset, they are of.
export const loggedModelMetrics = sqliteTable("logged_model_metrics", {
  modelId: modelId(),
  runId: runId(),
  key: text("key").notNull(),
  value: real("value").notNull(),
  timestamp: integer("timestamp").notNull(),
  step: integer("step").notNull(),
  isNan: integer("is_nan", { mode: "boolean" }).notNull(),
  datasetName: text("dataset_name").notNull().default(""),
  datasetDigest: text("dataset_digest").notNull().default(""),
}, (table) => [
  primaryKey({
    columns: [table.modelId, table.key, table.datasetName, table.datasetDigest, table.runId],
  }),
  index("logged_model_metrics_by_run").on(table.runId),
]);

// Logged models that a run read or made.
export const runModels = sqliteTable("run_models", {
  runId: runId(),
  modelId: text("model_id").notNull(),
  direction: text("direction").$type<"input" | "output">().notNull(),
  step: integer("step").notNull(),
}, (table) => [primaryKey({ columns: [table.runId, table.direction, table.modelId] })]);

export const runLogs = sqliteTable("run_logs", {
  id: integer("id").primaryKey({ autoIncrement: true }),
  runId: runId(),
  node: text("node"),
  at: integer("at").notNull(),
  level: text("level").$type<"info" | "warning" | "error">().notNull(),
  message: text("message").notNull(),
}, (table) => [index("run_logs_by_run").on(table.runId, table.id)]);

// What a file's content hashed to when it last had this time, size and inode.
export const fileHashes = sqliteTable("file_hashes", {
  path: text("path").primaryKey(),
  mtime: real("mtime").notNull(),
  size: integer("size").notNull(),
  ino: integer("ino").notNull(),
  hash: text("hash").notNull(),
});

export const registeredModels = sqliteTable("registered_models", {
  name: text("name").primaryKey(),
  creationTime: integer("creation_time").notNull(),
  lastUpdatedTime: integer("last_updated_time").notNull(),
  userId: text("user_id"),
  description: text("description").notNull().default(""),
});

const modelName = () =>
  text("name").notNull()
    .references(() => registeredModels.name, { onDelete: "cascade", onUpdate: "cascade" });

export const registeredModelTags = sqliteTable("registered_model_tags", {
  name: modelName(),
  key: text("key").notNull(),
  value: text("value").notNull(),
}, (table) => [primaryKey({ columns: [table.name, table.key] })]);

export const modelVersions = sqliteTable("model_versions", {
  name: modelName(),
  version: integer("version").notNull(),
  creationTime: integer("creation_time").notNull(),
  lastUpdatedTime: integer("last_updated_time").notNull(),
  userId: text("user_id"),
  description: text("description").notNull().default(""),
  stage: text("stage").$type<
    "None" | "Staging" | "Production" | "Archived" | "Deleted_Internal"
  >().notNull().default("None"),
  state: text("state").$type<"registered" | "approved" | "rejected" | "archived">().notNull(),
  source: text("source").notNull(),
  artifactHash: text("artifact_hash"), // the model folder, when its bytes are in this store
  runId: text("run_id"),
  runLink: text("run_link"),
  metrics: text("metrics").notNull(), // JSON object; NaN is the text "NaN"
  verdict: text("verdict"), // JSON of the verdict that let it in
  idempotencyKey: text("idempotency_key").unique(),
  storageLocation: text("storage_location"), // where the bytes are, when `source` is models:/name/version
  modelId: text("model_id"), // the logged model it was made of
}, (table) => [
  primaryKey({ columns: [table.name, table.version] }),
  index("model_versions_by_artifact").on(table.artifactHash),
  index("model_versions_by_run").on(table.runId),
  index("model_versions_by_stage").on(table.name, table.stage, table.version),
]);

export const modelVersionTags = sqliteTable("model_version_tags", {
  name: text("name").notNull(),
  version: integer("version").notNull(),
  key: text("key").notNull(),
  value: text("value").notNull(),
}, (table) => [
  primaryKey({ columns: [table.name, table.version, table.key] }),
  foreignKey({
    columns: [table.name, table.version],
    foreignColumns: [modelVersions.name, modelVersions.version],
  }).onDelete("cascade").onUpdate("cascade"),
]);

// One row an alias, so that a model can never have two champions.
export const modelAliases = sqliteTable("model_aliases", {
  name: text("name").notNull(),
  alias: text("alias").notNull(),
  version: integer("version").notNull(),
}, (table) => [
  primaryKey({ columns: [table.name, table.alias] }),
  foreignKey({
    columns: [table.name, table.version],
    foreignColumns: [modelVersions.name, modelVersions.version],
  }).onDelete("cascade").onUpdate("cascade"),
]);

// Append-only: null is "none".
export const aliasMoves = sqliteTable("alias_moves", {
  id: integer("id").primaryKey({ autoIncrement: true }),
  name: text("name").notNull(),
  alias: text("alias").notNull(),
  fromVersion: integer("from_version"),
  toVersion: integer("to_version"),
  at: integer("at").notNull(),
  userId: text("user_id").notNull(),
  why: text("why").notNull(),
  isRollback: integer("is_rollback", { mode: "boolean" }).notNull(), // takes back the move before
}, (table) => [
  index("alias_moves_by_name").on(table.name, table.alias, table.id),
  index("alias_moves_by_time").on(table.name, table.at),
]);

export const stateChanges = sqliteTable("state_changes", {
  id: integer("id").primaryKey({ autoIncrement: true }),
  name: text("name").notNull(),
  version: integer("version").notNull(),
  fromState: text("from_state"),
  toState: text("to_state").notNull(),
  at: integer("at").notNull(),
  userId: text("user_id").notNull(),
  why: text("why").notNull(),
}, (table) => [
  index("state_changes_by_version").on(table.name, table.version, table.id),
  index("state_changes_by_time").on(table.name, table.at),
]);

// Who may use a server that others can reach. The token itself is nowhere, only its hash.
export const accessTokens = sqliteTable("access_tokens", {
  tokenId: text("token_id").primaryKey(),
  name: text("name").notNull(),
  role: text("role").$type<"viewer" | "editor" | "admin">().notNull(),
  hash: text("hash").notNull().unique(), // SHA-256, in hex
  createdAt: integer("created_at").notNull(),
  userId: text("user_id").notNull(),
  revokedAt: integer("revoked_at"),
});

// How the requests of a model are shared among versions; a model without rows is served by its champion alone.
export const trafficSplits = sqliteTable("traffic_splits", {
  name: text("name").notNull(),
  version: integer("version").notNull(),
  weight: real("weight").notNull(),
  at: integer("at").notNull(),
  userId: text("user_id").notNull(),
  why: text("why").notNull(),
}, (table) => [
  primaryKey({ columns: [table.name, table.version] }),
  foreignKey({
    columns: [table.name, table.version],
    foreignColumns: [modelVersions.name, modelVersions.version],
  }).onDelete("cascade").onUpdate("cascade"),
]);

// Some of the requests, for looking at what a model is asked.
export const predictionSamples = sqliteTable("prediction_samples", {
  requestId: text("request_id").primaryKey(),
  name: text("name").notNull(),
  version: integer("version").notNull(),
  at: integer("at").notNull(),
  durationMs: real("duration_ms").notNull(),
  request: text("request").notNull(), // JSON, as it came
  answers: text("answers").notNull(), // JSON list of {label, confidence}
}, (table) => [index("prediction_samples_by_model").on(table.name, table.at)]);

// What was right, told afterwards.
export const predictionFeedback = sqliteTable("prediction_feedback", {
  requestId: text("request_id").notNull(),
  row: integer("row").notNull(),
  name: text("name").notNull(),
  version: integer("version").notNull(),
  label: text("label").notNull(), // what the model said
  truth: text("truth").notNull(),
  at: integer("at").notNull(),
  userId: text("user_id").notNull(),
}, (table) => [
  primaryKey({ columns: [table.requestId, table.row] }),
  index("prediction_feedback_by_model").on(table.name, table.version, table.label, table.truth),
]);
