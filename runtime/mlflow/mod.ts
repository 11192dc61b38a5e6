/**
 * What MLflow's clients do to experiments, runs and models: the facts are those of the store, the words are MLflow's.
 *
 * @module
 */
export * from "./append_to_uri.ts";
export * from "./experiment_admin.ts";
export * from "./metric_points.ts";
export * from "./read_runs.ts";
export * from "./run_admin.ts";
export * from "./run_log.ts";
export * from "./model_admin.ts";
export * from "./move_stage.ts";
export * from "./read_models.ts";
export * from "./version_admin.ts";
export * from "./artifact_space.ts";
export * from "./logged_models.ts";
