/**
 * Trains and runs ONNX classifiers: TypeScript differentiates the graph, onnxruntime executes it.
 *
 * Open an engine, build a model or read an ONNX file, train it batch by batch, export it, ask it:
 *
 * ```ts
 * import { type Batch, openEngine } from "hanok/engine";
 *
 * await using engine = await openEngine("cpu", { threads: 1 }); // or webgpu, wasm, auto
 * const model = await engine.build({ kind: "mlp", hidden: [16] }, { features: 2, classes: 2, seed: 1 });
 *
 * const batch: Batch = { // exclusive or
 *   inputs: { features: { type: "float32", shape: [4, 2], data: Float32Array.of(0, 0, 0, 1, 1, 0, 1, 1) } },
 *   targets: { type: "int32", shape: [4], data: Int32Array.of(0, 1, 1, 0) },
 * };
 * await using training = await engine.openTraining(model, {
 *   loss: { kind: "cross-entropy" },
 *   optimizer: { kind: "adamw", learningRate: 0.05 },
 * });
 * for (let i = 0; i < 200; i++) await training.iterate(batch);
 *
 * const checkpoint = await training.save(); // openTraining(model, { …, checkpoint }) goes on from there
 * await using trained = await engine.openInference(await training.export());
 * const { probabilities } = await trained.run(batch.inputs); // float32 [4, 2]
 * if (!(probabilities!.data[3]! > 0.9) || checkpoint.length === 0) throw new Error("Cannot learn");
 * ```
 *
 * @module
 */
export type * from "../../pipeline/architecture.ts";
export type * from "../../pipeline/engine_port.ts";
export { ExplainedError } from "../../pipeline/explained_error.ts";
export type { Tensor, TensorSpec, TensorType } from "../../pipeline/tensor.ts";
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
