import type { Architecture } from "./architecture.ts";
import type { Tensor, TensorSpec } from "./tensor.ts";

/** Where arithmetic happens: the GPU through WebGPU, the CPU natively, or the CPU through WebAssembly. */
export type EngineName = "webgpu" | "cpu" | "wasm";

/** What the model is to be made for. */
export interface BuildOptions {
  /** Length of one example's feature vector. */
  readonly features: number;
  /** Number of classes: the width of the logits. */
  readonly classes: number;
  /** Seed of the starting weights. */
  readonly seed: number;
}

/** What training makes small. `cross-entropy` takes logits `[batch, classes]` and int32 class ids `[batch]`. */
export interface CrossEntropyLoss {
  readonly kind: "cross-entropy";
  /** Share of the target spread over all classes, 0 to 1. @default 0 */
  readonly labelSmoothing?: number;
}

/** AdamW: Adam with decoupled weight decay on matrices only (Loshchilov & Hutter 2019). */
export interface AdamwOptimizer {
  readonly kind: "adamw";
  readonly learningRate: number;
  /** @default 0.9 */
  readonly beta1?: number;
  /** @default 0.999 */
  readonly beta2?: number;
  /** @default 1e-8 */
  readonly epsilon?: number;
  /** @default 0.01 */
  readonly weightDecay?: number;
}

/** Stochastic gradient descent with classical momentum. */
export interface SgdOptimizer {
  readonly kind: "sgd";
  readonly learningRate: number;
  /** @default 0 */
  readonly momentum?: number;
}

/** How the learning rate moves over `totalIterations`. */
export type Schedule =
  | { readonly kind: "constant" }
  | {
    readonly kind: "linear" | "cosine";
    readonly warmup?: number;
    readonly totalIterations: number;
  };

/** How a model is to be trained. */
export interface TrainingOptions {
  readonly loss: CrossEntropyLoss;
  readonly optimizer: AdamwOptimizer | SgdOptimizer;
  /** @default { kind: "constant" } */
  readonly schedule?: Schedule;
  /** Name patterns (`*` matches anything) of the weights to train. @default all floating-point weights */
  readonly trainable?: readonly string[];
  /** State saved by an earlier session of the same model: training goes on from there. */
  readonly checkpoint?: Uint8Array<ArrayBuffer>;
}

/** Examples side by side, ready for a device. */
export interface Batch {
  /** Tensors by the name of the model's input; the first axis is the batch. */
  readonly inputs: Readonly<Record<string, Tensor>>;
  /** Class ids, int32 `[batch]`. */
  readonly targets: Tensor;
}

/** What one iteration found out. */
export interface Iteration {
  /** Mean loss over the batch, before the update. */
  readonly loss: number;
  /** 1 for the first update, counted across checkpoints. */
  readonly iteration: number;
  readonly learningRate: number;
}

/** Weights on a device. Release with `await using`. */
export interface TrainingSession extends AsyncDisposable {
  /**
   * One optimizer update.
   *
   * @throws {ExplainedError} `engine/non-finite-loss` when the loss is NaN or infinite; the weights stay as they were.
   */
  iterate(batch: Batch): Promise<Iteration>;
  /** Gradients of the loss on `batch` by weight name, without an update: for inspection and tests. */
  gradients(
    batch: Batch,
    weights?: readonly string[],
  ): Promise<Record<string, Tensor>>;
  /** Everything needed to go on later: weights, optimizer state, iteration. */
  save(): Promise<Uint8Array<ArrayBuffer>>;
  /** Goes back to a saved state of the same model. */
  restore(checkpoint: Uint8Array<ArrayBuffer>): Promise<void>;
  /** The trained model for inference: ONNX with outputs `logits` and `probabilities` (softmax of the logits). */
  export(): Promise<Uint8Array<ArrayBuffer>>;
}

/** A model loaded for prediction. Release with `await using`. */
export interface InferenceSession extends AsyncDisposable {
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  /** Runs the model once on a batch. */
  run(
    inputs: Readonly<Record<string, Tensor>>,
  ): Promise<Record<string, Tensor>>;
}

/** What a step may ask of the engine. The runtime chooses the device. */
export interface EnginePort {
  readonly name: EngineName;
  /** What the arithmetic runs on, for people: "CPU, 2 threads", "NVIDIA H200". */
  readonly device: string;
  /** A fresh ONNX model with seeded starting weights; input `features`, output `logits`. */
  build(
    architecture: Architecture,
    options: BuildOptions,
  ): Promise<Uint8Array<ArrayBuffer>>;
  /** @param model ONNX file whose initializers are the starting weights. */
  openTraining(
    model: Uint8Array<ArrayBuffer>,
    options: TrainingOptions,
  ): Promise<TrainingSession>;
  openInference(model: Uint8Array<ArrayBuffer>): Promise<InferenceSession>;
}
