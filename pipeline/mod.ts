/**
 * What is to be done: the declaration language and the contracts of its parts.
 * Pure data and types; imports nothing of ours.
 *
 * @module
 */
export * from "./architecture.ts";
export * from "./artifact.ts";
export * from "./dataset.ts";
export * from "./dataset_statistics.ts";
export * from "./describe.ts";
export * from "./engine_port.ts";
export * from "./evaluation.ts";
export * from "./explained_error.ts";
export { type Graph, nodeOf, type PlacedNode } from "./graph.ts";
export * from "./json.ts";
export * from "./lint.ts";
export * from "./model.ts";
export * from "./nearest_name.ts";
export * from "./params_schema.ts";
export * from "./pipeline.ts";
export * from "./preprocessing.ts";
export * from "./quantile.ts";
export * from "./reads.ts";
export * from "./recurrence.ts";
export * from "./step.ts";
export * from "./step_context.ts";
export * from "./tensor.ts";
