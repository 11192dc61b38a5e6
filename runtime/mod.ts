/**
 * When, where, and what is remembered: running pipelines, and looking at what was run.
 *
 * @module
 */
export type { KeyDifference } from "./cache/explain_key.ts";
export { renderDifference } from "./cache/explain_key.ts";
export { explainNode, type ExplainOptions, type NodeExplanation } from "./executor/explain_node.ts";
export type * from "./executor/run_event.ts";
export type * from "./executor/run_summary.ts";
export type { Plan, PlannedNode } from "./executor/plan_run.ts";
export { graphOf, planPipeline } from "./inspect_pipeline.ts";
export {
  findPipeline,
  listPipelines,
  type LoadedPipeline,
  loadPipeline,
} from "./pipelines/load_pipeline.ts";
export { findConfig } from "./pipelines/find_config.ts";
export { listConfigs } from "./pipelines/list_configs.ts";
export type { RunnablePipeline } from "./prepare_run.ts";
export type * from "./run_options.ts";
export { type CompletedRun, runPipeline } from "./run_pipeline.ts";
export { projectRoot, readSettings, type Settings } from "./settings.ts";
export { type ManifestKey } from "./unchanged/manifest.ts";
export { VERSION } from "./version.ts";
