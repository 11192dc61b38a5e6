import type { Tensor } from "../../pipeline/tensor.ts";
import type { Device, LoadedTrainingGraph, WeightMemory } from "./device/device.ts";
import type { OnnxModel } from "./onnx/onnx_model.ts";
import { writeModel } from "./onnx/write_model.ts";
import { trainingGraph } from "./training_graph.ts";

/** Graphs kept loaded at once: full batches, a short last one, and a few lengths. */
const KEPT_GRAPHS = 8;

/** A training graph for one shape of batch. */
export interface ShapedTrainingGraph {
  readonly classes: number;
  /** Rows of the logits. */
  readonly examples: number;
  /** @param targets `[examples, classes]`, row-major. @returns The loss. */
  run(inputs: Readonly<Record<string, Tensor>>, targets: Float32Array): Promise<number>;
}

/** Training graphs of one model, one for each shape of batch, made when first needed. */
export interface TrainingGraphs extends AsyncDisposable {
  get(inputs: Readonly<Record<string, Tensor>>): Promise<ShapedTrainingGraph>;
}

/** What every graph of a session has in common. */
export interface SharedGraphOptions {
  readonly model: OnnxModel;
  readonly logits: string;
  readonly trainable: readonly string[];
}

/** Keeps the graphs that were used last. */
export function openTrainingGraphs(
  device: Device,
  memory: WeightMemory,
  shared: SharedGraphOptions,
): TrainingGraphs {
  const kept = new Map<string, ShapedTrainingGraph & { loaded: LoadedTrainingGraph }>();
  return {
    async get(inputs) {
      const key = Object.entries(inputs).map(([name, { shape }]) => `${name}[${shape}]`).sort()
        .join();
      const found = kept.get(key) ?? await loadGraph(device, memory, shared, inputs);
      kept.delete(key);
      kept.set(key, found);
      const [oldest] = kept.keys();
      if (kept.size > KEPT_GRAPHS && oldest !== undefined) {
        const { loaded } = kept.get(oldest)!;
        kept.delete(oldest);
        await loaded[Symbol.asyncDispose]();
      }
      return found;
    },
    async [Symbol.asyncDispose]() {
      for (const { loaded } of kept.values()) await loaded[Symbol.asyncDispose]();
      kept.clear();
    },
  };
}

async function loadGraph(
  device: Device,
  memory: WeightMemory,
  { model, logits, trainable }: SharedGraphOptions,
  inputs: Readonly<Record<string, Tensor>>,
): Promise<ShapedTrainingGraph & { loaded: LoadedTrainingGraph }> {
  const shapes = new Map(Object.entries(inputs).map(([name, { shape }]) => [name, shape]));
  const graph = trainingGraph(model, {
    shapes,
    trainable,
    logits,
    ...(device.lower === undefined ? {} : { lower: device.lower }),
  });
  const loaded = await memory.load(writeModel(graph.model), graph);
  const { classes, examples } = graph;
  return {
    classes,
    examples,
    loaded,
    run: (batch, targets) =>
      loaded.run({
        ...batch,
        [graph.targets]: { type: "float32", shape: [examples, classes], data: targets },
      }),
  };
}
