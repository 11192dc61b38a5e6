import type { Batch, TrainingOptions } from "../../pipeline/engine_port.ts";
import { lossTargets } from "./check_targets.ts";
import { checkTensors, describeNonFinite } from "./check_tensors.ts";
import { NonFiniteLossError } from "./errors.ts";
import { type LossScale, openLossScale } from "./loss_scale.ts";
import type { OnnxModel } from "./onnx/onnx_model.ts";
import type { GraphRun, TrainingGraphs } from "./training_graphs.ts";
import type { TrainingState } from "./training_state.ts";

/** What batches are run with. */
export interface RunParts {
  readonly model: OnnxModel;
  readonly options: TrainingOptions;
  readonly state: TrainingState;
  readonly graphs: TrainingGraphs;
}

/** Gradients of one batch, or the mean of several by their number of examples. */
async function runBatches(parts: RunParts, batches: readonly Batch[]): Promise<GraphRun> {
  const sizes = batches.map(({ targets }) => targets?.shape?.[0] ?? 0);
  const whole = sizes.reduce((sum, size) => sum + size, 0);
  let mean = 0;
  let fromCache = 0;
  const statistics: GraphRun["statistics"][number][] = [];
  for (const [part, batch] of batches.entries()) {
    const run = await runBatch(parts, batch, part);
    await checkFinite(parts.state, batch, run.loss);
    const share = sizes[part]! / whole;
    if (batches.length > 1) await parts.state.memory.accumulate(share, part === 0);
    mean += share * run.loss;
    fromCache += run.fromCache;
    statistics.push(...run.statistics);
  }
  if (batches.length === 0) throw new RangeError("An iteration needs at least one batch");
  return { loss: mean, fromCache, statistics };
}

/** Gradients of one batch, left in the weights' memory. */
export async function runBatch(
  { model, options, state, graphs }: RunParts,
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

async function checkFinite(
  { iteration, memory }: TrainingState,
  { inputs, targets }: Batch,
  loss: number,
): Promise<void> {
  // A GPU may turn NaN into a number (its max of NaN and 0 is 0), so the batch is looked at, too.
  const found = describeNonFinite({ ...inputs, targets });
  if (found !== undefined) throw new NonFiniteLossError(iteration + 1, `the batch's ${found}`);
  if (Number.isFinite(loss)) return;
  const weight = nonFiniteName(await memory.read("weight"));
  throw new NonFiniteLossError(
    iteration + 1,
    weight === undefined
      ? `the loss is ${loss}, though batch and trained weights are finite: numbers grew too large on the way`
      : `the loss is ${loss}: the weight ${weight}`,
  );
}

/** `"output.bias" holds NaN`, or `undefined` when all numbers are finite. */
function nonFiniteName(arrays: ReadonlyMap<string, Float32Array>): string | undefined {
  for (const [name, array] of arrays) {
    const found = array.find((item) => !Number.isFinite(item));
    if (found !== undefined) return `"${name}" holds ${found}`;
  }
  return undefined;
}

/**
 * Runs the batches; in half precision again with a smaller scale of the loss, while gradients are infinite.
 *
 * @returns With what gradients are to be multiplied by: their scale is undone, and their common norm stays within the limit.
 */
export async function runScaled(
  parts: RunParts,
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
      const gradient = nonFiniteName(await state.memory.read(from));
      throw new NonFiniteLossError(
        state.iteration + 1,
        `the norm of the gradients is ${norm}${
          gradient === undefined ? "" : `: the gradient of ${gradient}`
        }`,
      );
    }
  }
}

/** Where the scale of the loss stands among the statistics, so that it is part of every checkpoint. */
export const LOSS_SCALE = "hanok:loss-scale";

/** In half precision. */
export function lossScaleOf({ statistics }: TrainingState): LossScale | undefined {
  const kept = statistics.get(LOSS_SCALE);
  return kept === undefined ? undefined : openLossScale(kept);
}
