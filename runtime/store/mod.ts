/**
 * What is remembered: one libSQL file of facts and a folder of bytes named by their content.
 * Importing it brings neither drizzle nor zod.
 *
 * @module
 */
export * from "./artifact_store.ts";
export * from "./backup.ts";
export * from "./blobs.ts";
export * from "./cache_store.ts";
export * from "./collect_garbage.ts";
export * from "./experiment_store.ts";
export * from "./file_memo.ts";
export * from "./find_run.ts";
export * from "./input_store.ts";
export * from "./last_runs.ts";
export * from "./limits.ts";
export * from "./log_store.ts";
export { logMetrics, metricHistory, metricOutline, writeMetrics } from "./metric_store.ts";
export * from "./open_store.ts";
export { listLiveRuns, processTags, reconcileRuns } from "./reconcile.ts";
export { holdRunLock } from "./run_lock.ts";
export type { Cell } from "./prepared_statement.ts";
export * from "./rows.ts";
export * from "./run.ts";
export * from "./run_name.ts";
export { findStop, requestStop, stopSentence, type StopWish } from "./run_stop.ts";
export * from "./run_store.ts";
export * from "./step_run_store.ts";
export type { StoreClient } from "./store_client.ts";
export * from "./verify_cache.ts";
export { scratchFolder } from "./scratch_folders.ts";
