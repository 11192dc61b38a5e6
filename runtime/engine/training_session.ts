import { createHash } from "node:crypto";
import type {
  Batch,
  ExternalData,
  Iteration,
  Loss,
  TrainingOptions,
  TrainingSession,
} from "../../pipeline/engine_port.ts";
import { ExplainedError } from "../../pipeline/explained_error.ts";
import type { Tensor } from "../../pipeline/tensor.ts";
import { checkTrainingOptions } from "./check_options.ts";
import { lossTargets } from "./check_targets.ts";
import { checkTensors, describeNonFinite } from "./check_tensors.ts";
import { type Activation, inferenceModel, logitsOutput } from "./classifier_model.ts";
import type { Device, StartingWeight } from "./device/device.ts";
import { NonFiniteLossError } from "./errors.ts";
import { type FrozenOutputs, openFrozenOutputs } from "./frozen/frozen_outputs.ts";
import { type LossScale, openLossScale, startingLossScale } from "./loss_scale.ts";
import type { OnnxModel } from "./onnx/onnx_model.ts";
import { readModel } from "./onnx/read_model.ts";
import { writeModel } from "./onnx/write_model.ts";
import { AVERAGE, learningRateAt, openOptimizer } from "./optimizers/mod.ts";
import { prepareModel } from "./prepare_model.ts";
import {
  embeddingTables,
  learningRateFactors,
  selectWeights,
  weightsOfLastLayers,
} from "./select_weights.ts";
import { type GraphRun, openTrainingGraphs, type TrainingGraphs } from "./training_graphs.ts";
import { runningStatistics } from "./training_modes.ts";
import { followStatistics, restoreState, saveState, type TrainingState } from "./training_state.ts";

const activations: Readonly<Record<Loss["kind"], Activation>> = {
  "cross-entropy": "softmax",
  "binary-cross-entropy": "sigmoid",
  "mean-squared-error": "none",
  "huber": "none",
};

/** Elements from which a frozen weight is kept outside of the graphs. */
const LARGE = 4096;

/**
 * Puts a model's weights on a device, ready to train.
 *
 * @param file ONNX file whose initializers are the starting weights.
 * @throws {ExplainedError} If the model, the options or the checkpoint cannot be used.
 */
export async function openTrainingSession(
  device: Device,
  file: Uint8Array<ArrayBuffer>,
  options: TrainingOptions,
): Promise<TrainingSession> {
  checkTrainingOptions(options);
  const half = options.precision === "mixed";
  if (half && !device.hasHalf) throw noHalfPrecision(device);
  const { externalData } = options;
  const model = prepareModel(readModel(file, externalData));
  const logits = logitsOutput(model);
  const trainable = chosenWeights(model, logits, options);
  const weights = startingWeights(model, trainable);
  const frozen = device.givesFrozen ? largeFrozenWeights(model, trainable) : [];
  const tables = embeddingTables(model, trainable);
  const optimizer = openOptimizer(options);
  const state: TrainingState = {
    digest: digestOf(file, externalData),
    weights,
    optimizer,
    memory: await device.place(
      {
        trainable: weights,
        frozen: startingWeights(model, frozen),
        tables,
        sparse: options.sparseEmbeddings ?? false,
      },
      optimizer,
    ),
    statistics: new Map([
      ...startingStatistics(model, trainable),
      ...(half ? [[LOSS_SCALE, startingLossScale()] as const] : []),
    ]),
    iteration: 0,
  };
  const { loss } = options;
  const { frozenCache } = options;
  const frozenOutputs = frozenCache === undefined
    ? undefined
    : await openFrozenOutputs(frozenCache, {
      model,
      trainable,
      engine: half ? `${device.name}, mixed` : device.name,
    });
  const graphs = openTrainingGraphs({
    device,
    memory: state.memory,
    shared: {
      ...{ model, logits, loss, half, trainable, frozen },
      tables: device.givesRows ? tables : [],
    },
    ...(frozenOutputs === undefined ? {} : { frozenOutputs }),
  });
  const session = trainingSession({ model, options, state, graphs, frozenOutputs });
  if (options.checkpoint === undefined) return session;
  try {
    await session.restore(options.checkpoint);
    return session;
  } catch (error) {
    await session[Symbol.asyncDispose]();
    throw error;
  }
}

function chosenWeights(model: OnnxModel, logits: string, options: TrainingOptions): string[] {
  const { trainable, unfrozenLayers } = options;
  const weights = selectWeights(model, logits, trainable);
  return unfrozenLayers === undefined
    ? weights
    : weightsOfLastLayers(model, weights, unfrozenLayers);
}

/** What a session works with. */
interface SessionParts {
  readonly model: OnnxModel;
  readonly options: TrainingOptions;
  readonly state: TrainingState;
  readonly graphs: TrainingGraphs;
  readonly frozenOutputs: FrozenOutputs | undefined;
}

function trainingSession(parts: SessionParts): TrainingSession {
  const { model, options, state, graphs } = parts;
  const { memory, weights } = state;
  const factors = learningRateFactors(weights.map(({ name }) => name), options.groups);
  return {
    async iterate(given): Promise<Iteration> {
      const batches = "inputs" in given ? [given] : given;
      const from = batches.length === 1 ? "gradient" : "sum";
      const { gradientScale, ...run } = await runScaled(parts, batches, from);
      const { loss, fromCache, statistics } = run;
      const iteration = state.iteration + 1;
      const learningRate = learningRateAt(
        options.schedule ?? { kind: "constant" },
        options.optimizer.learningRate,
        iteration,
      );
      await memory.update({
        from,
        gradientScale,
        scalars: ({ name, shape }) =>
          state.optimizer.scalars(iteration, learningRate * factors.get(name)!, shape),
      });
      followStatistics(state, statistics);
      lossScaleOf(state)?.raise();
      state.iteration = iteration;
      return {
        loss,
        iteration,
        learningRate,
        ...(options.frozenCache === undefined ? {} : { fromCache }),
      };
    },
    async gradients(batch, names) {
      await runBatch(parts, batch, 0);
      const data = await memory.read("gradient");
      const scale = lossScaleOf(state)?.value ?? 1;
      if (scale !== 1) {
        for (const array of data.values()) array.forEach((g, i) => array[i] = g / scale);
      }
      return namedTensors(weights, data, names);
    },
    save: () => saveState(state),
    restore: (checkpoint) => restoreState(state, checkpoint),
    async export() {
      const trained = await memory.read(
        options.averageDecay === undefined || state.iteration === 0 ? "weight" : `slot:${AVERAGE}`,
      );
      const all = new Map([...state.statistics, ...trained]);
      return writeModel(inferenceModel(model, all, activations[options.loss.kind]));
    },
    async [Symbol.asyncDispose]() {
      await graphs[Symbol.asyncDispose]();
      await parts.frozenOutputs?.[Symbol.asyncDispose]();
      await memory[Symbol.asyncDispose]();
    },
  };
}

/** Gradients of one batch, or the mean of several by their number of examples. */
async function runBatches(parts: SessionParts, batches: readonly Batch[]): Promise<GraphRun> {
  const sizes = batches.map(({ targets }) => targets.shape[0] ?? 0);
  const whole = sizes.reduce((sum, size) => sum + size, 0);
  let mean = 0;
  let fromCache = 0;
  const statistics: GraphRun["statistics"][number][] = [];
  for (const [part, batch] of batches.entries()) {
    const run = await runBatch(parts, batch, part);
    checkFinite(parts.state.iteration + 1, batch, run.loss);
    const share = sizes[part]! / whole;
    if (batches.length > 1) await parts.state.memory.accumulate(share, part === 0);
    mean += share * run.loss;
    fromCache += run.fromCache;
    statistics.push(...run.statistics);
  }
  if (batches.length === 0) throw new RangeError("An iteration needs at least one batch");
  return { loss: mean, fromCache, statistics };
}

async function runBatch(
  { model, options, state, graphs }: SessionParts,
  { inputs, targets }: Batch,
  part: number,
): Promise<GraphRun> {
  checkTensors(model.graph.inputs, inputs);
  const graph = await graphs.get(inputs);
  return await graph.run(inputs, lossTargets(options.loss, targets, graph.shape), {
    seed: options.seed ?? 0,
    iteration: state.iteration + 1,
    part,
    scale: lossScaleOf(state)?.value ?? 1,
  });
}

function checkFinite(iteration: number, batch: Batch, loss: number): void {
  // A GPU may turn NaN into a number (its max of NaN and 0 is 0), so the batch is looked at, too.
  const found = describeNonFinite(batch.inputs);
  if (found !== undefined) throw new NonFiniteLossError(iteration, `the batch's ${found}`);
  if (!Number.isFinite(loss)) throw new NonFiniteLossError(iteration, `the loss is ${loss}`);
}

/**
 * Runs the batches; in half precision again with a smaller scale of the loss, while gradients are infinite.
 *
 * @returns With what gradients are to be multiplied by: their scale is undone, and their common norm stays within the limit.
 */
async function runScaled(
  parts: SessionParts,
  batches: readonly Batch[],
  from: "gradient" | "sum",
): Promise<GraphRun & { gradientScale: number }> {
  const { options: { clipNorm }, state } = parts;
  const lossScale = lossScaleOf(state);
  for (;;) {
    const run = await runBatches(parts, batches);
    if (clipNorm === undefined && lossScale === undefined) return { ...run, gradientScale: 1 };
    const scale = lossScale?.value ?? 1;
    const norm = await state.memory.gradientNorm(from) / scale;
    if (Number.isFinite(norm)) {
      const clip = clipNorm !== undefined && norm > clipNorm ? clipNorm / norm : 1;
      return { ...run, gradientScale: clip / scale };
    }
    if (lossScale?.lower() !== true) {
      throw new NonFiniteLossError(state.iteration + 1, `the norm of the gradients is ${norm}`);
    }
  }
}

/** Among the statistics, so that it is part of every checkpoint. */
const LOSS_SCALE = "hanok:loss-scale";

function lossScaleOf({ statistics }: TrainingState): LossScale | undefined {
  const kept = statistics.get(LOSS_SCALE);
  return kept === undefined ? undefined : openLossScale(kept);
}

function noHalfPrecision({ description }: Device): ExplainedError {
  return new ExplainedError("engine/no-half-precision", {
    what: "Cannot train in mixed precision",
    why: `the device "${description}" does not offer half precision`,
    fix: "Use a GPU with shader-f16 and --engine webgpu, or leave `precision` out",
  });
}

/** Frozen matrices that are worth keeping outside of the graphs. */
function largeFrozenWeights({ graph }: OnnxModel, trainable: readonly string[]): string[] {
  const trained = new Set(trainable);
  return [...graph.initializers]
    .filter(([name, { type, shape, data }]) =>
      type === "float32" && shape.length >= 2 && data.length >= LARGE && !trained.has(name)
    )
    .map(([name]) => name);
}

function startingWeights(model: OnnxModel, names: readonly string[]): StartingWeight[] {
  return names.map((name) => {
    const { shape, data } = model.graph.initializers.get(name)!;
    return { name, shape, data: data as Float32Array };
  });
}

function startingStatistics(
  model: OnnxModel,
  trainable: readonly string[],
): Map<string, Float32Array<ArrayBuffer>> {
  return new Map(
    runningStatistics(model, trainable).map((name) => {
      const { data } = model.graph.initializers.get(name)!;
      return [name, Float32Array.from(data as Float32Array)];
    }),
  );
}

function namedTensors(
  weights: readonly StartingWeight[],
  data: ReadonlyMap<string, Float32Array>,
  names: readonly string[] = weights.map(({ name }) => name),
): Record<string, Tensor> {
  return Object.fromEntries(names.map((name) => {
    const weight = weights.find((item) => item.name === name);
    if (weight === undefined) throw new RangeError(`"${name}" is not trained`);
    return [name, { type: "float32", shape: weight.shape, data: data.get(name)! }];
  }));
}

/** SHA-256 of a model and the files beside it. */
function digestOf(file: Uint8Array, externalData: ExternalData = {}): string {
  const hash = createHash("sha256").update(file);
  for (const name of Object.keys(externalData).sort()) {
    hash.update(JSON.stringify([name, externalData[name]!.byteLength])).update(externalData[name]!);
  }
  return hash.digest("hex");
}
