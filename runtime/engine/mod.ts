/**
 * Trains and runs ONNX classifiers: TypeScript differentiates the graph, onnxruntime executes it.
 *
 * @module
 */
export { parseEncoderConfig } from "./architectures/mod.ts";
export { findGpuAdapter, type GpuAdapter } from "./device/adapter.ts";
export {
  chooseEngine,
  type ChooseOptions,
  type EngineChoice,
  type RequestedEngine,
} from "./device/choose_device.ts";
export { MissingGradientError, NonFiniteLossError } from "./errors.ts";
export { type OpenEngine, openEngine } from "./open_engine.ts";
