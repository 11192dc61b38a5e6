/**
 * What MLflow's clients do to experiments, runs and models: the facts are those of the store, the words are MLflow's.
 *
 * @module
 */
export * from "./experiment_admin.ts";
export * from "./metric_points.ts";
export * from "./read_runs.ts";
export * from "./run_admin.ts";
export * from "./run_log.ts";
