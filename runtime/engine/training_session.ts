import { createHash } from "node:crypto";
import type {
  ExternalData,
  Iteration,
  Loss,
  TrainingOptions,
  TrainingSession,
} from "../../pipeline/engine_port.ts";
import { ExplainedError } from "../../pipeline/explained_error.ts";
import { didYouMean } from "../../pipeline/nearest_name.ts";
import type { Tensor } from "../../pipeline/tensor.ts";
import { checkTrainingOptions } from "./check_options.ts";
import { type Activation, inferenceModel, logitsOutput } from "./classifier_model.ts";
import type { Device, StartingWeight } from "./device/device.ts";
import { openSessionLine } from "./device/session_line.ts";
import { type FrozenOutputs, openFrozenOutputs } from "./frozen/frozen_outputs.ts";
import { startingLossScale } from "./loss_scale.ts";
import type { OnnxModel } from "./onnx/onnx_model.ts";
import { readModel } from "./onnx/read_model.ts";
import { writeModel } from "./onnx/write_model.ts";
import { writeModelFiles } from "./onnx/write_model_files.ts";
import { AVERAGE, learningRateAt, openOptimizer } from "./optimizers/mod.ts";
import { prepareModel } from "./prepare_model.ts";
import {
  embeddingTables,
  learningRateFactors,
  selectWeights,
  weightsOfLastLayers,
} from "./select_weights.ts";
import { LOSS_SCALE, lossScaleOf, runBatch, type RunParts, runScaled } from "./run_batches.ts";
import { largeFrozenWeights, startingStatistics, startingWeights } from "./starting_weights.ts";
import { openTrainingGraphs } from "./training_graphs.ts";
import { followStatistics, restoreState, saveState, type TrainingState } from "./training_state.ts";

const activations: Readonly<Record<Loss["kind"], Activation>> = {
  "cross-entropy": "softmax",
  "binary-cross-entropy": "sigmoid",
  "mean-squared-error": "none",
  "huber": "none",
};

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
interface SessionParts extends RunParts {
  readonly frozenOutputs: FrozenOutputs | undefined;
}

function trainingSession(parts: SessionParts): TrainingSession {
  const { options, state, graphs } = parts;
  const { memory, weights } = state;
  const factors = learningRateFactors(weights.map(({ name }) => name), options.groups);
  const inner: TrainingSession = {
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
    export: async () => writeModel(await trainedModel(parts)),
    exportFiles: async (limit) => writeModelFiles(await trainedModel(parts), limit),
    async [Symbol.asyncDispose]() {
      await graphs[Symbol.asyncDispose]();
      await parts.frozenOutputs?.[Symbol.asyncDispose]();
      await memory[Symbol.asyncDispose]();
    },
  };
  return inLine(inner);
}

/** The same session, which does what it is asked for in the order of asking: an iteration reads what the last one wrote. */
function inLine(session: TrainingSession): TrainingSession {
  const line = openSessionLine("training");
  return {
    iterate: (batch) => line.run(() => session.iterate(batch)),
    gradients: (batch, names) => line.run(() => session.gradients(batch, names)),
    save: () => line.run(() => session.save()),
    restore: (checkpoint) => line.run(() => session.restore(checkpoint)),
    export: () => line.run(() => session.export()),
    exportFiles: (limit) => line.run(() => session.exportFiles(limit)),
    [Symbol.asyncDispose]: () =>
      line.close(async () => {
        await session[Symbol.asyncDispose]();
      }),
  };
}

async function trainedModel({ model, options, state }: SessionParts): Promise<OnnxModel> {
  const trained = await state.memory.read(
    options.averageDecay === undefined || state.iteration === 0 ? "weight" : `slot:${AVERAGE}`,
  );
  const all = new Map([...state.statistics, ...trained]);
  return inferenceModel(model, all, activations[options.loss.kind]);
}

function noHalfPrecision({ description }: Device): ExplainedError {
  return new ExplainedError("engine/no-half-precision", {
    what: "Cannot train in mixed precision",
    why: `the device "${description}" does not offer half precision`,
    fix: "Use a GPU with shader-f16 and --engine webgpu, or leave `precision` out",
  });
}

function namedTensors(
  weights: readonly StartingWeight[],
  data: ReadonlyMap<string, Float32Array>,
  names: readonly string[] = weights.map(({ name }) => name),
): Record<string, Tensor> {
  return Object.fromEntries(names.map((name) => {
    const weight = weights.find((item) => item.name === name);
    if (weight === undefined) {
      const known = weights.map((item) => item.name);
      throw new RangeError(`"${name}" is not trained${didYouMean(name, known)}`);
    }
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
