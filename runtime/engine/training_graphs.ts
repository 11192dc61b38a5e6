import type { Loss } from "../../pipeline/engine_port.ts";
import type { Tensor } from "../../pipeline/tensor.ts";
import type { Device, LoadedTrainingGraph, NamedTensors, WeightMemory } from "./device/device.ts";
import { dropoutMask, type MaskSeed } from "./dropout_mask.ts";
import { checkLookup } from "./check_tensors.ts";
import { computeHostPart } from "./host_part.ts";
import { operators } from "./operators/mod.ts";
import type { OnnxModel } from "./onnx/onnx_model.ts";
import { writeModel } from "./onnx/write_model.ts";
import { elementCount } from "./shape.ts";
import { type GraphStatistic, type TrainingGraph, trainingGraph } from "./training_graph.ts";

/** Graphs kept loaded at once: full batches, a short last one, and a few lengths. */
const KEPT_GRAPHS = 8;

/** What a run of a training graph found out. */
export interface GraphRun {
  readonly loss: number;
  /** Statistics of the batch, for the running values of BatchNormalization. */
  readonly statistics: readonly (GraphStatistic & { readonly data: Float32Array })[];
}

/** A training graph for one shape of batch. */
export interface ShapedTrainingGraph {
  /** Shape of the logits, and so of the targets: `[examples, outputs]`. */
  readonly shape: readonly [number, number];
  /** Runs forward and backward; the gradients stay in the weights' memory. */
  run(
    inputs: NamedTensors,
    targets: Float32Array,
    masks: Omit<MaskSeed, "index">,
  ): Promise<GraphRun>;
}

/** Training graphs of one model, one for each shape of batch, made when first needed. */
export interface TrainingGraphs extends AsyncDisposable {
  get(inputs: NamedTensors): Promise<ShapedTrainingGraph>;
}

/** What every graph of a session has in common. */
export interface SharedGraphOptions {
  readonly model: OnnxModel;
  readonly logits: string;
  readonly loss: Loss;
  readonly trainable: readonly string[];
  readonly frozen: readonly string[];
}

type LoadedShape = ShapedTrainingGraph & { readonly loaded: LoadedTrainingGraph };

/** Keeps the graphs that were used last. */
export function openTrainingGraphs(
  device: Device,
  memory: WeightMemory,
  shared: SharedGraphOptions,
): TrainingGraphs {
  const kept = new Map<string, LoadedShape>();
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
  { model, ...shared }: SharedGraphOptions,
  inputs: NamedTensors,
): Promise<LoadedShape> {
  const graph = trainingGraph(model, {
    ...shared,
    shapes: new Map(Object.entries(inputs).map(([name, { shape }]) => [name, shape])),
    lacksIntegers: device.lacksIntegers ?? false,
    ...(device.lower === undefined ? {} : { lower: device.lower }),
  });
  const loaded = await memory.load(writeModel(graph.model), {
    gradients: graph.gradients,
    frozen: graph.frozen,
    host: [graph.loss, ...graph.statistics.map(({ output }) => output)],
  });
  return {
    shape: graph.shape,
    loaded,
    async run(batch, targets, masks) {
      for (const lookup of graph.lookups) checkLookup(lookup, batch[lookup.input]!);
      const data = await loaded.run({
        ...deviceInputs(graph, batch),
        [graph.targets]: { type: "float32", shape: graph.shape, data: targets },
        ...drawnMasks(graph, masks),
      });
      return {
        loss: data[graph.loss]!.data[0] as number,
        statistics: graph.statistics.map((statistic) => ({
          ...statistic,
          data: data[statistic.output]!.data as Float32Array,
        })),
      };
    },
  };
}

/** The tensors of a batch that the graph reads, and what the host computes from the others. */
function deviceInputs({ model, inputs, host }: TrainingGraph, batch: NamedTensors): NamedTensors {
  const read = new Set(model.graph.inputs.map(({ name }) => name));
  const given = new Map(inputs.entries().map(([name, value]) => [value, batch[name]!]));
  return {
    ...Object.fromEntries(Object.entries(batch).filter(([name]) => read.has(name))),
    ...computeHostPart(operators, host, given),
  };
}

function drawnMasks(
  { masks }: TrainingGraph,
  which: Omit<MaskSeed, "index">,
): Record<string, Tensor> {
  return Object.fromEntries(masks.map(({ input: { name, shape }, ratio }, index) => {
    const data = dropoutMask(elementCount(shape), ratio, { ...which, index });
    return [name, { type: "float32", shape, data }];
  }));
}
