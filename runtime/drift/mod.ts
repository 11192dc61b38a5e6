/**
 * Drift: how far what a model version is asked, and what it answers, is from the data it was trained on.
 *
 * @module
 */
export {
  type ComparedReport,
  compareVersion,
  type CurrentFacts,
  DRIFT_SHARE,
  type DriftReport,
  LEAST_ROWS,
  type NoDriftReport,
  type ReferenceFacts,
} from "./compare_version.ts";
export { type DriftMethod, type FeatureDrift, severityOf } from "./compare_feature.ts";
export { type DriftReader, openDriftReader, type VersionDrift } from "./drift_reader.ts";
export type { NoReference } from "./find_training_data.ts";
export { type DriftReference, findReference, PREDICTION } from "./read_reference.ts";
export type { DriftBin } from "./spread_bins.ts";
