/**
 * Declare a machine learning pipeline as plain, typed data, and run it.
 *
 * ```ts
 * import { definePipeline, defineStep, z } from "./mod.ts";
 *
 * const hello = defineStep({
 *   module: import.meta.url,
 *   name: "hello",
 *   inputs: {},
 *   outputs: { metrics: "metrics" },
 *   run: () => Promise.resolve({ metrics: { greetings: 1 } }),
 * });
 *
 * export default definePipeline({
 *   name: "hello",
 *   config: z.object({}),
 *   build: () => hello("greeting", {}),
 * });
 * ```
 *
 * @module
 */
export { z } from "zod";
export type {
  ArtifactKind,
  ArtifactRef,
  ArtifactValues,
  Column,
  DatasetHandle,
  Metrics,
  Pipeline,
  Row,
  Step,
  StepContext,
  StepDefinition,
  Verdict,
} from "./pipeline/mod.ts";
export { champion, definePipeline, defineStep, ExplainedError, file, url } from "./pipeline/mod.ts";
export { path } from "./pipeline/path.ts";
export type { RunOptions } from "./runtime/run_options.ts";
export { type RegisteredModel, run, type RunResult } from "./runtime/run.ts";
export { loadPredictor, type Predictor } from "./runtime/serving/mod.ts";
export { startRun, type TrackedRun } from "./runtime/tracking/mod.ts";
export {
  checkpoint,
  dataset,
  evaluate,
  fineTune,
  gate,
  holdout,
  newCheckpoint,
  overlap,
  preprocess,
  register,
  sample,
  split,
  tokenize,
  tokenizer,
  train,
  trainLinear,
  validate,
} from "./steps/mod.ts";
