/**
 * MLflow's REST protocol: its clients work against this server.
 *
 * @module
 */
export { useArtifactRoot } from "./artifact_root.ts";
export { mlflowApi } from "./mlflow_api.ts";
export { mlflowRefusal } from "./mlflow_refusal.ts";
export { type MlflowContext } from "./route.ts";
