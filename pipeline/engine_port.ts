import type { BuildableArchitecture } from "./architecture.ts";
import type { Recurrence, RecurrentSizes } from "./recurrence.ts";
import type { Tensor, TensorSpec } from "./tensor.ts";

/** Where arithmetic happens: the GPU through WebGPU, the CPU natively, or the CPU through WebAssembly. */
export type EngineName = "webgpu" | "cpu" | "wasm";

/** What the model is to be made for. */
export interface BuildOptions {
  /** Length of one example's feature vector; an encoder has none. @default 0 */
  readonly features?: number;
  /** Number of classes: the width of the logits. */
  readonly classes: number;
  /** Seed of the starting weights. */
  readonly seed: number;
  /** Pretrained weights by Hugging Face's names: a `safetensors` or `pytorch_model.bin` file. @default drawn from the seed */
  readonly weights?: Uint8Array<ArrayBuffer>;
}

/** Cross-entropy of logits `[batch, classes]` against int32 class ids `[batch]`. */
export interface CrossEntropyLoss {
  readonly kind: "cross-entropy";
  /** Share of the target spread over all classes, 0 to 1. @default 0 */
  readonly labelSmoothing?: number;
  /** Weight of each class; the loss is the weighted mean. @default all 1 */
  readonly classWeights?: readonly number[];
  /** Class id of examples that do not count. @default none */
  readonly ignoreIndex?: number;
}

/** Each logit for itself, through a sigmoid: targets float32 of the logits' shape, 0 to 1. For labels that do not exclude each other. */
export interface BinaryCrossEntropyLoss {
  readonly kind: "binary-cross-entropy";
}

/** Mean squared difference: targets float32 of the output's shape. For numbers. */
export interface MeanSquaredErrorLoss {
  readonly kind: "mean-squared-error";
}

/** Squared near 0, straight from `delta` on: targets float32 of the output's shape. For numbers with outliers. */
export interface HuberLoss {
  readonly kind: "huber";
  /** @default 1 */
  readonly delta?: number;
}

/** What training makes small. */
export type Loss = CrossEntropyLoss | BinaryCrossEntropyLoss | MeanSquaredErrorLoss | HuberLoss;

/**
 * Adam (Kingma & Ba 2015). `adam` adds the weight decay to the gradient of every weight; `adamw` decays the weights themselves,
 * and matrices only (Loshchilov & Hutter 2019).
 */
export interface AdamOptimizer<Kind extends string> {
  readonly kind: Kind;
  readonly learningRate: number;
  /** @default 0.9 */
  readonly beta1?: number;
  /** @default 0.999 */
  readonly beta2?: number;
  /** @default 1e-8 */
  readonly epsilon?: number;
  /** @default 0.01 for `adamw`, 0 for `adam` */
  readonly weightDecay?: number;
}

/** AdamW: Adam with decoupled weight decay on matrices only (Loshchilov & Hutter 2019). */
export type AdamwOptimizer = AdamOptimizer<"adamw">;

/** Stochastic gradient descent with classical momentum. */
export interface SgdOptimizer {
  readonly kind: "sgd";
  readonly learningRate: number;
  /** @default 0 */
  readonly momentum?: number;
}

/** Divides by a moving root mean square of the gradient (Hinton 2012). */
export interface RmspropOptimizer {
  readonly kind: "rmsprop";
  readonly learningRate: number;
  /** Share of the old mean square. @default 0.99 */
  readonly alpha?: number;
  /** @default 1e-8 */
  readonly epsilon?: number;
}

/** Divides by the root of the sum of all squared gradients (Duchi et al. 2011). */
export interface AdagradOptimizer {
  readonly kind: "adagrad";
  readonly learningRate: number;
  /** @default 1e-10 */
  readonly epsilon?: number;
}

/** How weights follow their gradients. */
export type OptimizerOptions =
  | AdamwOptimizer
  | AdamOptimizer<"adam">
  | SgdOptimizer
  | RmspropOptimizer
  | AdagradOptimizer;

/** How the learning rate moves over `totalIterations`. */
export type Schedule =
  | { readonly kind: "constant" }
  | {
    readonly kind: "linear" | "cosine";
    readonly warmup?: number;
    readonly totalIterations: number;
  }
  | {
    /** Up from a 25th to the learning rate, then down to almost nothing, along cosines (Smith 2018). */
    readonly kind: "one-cycle";
    readonly totalIterations: number;
    /** Share of the iterations that go up. @default 0.3 */
    readonly rise?: number;
  };

/** Weights that learn at a rate of their own. */
export interface WeightGroup {
  /** Name patterns (`*` matches anything). */
  readonly weights: readonly string[];
  /** The learning rate of these weights is that of the iteration times this. */
  readonly learningRateFactor: number;
}

/**
 * Keeps on disk what the frozen part of the model computes for each example, so that later epochs, sweeps and restarts skip it. Dropout
 * in that part acts as in inference. Of a text with an `attention_mask` only what that shows is kept, so it is found whatever it is filled
 * up to (checked once: a model that takes notice of hidden positions finds it with the same padding only); what was computed with
 * another padding may differ in the last bit.
 */
export interface FrozenCache {
  /** Folder of its own. It may be deleted at any time. */
  readonly folder: string;
  /** `float16` halves the files, and rounds. @default "float32" */
  readonly precision?: "float32" | "float16";
  /** Limit of all files together; when it is reached, files of other models go first, then what is new is computed each time. @default 1e10 */
  readonly maxBytes?: number;
}

/** Files beside a model that hold its large tensors, by the path that the model gives for them, relative to itself. */
export type ExternalData = Readonly<Record<string, Uint8Array<ArrayBuffer>>>;

/** An ONNX model of any size. */
export interface OnnxFiles {
  /** `model.onnx` */
  readonly onnx: Uint8Array<ArrayBuffer>;
  /** `model.onnx.data`, if the model is too large for one file; else empty. */
  readonly externalData: ExternalData;
}

/** How large one file may become. */
export interface OnnxFileLimit {
  /** Of a model of more bytes the large weights are written to `model.onnx.data`. @default 2^31 - 1, where ONNX files end */
  readonly fileBytes?: number;
}

/** How a model is to be trained. */
export interface TrainingOptions {
  readonly loss: Loss;
  readonly optimizer: OptimizerOptions;
  /** @default { kind: "constant" } */
  readonly schedule?: Schedule;
  /** Name patterns (`*` matches anything) of the weights to train. @default all floating-point weights */
  readonly trainable?: readonly string[];
  /**
   * Train only this many of the last layers, and what comes behind them; 0 trains only what is behind. Layers are what is numbered
   * in the names of weights or nodes: `layer.3.`, `blocks.3/`, `h.3.`. @default all layers
   */
  readonly unfrozenLayers?: number;
  /** The first group with a pattern that matches a weight counts. @default none */
  readonly groups?: readonly WeightGroup[];
  /**
   * `mixed`: products of matrices and what lies between them in half precision, with scaled gradients, as GPUs have it; weights, sums,
   * norms and the loss stay in single precision. @default "float32"
   */
  readonly precision?: "float32" | "mixed";
  /**
   * Changes only those rows of embedding tables whose gradient is not 0: the others are neither decayed nor moved by what the optimizer
   * remembers, as in lazy Adam. With a large vocabulary an iteration takes less time. @default false
   */
  readonly sparseEmbeddings?: boolean;
  /** Gradients are scaled down when their common Euclidean norm is above this. @default no limit */
  readonly clipNorm?: number;
  /** Export a moving average of the weights, of which the old one keeps this share at each iteration. @default none */
  readonly averageDecay?: number;
  /** @default the model holds all of its tensors itself */
  readonly externalData?: ExternalData;
  /** @default what is frozen is computed in every iteration */
  readonly frozenCache?: FrozenCache;
  /** Seed of what is drawn in training: dropout. @default 0 */
  readonly seed?: number;
  /** State saved by an earlier session of the same model: training goes on from there. */
  readonly checkpoint?: Uint8Array<ArrayBuffer>;
}

/** Examples side by side, ready for a device. */
export interface Batch {
  /** Tensors by the name of the model's input; the first axis is the batch. */
  readonly inputs: Readonly<Record<string, Tensor>>;
  /** Class ids, int32 `[batch]`; what else a loss wants stands at the loss. */
  readonly targets: Tensor;
}

/** What one iteration found out. */
export interface Iteration {
  /** Mean loss over the batch, before the update. */
  readonly loss: number;
  /** 1 for the first update, counted across checkpoints. */
  readonly iteration: number;
  readonly learningRate: number;
  /** With a {@link FrozenCache}: examples whose frozen part was not computed, but found. */
  readonly fromCache?: number;
}

/** Weights on a device. Release with `await using`. */
export interface TrainingSession extends AsyncDisposable {
  /**
   * One optimizer update.
   *
   * @param batch Or several, whose gradients are averaged by their number of examples before the one update.
   * @throws {ExplainedError} `engine/non-finite-loss` when the loss is NaN or infinite; the weights stay as they were.
   */
  iterate(batch: Batch | readonly Batch[]): Promise<Iteration>;
  /** Gradients of the loss on `batch` by weight name, without an update: for inspection and tests. */
  gradients(
    batch: Batch,
    weights?: readonly string[],
  ): Promise<Record<string, Tensor>>;
  /** Everything needed to go on later: weights, optimizer state, iteration. */
  save(): Promise<Uint8Array<ArrayBuffer>>;
  /** Goes back to a saved state of the same model. */
  restore(checkpoint: Uint8Array<ArrayBuffer>): Promise<void>;
  /**
   * The trained model for inference: ONNX with outputs `logits` and `probabilities` (softmax of the logits, or sigmoid after
   * `binary-cross-entropy`); a model that was trained on numbers has the one output `logits`, which are the numbers.
   *
   * @throws {ExplainedError} `engine/model-too-large` from 2 GiB on: {@link exportFiles} has no such limit.
   */
  export(): Promise<Uint8Array<ArrayBuffer>>;
  /** The same of a model of any size: keep all of its files in one folder. */
  exportFiles(limit?: OnnxFileLimit): Promise<OnnxFiles>;
}

/** A model loaded for prediction. Release with `await using`. */
export interface InferenceSession extends AsyncDisposable {
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  /**
   * Runs the model once on a batch.
   *
   * @param outputs Names of those that are wanted; the others may be left out. @default all
   */
  run(
    inputs: Readonly<Record<string, Tensor>>,
    outputs?: readonly string[],
  ): Promise<Record<string, Tensor>>;
  /**
   * Readies a model so small that a call of `run` takes longer than its arithmetic. Answers differ from those of `run` in
   * the last digit of float32 at most. @default it is not so small
   *
   * @param output Name of the one that is wanted.
   * @returns `undefined` when the model does not give it this way.
   */
  openRow?(output: string): RowSession | undefined;
}

/** A small model, a row at a time, at once, in memory that is used again and again. */
export interface RowSession {
  /** Name of the model's only input. */
  readonly name: string;
  /** Where its numbers for the row go. */
  readonly input: Float32Array;
  /** @returns The output's numbers for the row; the next run writes over them. */
  run(): Float32Array;
}

/** What a step may ask of the engine. The runtime chooses the device. */
export interface EnginePort {
  readonly name: EngineName;
  /** What the arithmetic runs on, for people: "CPU, 2 threads", "NVIDIA H200". */
  readonly device: string;
  /**
   * An ONNX model with seeded or pretrained starting weights; an `mlp` has the input `features`, all have the output `logits`.
   *
   * @throws {ExplainedError} `engine/model-too-large` from 2 GiB on: {@link buildFiles} has no such limit.
   */
  build(
    architecture: BuildableArchitecture,
    options: BuildOptions,
  ): Promise<Uint8Array<ArrayBuffer>>;
  /** The same of a model of any size. */
  buildFiles(
    architecture: BuildableArchitecture,
    options: BuildOptions & OnnxFileLimit,
  ): Promise<OnnxFiles>;
  /**
   * Reads the files beside a model that hold its large tensors; most models have none, and nothing is read.
   *
   * @param read Gives a file of the model's folder, by the path that the model has for it: relative, with `/` and without `..`.
   * @throws {ExplainedError} `engine/onnx-unreadable` if the model is damaged, or names a path out of its folder.
   */
  readExternalData(
    onnx: Uint8Array<ArrayBuffer>,
    read: (path: string) => Promise<Uint8Array<ArrayBuffer>>,
  ): Promise<ExternalData>;
  /** @param model ONNX file whose initializers are the starting weights; more files of it go into the options. */
  openTraining(
    model: Uint8Array<ArrayBuffer>,
    options: TrainingOptions,
  ): Promise<TrainingSession>;
  openInference(
    model: Uint8Array<ArrayBuffer>,
    externalData?: ExternalData,
  ): Promise<InferenceSession>;
  /** Opens the arithmetic that trains a recurrent part; on the CPU, whatever the device. */
  openRecurrence(sizes: RecurrentSizes): Recurrence;
}
