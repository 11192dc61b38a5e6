import type { OnnxFiles, StepContext, TrainingSession } from "../../pipeline/mod.ts";
import { shuffledBatches } from "./batches.ts";
import { betterEpoch, type ScoredEpoch, shouldStop } from "./early_stopping.ts";
import type { Examples } from "./examples.ts";
import type { TrainParams } from "./train_params.ts";
import { trainingOptions } from "./training_options.ts";
import { validationScores } from "./validation_scores.ts";

/** The splits that training looks at. */
export interface TrainingSplits {
  readonly training: Examples;
  readonly validation: Examples;
}

/** An epoch, and the model as it was after it. */
export interface TrainedEpoch extends ScoredEpoch {
  /** Mean loss over the training split, while the weights moved. */
  readonly loss: number;
  /** Optimizer updates up to here. */
  readonly iteration: number;
  /** The model with the weights of this epoch. */
  readonly files: OnnxFiles;
}

/** What training came to. */
export interface TrainingOutcome {
  /** The epoch whose weights are kept. */
  readonly kept: TrainedEpoch;
  readonly last: TrainedEpoch;
}

/**
 * Trains a model: epoch by epoch, each scored on the validation split.
 *
 * @param start Model whose initializers are the starting weights.
 * @throws {ExplainedError} `engine/non-finite-loss` when the weights run away.
 * @throws {DOMException} `AbortError` once the step is cancelled.
 */
export async function trainModel(
  context: StepContext,
  start: OnnxFiles,
  { training, validation, params }: TrainingSplits & { readonly params: TrainParams },
): Promise<TrainingOutcome> {
  const { epochs, early_stopping: stopping } = params;
  const metric = stopping?.metric ?? "validation_loss";
  const totalIterations = epochs * Math.ceil(training.count / params.batch_size);

  await using session = await context.engine.openTraining(
    start.onnx,
    { ...trainingOptions(params, totalIterations), externalData: start.externalData },
  );
  let best: TrainedEpoch | undefined;
  for (let epoch = 1; true; epoch++) {
    const { loss, iteration } = await trainEpoch(context, session, { training, params, epoch });
    const files = await session.exportFiles();
    const scores = await validationScores(context, files, validation);
    const last = { epoch, loss, iteration, files, ...scores };
    recordEpoch(context, last);
    best = betterEpoch(best, last, metric);
    if (epoch === epochs || shouldStop(best, epoch, stopping)) {
      return { kept: params.restore_best ? best : last, last };
    }
  }
}

/** Longest time between two turns of the event loop: half of what a step is allowed. */
const TURN_MS = 25;

interface EpochOptions {
  readonly training: Examples;
  readonly params: TrainParams;
  readonly epoch: number;
}

/** One pass over the training split. @returns Its mean loss, and the iterations so far. */
async function trainEpoch(
  context: StepContext,
  session: TrainingSession,
  { training, params: { batch_size: batchSize, seed, epochs }, epoch }: EpochOptions,
): Promise<{ readonly loss: number; readonly iteration: number }> {
  let sum = 0; // of the loss over examples, so that a short last batch weighs less
  let seen = 0;
  let iteration = 0;
  let turn = performance.now();
  for (const batch of shuffledBatches(training, { batchSize, seed, epoch })) {
    context.signal.throwIfAborted();
    const result = await session.iterate(batch);
    const size = batch.targets.data.length;
    sum += result.loss * size;
    seen += size;
    iteration = result.iteration;
    const isOver = seen === training.count;
    if (isOver) context.metric("learning_rate", result.learningRate, { iteration });
    if (!isOver && performance.now() - turn < TURN_MS) continue;
    context.progress({
      done: (epoch - 1) * training.count + seen,
      total: epochs * training.count,
      unit: "examples",
      label: `epoch ${epoch}/${epochs}`,
      loss: sum / seen,
    });
    await context.yield();
    turn = performance.now();
  }
  return { loss: sum / seen, iteration };
}

function recordEpoch(context: StepContext, epoch: TrainedEpoch): void {
  for (const name of ["loss", "validation_loss", "validation_accuracy"] as const) {
    context.metric(name, epoch[name], { iteration: epoch.iteration });
  }
}
