/**
 * The model registry: versions, the aliases that point at them, and who moved what and why.
 *
 * @module
 */
export {
  type Act,
  approve,
  archive,
  checkAlias,
  deleteAlias,
  moveAlias,
  recordState,
  reject,
  removeAlias,
  rollback,
  writeAlias,
  writeState,
} from "./alias.ts";
export * from "./export_registry.ts";
export * from "./find_version.ts";
export * from "./import_model.ts";
export * from "./import_registry.ts";
export * from "./model_registry.ts";
export * from "./registered_model.ts";
export * from "./version_history.ts";
export {
  type ModelVersion,
  parseMetrics,
  renderMetrics,
  selectVersions,
  type Stage,
  type VersionId,
  type VersionState,
} from "./model_version.ts";
