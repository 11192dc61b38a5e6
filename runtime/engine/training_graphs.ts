import type { Loss } from "../../pipeline/engine_port.ts";
import type { Tensor } from "../../pipeline/tensor.ts";
import type { Device, NamedTensors, WeightMemory } from "./device/device.ts";
import { dropoutMask, type MaskSeed } from "./dropout_mask.ts";
import { checkLookup } from "./check_tensors.ts";
import { computeHostPart } from "./host_part.ts";
import { operators } from "./operators/mod.ts";
import type { OnnxModel } from "./onnx/onnx_model.ts";
import { writeModel } from "./onnx/write_model.ts";
import { elementCount } from "./shape.ts";
import type { FrozenOutput, FrozenOutputs, RunFrozen } from "./frozen/frozen_outputs.ts";
import { layoutOf, maskedLength, shorterShapes } from "./frozen/padding.ts";
import type { DeviceGraph } from "./device_graph.ts";
import {
  frozenGraph,
  type GraphStatistic,
  type TrainingGraph,
  trainingGraph,
  type TrainingGraphOptions,
} from "./training_graph.ts";

/** Graphs kept loaded at once: full batches, a short last one, and a few lengths. */
const KEPT_GRAPHS = 8;

/** What a run of a training graph found out. */
export interface GraphRun {
  readonly loss: number;
  /** Examples whose frozen part was not computed, but kept from before. */
  readonly fromCache: number;
  /** Statistics of the batch, for the running values of BatchNormalization. */
  readonly statistics: readonly (GraphStatistic & { readonly data: Float32Array })[];
}

/** A training graph for one shape of batch. */
export interface ShapedTrainingGraph {
  /** Shape of the logits, and so of the targets: `[examples, outputs]`. */
  readonly shape: readonly [number, number];
  /**
   * Runs forward and backward; the gradients stay in the weights' memory.
   *
   * @param masks What the dropout masks are drawn from, and what gradients are multiplied by.
   */
  run(
    inputs: Tensors,
    targets: Float32Array,
    masks: Omit<MaskSeed, "index"> & { readonly scale: number },
  ): Promise<GraphRun>;
}

/** Training graphs of one model, one for each shape of batch, made when first needed. */
export interface TrainingGraphs extends AsyncDisposable {
  get(inputs: Tensors): Promise<ShapedTrainingGraph>;
}

type Tensors = Readonly<Record<string, Tensor>>;

/** What every graph of a session has in common. */
export interface SharedGraphOptions {
  readonly model: OnnxModel;
  readonly logits: string;
  readonly loss: Loss;
  readonly half: boolean;
  readonly trainable: readonly string[];
  readonly tables: readonly string[];
  readonly frozen: readonly string[];
}

/** Where graphs are loaded, and what they share. */
interface GraphPlace {
  readonly device: Device;
  readonly memory: WeightMemory;
  readonly shared: SharedGraphOptions;
  /** Where the outputs of the frozen part are kept, if they are. */
  readonly frozenOutputs?: FrozenOutputs;
}

/** Keeps the graphs that were used last. */
export function openTrainingGraphs(place: GraphPlace): TrainingGraphs {
  const frozenGraphs = openKept((inputs) => loadFrozenGraph(place, inputs));
  const training = openKept((inputs) =>
    loadTrainingGraph(
      place,
      inputs,
      (iteration) => async (part) => (await frozenGraphs.get(part)).run(part, iteration),
    )
  );
  return {
    get: training.get,
    async [Symbol.asyncDispose]() {
      await training[Symbol.asyncDispose]();
      await frozenGraphs[Symbol.asyncDispose]();
    },
  };
}

/** Things by the shapes of their inputs, of which those that were used last are kept. */
function openKept<T extends AsyncDisposable>(
  load: (inputs: Tensors) => Promise<T>,
): { get(inputs: Tensors): Promise<T> } & AsyncDisposable {
  const kept = new Map<string, T>();
  return {
    async get(inputs) {
      const key = Object.entries(inputs).map(([name, { shape }]) => `${name}[${shape}]`).sort()
        .join();
      const found = kept.get(key) ?? await load(inputs);
      kept.delete(key);
      kept.set(key, found);
      const [oldest] = kept.keys();
      if (kept.size > KEPT_GRAPHS && oldest !== undefined) {
        const graph = kept.get(oldest)!;
        kept.delete(oldest);
        await graph[Symbol.asyncDispose]();
      }
      return found;
    },
    async [Symbol.asyncDispose]() {
      for (const graph of kept.values()) await graph[Symbol.asyncDispose]();
      kept.clear();
    },
  };
}

function graphOptions(
  { device, shared: { model: _, ...shared }, frozenOutputs }: GraphPlace,
  inputs: Tensors,
): TrainingGraphOptions {
  return {
    ...shared,
    shapes: new Map(Object.entries(inputs).map(([name, { shape }]) => [name, shape])),
    lacksIntegers: device.lacksIntegers ?? false,
    keepsFrozen: frozenOutputs !== undefined,
    ...(device.lower === undefined ? {} : { lower: device.lower }),
  };
}

async function loadTrainingGraph(
  place: GraphPlace,
  inputs: Tensors,
  frozenIn: (iteration: number) => RunFrozen,
): Promise<ShapedTrainingGraph & AsyncDisposable> {
  const { memory, shared: { model }, frozenOutputs } = place;
  const options = graphOptions(place, inputs);
  const graph = trainingGraph(model, options);
  const kept = frozenOutputs === undefined ? [] : keptOutputs(model, options, inputs);
  const loaded = await memory.load(writeModel(graph.model), {
    gradients: graph.gradients,
    rows: graph.rows,
    frozen: graph.frozen,
    host: [graph.loss, ...graph.statistics.map(({ output }) => output)],
  });
  const runOnce = async (
    batch: Tensors,
    frozen: Tensors,
    targets: Float32Array,
    masks: Omit<MaskSeed, "index"> & { readonly scale: number },
  ) => {
    const data = await loaded.run({
      ...deviceInputs(graph, batch),
      ...frozen,
      [graph.targets]: { type: "float32", shape: graph.shape, data: targets },
      ...scaleOf(graph, masks.scale),
      ...drawnMasks(graph, masks),
    });
    return { data, loss: data[graph.loss]!.data[0] as number };
  };
  const run: ShapedTrainingGraph["run"] = async (batch, targets, masks) => {
    const { iteration } = masks;
    for (const lookup of graph.lookups) checkLookup(lookup, batch[lookup.input]!, iteration);
    const { tensors, found, unproven } = frozenOutputs === undefined || kept.length === 0
      ? { tensors: {}, found: 0, unproven: undefined }
      : await frozenOutputs.get(batch, kept, frozenIn(iteration));
    const computed = unproven && (await runOnce(batch, unproven, targets, masks)).loss;
    const { data, loss } = await runOnce(batch, tensors, targets, masks);
    if (computed !== undefined) {
      const isSame = Math.abs(loss - computed) <= 1e-5 * Math.max(1, Math.abs(computed));
      await frozenOutputs!.settle(isSame);
      if (!isSame) return await run(batch, targets, masks);
    }
    return {
      loss,
      fromCache: found,
      statistics: graph.statistics.map((statistic) => ({
        ...statistic,
        data: data[statistic.output]!.data as Float32Array,
      })),
    };
  };
  return {
    shape: graph.shape,
    run,
    [Symbol.asyncDispose]: () => loaded[Symbol.asyncDispose](),
  };
}

/** Outputs of the frozen part, with how they lie if texts are filled up. */
function keptOutputs(
  model: OnnxModel,
  options: TrainingGraphOptions,
  inputs: Tensors,
): FrozenOutput[] {
  const { outputs } = frozenGraph(model, options);
  const length = maskedLength(inputs);
  const shapes = shorterShapes(inputs);
  if (length === undefined || shapes === undefined) return [...outputs];
  const shorter = frozenGraph(model, { ...options, shapes }).outputs;
  if (shorter.length !== outputs.length) return [...outputs];
  return outputs.map(({ name, shape }, i) => ({
    name,
    shape,
    layout: layoutOf(shape, shorter[i]!.shape, length),
  }));
}

/** Computes the frozen part of batches of one shape. */
interface FrozenGraph extends AsyncDisposable {
  run(batch: Tensors, iteration: number): ReturnType<RunFrozen>;
}

async function loadFrozenGraph(
  place: GraphPlace,
  inputs: Tensors,
): Promise<FrozenGraph> {
  const graph = frozenGraph(place.shared.model, graphOptions(place, inputs));
  const loaded = await place.memory.load(writeModel(graph.model), {
    gradients: new Map(),
    rows: new Map(),
    frozen: graph.frozen,
    host: graph.outputs.map(({ name }) => name),
  });
  return {
    run(batch, iteration) {
      for (const lookup of graph.lookups) checkLookup(lookup, batch[lookup.input]!, iteration);
      return loaded.run(deviceInputs(graph, batch));
    },
    [Symbol.asyncDispose]: () => loaded[Symbol.asyncDispose](),
  };
}

/** The tensors of a batch that the graph reads, and what the host computes from the others. */
function deviceInputs({ model, inputs, host }: DeviceGraph, batch: NamedTensors): NamedTensors {
  const read = new Set(model.graph.inputs.map(({ name }) => name));
  const given = new Map(inputs.entries().map(([name, value]) => [value, batch[name]!]));
  return {
    ...Object.fromEntries(Object.entries(batch).filter(([name]) => read.has(name))),
    ...computeHostPart(operators, host, given),
  };
}

function scaleOf({ scale }: TrainingGraph, value: number): Record<string, Tensor> {
  if (scale === undefined) return {};
  return { [scale]: { type: "float32", shape: [], data: Float32Array.of(value) } };
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
