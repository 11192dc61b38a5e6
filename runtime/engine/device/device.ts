import type { EngineName, ExternalData } from "../../../pipeline/engine_port.ts";
import type { Tensor } from "../../../pipeline/tensor.ts";
import type { Optimizer } from "../optimizers/optimizer.ts";
import type { Rewrite } from "../rewrite_graph.ts";
import type { Shape } from "../shape.ts";

/** A tensor that a graph takes: of the port's types, or the outcome of a comparison. */
export type DeviceTensor =
  | Tensor
  | { readonly type: "bool"; readonly shape: Shape; readonly data: Uint8Array };

/** Tensors by name, in the memory of this process. */
export type NamedTensors = Readonly<Record<string, DeviceTensor>>;

/** A graph loaded on a device. */
export interface LoadedGraph extends AsyncDisposable {
  /**
   * @param into Tensors that outputs may be written to instead of new ones, where that saves a copy.
   * @param wanted Names of the outputs that are needed; the others may be left out. @default all
   * @returns The graph's outputs.
   */
  run(
    inputs: NamedTensors,
    into?: NamedTensors,
    wanted?: readonly string[],
  ): Promise<Record<string, Tensor>>;
}

/** A weight as it starts out. */
export interface StartingWeight {
  readonly name: string;
  readonly shape: Shape;
  readonly data: Float32Array;
}

/** The weights of a model as they start out. */
export interface PlacedWeights {
  readonly trainable: readonly StartingWeight[];
  /** Weights that stay as they are, and are given to every graph that asks for them. */
  readonly frozen: readonly StartingWeight[];
  /** Trainable matrices that only have rows looked up. */
  readonly tables: readonly string[];
  /** Whether an update leaves alone the rows of tables whose gradient is 0. */
  readonly sparse: boolean;
}

/**
 * What is remembered of each weight: itself, its last gradient, the sum of the gradients of several batches, and the
 * optimizer's slots (`"m"`, `"v"`, …).
 */
export type WeightPart = "weight" | "gradient" | "sum" | `slot:${string}`;

/** A graph whose weights are inputs and whose gradients are outputs. */
export interface LoadedTrainingGraph extends AsyncDisposable {
  /**
   * Runs forward and backward; the gradients stay in the weights' memory.
   *
   * @returns The outputs that are no gradients.
   */
  run(inputs: NamedTensors): Promise<Record<string, Tensor>>;
}

/** How the outputs of a training graph are called. */
export interface TrainingNames {
  /** Output with the gradient of each weight that the graph takes. */
  readonly gradients: ReadonlyMap<string, string>;
  /** Output with the rows of the gradient of each table, where the gradient is that of look-ups. */
  readonly rows: ReadonlyMap<string, string>;
  /** Frozen weights that it takes as inputs. */
  readonly frozen: readonly string[];
  /** Outputs that are wanted in the memory of this process. */
  readonly host: readonly string[];
}

/** What an update follows. */
export interface UpdateOptions {
  /** The last gradient, or the sum of several. */
  readonly from: "gradient" | "sum";
  /** Gradients are multiplied by this. */
  readonly gradientScale: number;
  /** What the optimizer wants for each weight. */
  readonly scalars: (weight: StartingWeight) => readonly number[];
}

/** Trainable weights with their gradients and optimizer state, where the arithmetic is. */
export interface WeightMemory extends AsyncDisposable {
  /** @param model ONNX file. */
  load(model: Uint8Array, names: TrainingNames): Promise<LoadedTrainingGraph>;
  /** sum = share * gradient, plus the old sum unless this is the first. */
  accumulate(share: number, first: boolean): Promise<void>;
  /** Euclidean norm of all gradients (or sums) taken together; NaN or infinite if one of them is. */
  gradientNorm(from: UpdateOptions["from"]): Promise<number>;
  /** Changes each weight in place. */
  update(options: UpdateOptions): Promise<void>;
  /** A copy of one part of every weight. */
  read(part: WeightPart): Promise<Map<string, Float32Array<ArrayBuffer>>>;
  write(part: WeightPart, data: ReadonlyMap<string, Float32Array>): Promise<void>;
}

/** How a graph is loaded. */
export interface LoadGraphOptions {
  /** @default the model holds all of its tensors itself */
  readonly externalData?: ExternalData;
  /** Refuse a model of which a part would silently run elsewhere. @default false */
  readonly strict?: boolean;
}

/** A place where graphs run. Release with `await using`. */
export interface Device extends AsyncDisposable {
  readonly name: EngineName;
  /** For people: "CPU, 2 threads". */
  readonly description: string;
  /** Writes out operators that this device lacks. */
  readonly lower?: Rewrite;
  /** Set where whole numbers of the batch must be computed by the host. */
  readonly lacksIntegers?: true;
  /** Set where large frozen weights are better given to each graph than built into it: nothing is copied then. */
  readonly givesFrozen?: true;
  /** Set where half precision is at hand. */
  readonly hasHalf?: true;
  /** Set where gradients of tables are better given by look-ups: nothing of the size of the table is computed then. */
  readonly givesRows?: true;
  /** @param model ONNX file. */
  load(model: Uint8Array, options?: LoadGraphOptions): Promise<LoadedGraph>;
  /** Puts weights into the device's memory, with zeros for the optimizer's slots. */
  place(weights: PlacedWeights, optimizer: Optimizer): Promise<WeightMemory>;
}
