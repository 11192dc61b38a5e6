/**
 * The server's HTTP interface for programs: predictions, facts about runs and models, health.
 *
 * @module
 */
export { type Caller, findCaller, getCaller, setCaller } from "./caller.ts";
export * from "./dataset_facts.ts";
export * from "./default_model.ts";
export * from "./error_answer.ts";
export { driftRoutes } from "./drift_routes.ts";
export { factsRoutes, readOffset, unknownModel, wholeNumber } from "./facts_routes.ts";
export { healthRoutes } from "./health_routes.ts";
export * from "./json_numbers.ts";
export * from "./lineage_facts.ts";
export { modelActionRoutes, readVersion } from "./model_action_routes.ts";
export * from "./model_actions.ts";
export * from "./model_facts.ts";
export * from "./api_operations.ts";
export { openApiRoutes, readOpenApi } from "./openapi_routes.ts";
export { pathNames } from "./path_names.ts";
export { metricsRoutes } from "./metrics_routes.ts";
export { openAccessLog } from "./access_log.ts";
export { observeRequests } from "./observe_requests.ts";
export { openServerMetrics } from "./server_metrics.ts";
export { predictRoutes } from "./predict_routes.ts";
export { limitBytes, readBody, readJsonBody, readText, tooLarge } from "./read_json_body.ts";
export * from "./compared_runs.ts";
export { requestId } from "./request_id.ts";
export { changeOf, type ConfigField } from "./config_fields.ts";
export * from "./pipeline_facts.ts";
export { pipelineRoutes } from "./pipeline_routes.ts";
export * from "./run_facts.ts";
export { findRunGraph, type RunGraph } from "./run_graph.ts";
export { type FilePreview, getRunFile, readPreview, type RunFileFacts } from "./run_file.ts";
export { readRunFilter, type RunFilter } from "./run_filter.ts";
export { scoringRoutes } from "./scoring_routes.ts";
export { openTraffic } from "./traffic.ts";
export { trafficRoutes } from "./traffic_routes.ts";
export { liveRoutes } from "./live_routes.ts";
export { openReruns, requestOf } from "./rerun.ts";
export { rerunRoutes } from "./rerun_routes.ts";
export { stopRoutes } from "./stop_routes.ts";
export type { ServerContext } from "./server_context.ts";
export * from "./server_log.ts";
