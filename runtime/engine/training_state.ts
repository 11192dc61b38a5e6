import { readCheckpoint, writeCheckpoint } from "./checkpoint.ts";
import type { StartingWeight, WeightMemory, WeightPart } from "./device/device.ts";
import type { OnnxTensor } from "./onnx/onnx_model.ts";
import type { Optimizer } from "./optimizers/mod.ts";
import type { GraphRun } from "./training_graphs.ts";

/** Everything that iterations change. */
export interface TrainingState {
  /** SHA-256 of the model file that training began with. */
  readonly digest: string;
  readonly weights: readonly StartingWeight[];
  readonly optimizer: Optimizer;
  /** Holds the weights and the optimizer's slots. */
  readonly memory: WeightMemory;
  /** Running values of BatchNormalization by the name of their initializer. */
  readonly statistics: ReadonlyMap<string, Float32Array<ArrayBuffer>>;
  /** Iterations done. */
  iteration: number;
}

/** The state as a file. */
export async function saveState(state: TrainingState): Promise<Uint8Array<ArrayBuffer>> {
  const { digest, weights, optimizer, memory, statistics, iteration } = state;
  const tensors = new Map<string, OnnxTensor>();
  for (const part of savedParts(optimizer)) {
    const arrays = await memory.read(part);
    for (const { name, shape } of weights) {
      tensors.set(`${part}/${name}`, { type: "float32", shape, data: arrays.get(name)! });
    }
  }
  for (const [name, data] of statistics) {
    tensors.set(`statistic/${name}`, { type: "float32", shape: [data.length], data });
  }
  return writeCheckpoint({ model: digest, optimizer: optimizer.kind, iteration, tensors });
}

/**
 * Goes back to a saved state.
 *
 * @throws {ExplainedError} `engine/bad-checkpoint`; nothing is changed then.
 */
export async function restoreState(state: TrainingState, file: Uint8Array): Promise<void> {
  const { digest, weights, optimizer, memory, statistics } = state;
  const shapes = new Map<string, readonly number[]>();
  for (const part of savedParts(optimizer)) {
    for (const { name, shape } of weights) shapes.set(`${part}/${name}`, shape);
  }
  for (const [name, { length }] of statistics) shapes.set(`statistic/${name}`, [length]);
  const saved = readCheckpoint(file, { model: digest, optimizer: optimizer.kind, tensors: shapes });
  const array = (name: string) => saved.tensors.get(name)!.data as Float32Array;
  for (const part of savedParts(optimizer)) {
    await memory.write(part, new Map(weights.map(({ name }) => [name, array(`${part}/${name}`)])));
  }
  for (const [name, data] of statistics) data.set(array(`statistic/${name}`));
  state.iteration = saved.iteration;
}

function savedParts({ slots }: Optimizer): WeightPart[] {
  return ["weight", ...slots.map((slot) => `slot:${slot}` as const)];
}

/** running = momentum * running + (1 - momentum) * value of the batch */
export function followStatistics(
  { statistics }: TrainingState,
  batch: GraphRun["statistics"],
): void {
  for (const { name, data, momentum } of batch) {
    const running = statistics.get(name)!;
    for (let i = 0; i < running.length; i++) {
      running[i] = momentum * running[i]! + (1 - momentum) * data[i]!;
    }
  }
}
