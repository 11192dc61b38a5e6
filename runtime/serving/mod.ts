/**
 * Answers with registered models: loads versions, follows aliases, checks input, batches requests.
 *
 * @module
 */
export { answerRequest, BadInputError, exampleBody, type Prediction } from "./answer_request.ts";
export { type CheckedInput, checkInput, type InputRow } from "./check_input.ts";
export {
  type LoadedModel,
  loadModel,
  type LoadOptions,
  type ModelFiles,
  SERVING_LIMITS,
  type ServingPorts,
} from "./load_model.ts";
export type { BatchFacts, BatchLimits } from "./batching.ts";
export { loadPredictor, type Predictor, type PredictorOptions } from "./load_predictor.ts";
export type { AliasRow, ModelCatalog } from "./model_catalog.ts";
export { openModelFolder } from "./model_folder.ts";
export type {
  ModelServer,
  ModelServerOptions,
  ServedAlias,
  ServedVersion,
  ServingEvent,
} from "./model_server.ts";
export { type OpenServingPorts, openServingPorts } from "./serving_ports.ts";
export { parseSignature } from "./parse_signature.ts";
export type { Answer } from "./predict.ts";
export { openCatalog } from "./registry_catalog.ts";
export { openModelServer } from "./serve_models.ts";
export {
  DEFAULT_ALIAS,
  renderTarget,
  resolveTarget,
  type ServingTarget,
} from "./serving_target.ts";
