import type {
  Batch,
  Iteration,
  TrainingOptions,
  TrainingSession,
} from "../../pipeline/engine_port.ts";
import type { Tensor } from "../../pipeline/tensor.ts";
import { readCheckpoint, writeCheckpoint } from "./checkpoint.ts";
import { checkedClassIds, checkTensors, describeNonFinite } from "./check_tensors.ts";
import { logitsOutput, withTrainedWeights } from "./classifier_model.ts";
import type { Device, StartingWeight, WeightPart } from "./device/device.ts";
import { NonFiniteLossError } from "./errors.ts";
import { targetDistributions } from "./losses.ts";
import type { OnnxModel, OnnxTensor } from "./onnx/onnx_model.ts";
import { readModel } from "./onnx/read_model.ts";
import { writeModel } from "./onnx/write_model.ts";
import { checkTrainingOptions, learningRateAt, openOptimizer } from "./optimizers/mod.ts";
import { selectWeights } from "./select_weights.ts";
import { openTrainingGraphs } from "./training_graphs.ts";

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
  const model = readModel(file);
  const logits = logitsOutput(model);
  const weights = startingWeights(model, selectWeights(model, logits, options.trainable));
  const optimizer = openOptimizer(options.optimizer);
  const digest = await sha256(file);
  const memory = await device.place(weights, optimizer);
  const graphs = openTrainingGraphs(device, memory, {
    model,
    logits,
    trainable: weights.map(({ name }) => name),
  });
  const parts: WeightPart[] = ["weight", ...optimizer.slots.map((slot) => `slot:${slot}` as const)];
  const shapes = new Map(
    parts.flatMap((part) => weights.map(({ name, shape }) => [`${part}/${name}`, shape] as const)),
  );
  let iteration = 0;

  const runGraph = async ({ inputs, targets }: Batch): Promise<number> => {
    checkTensors(model.graph.inputs, inputs);
    const graph = await graphs.get(inputs);
    const classIds = checkedClassIds(targets, graph.examples, graph.classes);
    const labelSmoothing = options.loss.labelSmoothing ?? 0;
    return await graph.run(
      inputs,
      targetDistributions(classIds, { classes: graph.classes, labelSmoothing }),
    );
  };

  const session: TrainingSession = {
    async iterate(batch): Promise<Iteration> {
      const next = iteration + 1;
      const loss = await runGraph(batch);
      // A GPU may turn NaN into a number (its max of NaN and 0 is 0), so the batch is looked at, too.
      const found = describeNonFinite(batch.inputs);
      if (found !== undefined) throw new NonFiniteLossError(next, `the batch's ${found}`);
      if (!Number.isFinite(loss)) throw new NonFiniteLossError(next, `the loss is ${loss}`);
      const learningRate = learningRateAt(
        options.schedule ?? { kind: "constant" },
        options.optimizer.learningRate,
        next,
      );
      await memory.update(({ shape }) => optimizer.scalars(next, learningRate, shape));
      iteration = next;
      return { loss, iteration, learningRate };
    },

    async gradients(batch, names) {
      await runGraph(batch);
      return namedTensors(weights, await memory.read("gradient"), names);
    },

    async save() {
      const tensors = new Map<string, OnnxTensor>();
      for (const part of parts) {
        const data = await memory.read(part);
        for (const { name, shape } of weights) {
          tensors.set(`${part}/${name}`, { type: "float32", shape, data: data.get(name)! });
        }
      }
      return writeCheckpoint({ model: digest, optimizer: optimizer.kind, iteration, tensors });
    },

    async restore(bytes) {
      const saved = readCheckpoint(bytes, {
        model: digest,
        optimizer: optimizer.kind,
        tensors: shapes,
      });
      for (const part of parts) {
        const data = weights.map(({ name }) =>
          [name, saved.tensors.get(`${part}/${name}`)!.data as Float32Array] as const
        );
        await memory.write(part, new Map(data));
      }
      iteration = saved.iteration;
    },

    async export() {
      return writeModel(withTrainedWeights(model, await memory.read("weight")));
    },

    async [Symbol.asyncDispose]() {
      await graphs[Symbol.asyncDispose]();
      await memory[Symbol.asyncDispose]();
    },
  };
  if (options.checkpoint !== undefined) {
    try {
      await session.restore(options.checkpoint);
    } catch (error) {
      await session[Symbol.asyncDispose]();
      throw error;
    }
  }
  return session;
}

function startingWeights(model: OnnxModel, names: readonly string[]): StartingWeight[] {
  return names.map((name) => {
    const { shape, data } = model.graph.initializers.get(name)!;
    return { name, shape, data: data as Float32Array };
  });
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

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}
