import { join } from "node:path";
import type {
  OnnxFiles,
  StepContext,
  TrainingOptions,
  TrainingSession,
} from "../../pipeline/mod.ts";
import type { TokenizedSplit } from "../tokenize/token_files.ts";
import { betterEpoch, shouldStop } from "../train/early_stopping.ts";
import { openScores, type ValidationScores } from "../train/validation_scores.ts";
import type { FineTuneParams } from "./fine_tune_params.ts";
import {
  findTraining,
  readBest,
  saveBest,
  saveTraining,
  type TunedEpoch,
  type TuningProgress,
} from "./progress_files.ts";
import {
  epochBatches,
  lengthBatches,
  takeTokens,
  type TokenBatchOptions,
} from "./token_batches.ts";

/** What is trained on what. */
export interface Tuning {
  /** Model whose initializers are the starting weights. */
  readonly base: OnnxFiles;
  readonly training: TokenizedSplit;
  readonly validation: TokenizedSplit;
  readonly params: FineTuneParams;
  readonly texts: Omit<TokenBatchOptions, "batchSize">;
}

/** What training came to. */
export interface TunedModel {
  /** The epoch whose weights are kept. */
  readonly kept: TunedEpoch;
  readonly last: TunedEpoch;
  readonly files: OnnxFiles;
}

/** Texts that are scored at once. */
const SCORED = 64;

const START: TuningProgress = {
  ...{ epoch: 1, batches: 0, lossSum: 0, seen: 0, isOver: false, best: null, last: null },
};

/**
 * Trains an encoder, epoch by epoch. Where it stands is kept in the step's scratch folder: stopped at any moment, it goes on from
 * there, and ends with the same weights.
 */
export async function tuneModel(context: StepContext, tuning: Tuning): Promise<TunedModel> {
  const folder = await context.scratch();
  const saved = await findTraining(folder);
  const { params, training, base } = tuning;
  const total = params.epochs * Math.ceil(training.count / params.batch_size);
  await using session = await context.engine.openTraining(base.onnx, {
    externalData: base.externalData,
    ...optionsOf(params, { totalIterations: total, folder }),
    ...(saved === undefined ? {} : { checkpoint: saved.state }),
  });
  let progress = saved?.progress ?? START;
  if (saved !== undefined) {
    context.log(`goes on in epoch ${progress.epoch}, after ${progress.batches} batches`);
  }
  for (;;) {
    if (!progress.isOver) {
      progress = await tuneEpoch(context, session, { ...tuning, folder, progress });
    }
    const { best, last, epoch } = progress;
    if (epoch === params.epochs || shouldStop(best!, epoch, params.early_stopping)) {
      return { kept: best!, last: last!, files: await readBest(folder) };
    }
    progress = { ...START, epoch: epoch + 1, best, last };
  }
}

function optionsOf(
  params: FineTuneParams,
  { totalIterations, folder }: { readonly totalIterations: number; readonly folder: string },
): TrainingOptions {
  const isFrozen = params.unfrozen_layers !== null;
  return {
    seed: params.seed,
    loss: { kind: "cross-entropy" },
    optimizer: {
      kind: "adamw",
      learningRate: params.learning_rate,
      weightDecay: params.weight_decay,
    },
    schedule: {
      kind: "linear",
      warmup: Math.round(params.warmup * totalIterations),
      totalIterations,
    },
    clipNorm: params.clip_norm,
    // Of a large vocabulary a batch touches little.
    sparseEmbeddings: true,
    ...(isFrozen ? { unfrozenLayers: params.unfrozen_layers! } : {}),
    ...(isFrozen && params.frozen_cache ? { frozenCache: { folder: join(folder, "frozen") } } : {}),
  };
}

interface EpochTuning extends Tuning {
  readonly folder: string;
  readonly progress: TuningProgress;
}

/** Trains what is left of an epoch, scores it, and saves where training then is. */
async function tuneEpoch(
  context: StepContext,
  session: TrainingSession,
  tuning: EpochTuning,
): Promise<TuningProgress> {
  const { folder, params, validation, texts } = tuning;
  const { progress, iteration } = await tuneBatches(context, session, tuning);
  const files = await session.exportFiles();
  const scores = await scoreModel(context, files, { split: validation, texts });
  const epoch: TunedEpoch = {
    ...{ epoch: progress.epoch, loss: progress.lossSum / progress.seen, iteration, ...scores },
  };
  for (const name of ["loss", "validation_loss", "validation_accuracy"] as const) {
    context.metric(name, epoch[name], { iteration });
  }
  const metric = params.early_stopping?.metric ?? "validation_loss";
  const best = betterEpoch(progress.best ?? undefined, epoch, metric);
  if (best === epoch) await saveBest(folder, files);
  const over = { ...progress, isOver: true, best, last: epoch };
  await saveTraining(folder, { progress: over, state: await session.save() });
  return over;
}

async function tuneBatches(
  context: StepContext,
  session: TrainingSession,
  { folder, training, params, texts, progress: start }: EpochTuning,
): Promise<{ readonly progress: TuningProgress; readonly iteration: number }> {
  const { batch_size: batchSize, seed, epochs } = params;
  const batches = epochBatches(training, { batchSize, seed, epoch: start.epoch });
  let progress = start;
  let iteration = (start.epoch - 1) * batches.length + start.batches;
  let savedAt = performance.now();
  for (const places of batches.slice(start.batches)) {
    context.signal.throwIfAborted();
    const result = await session.iterate(takeTokens(training, places, texts));
    iteration = result.iteration;
    progress = {
      ...progress,
      batches: progress.batches + 1,
      lossSum: progress.lossSum + result.loss * places.length,
      seen: progress.seen + places.length,
    };
    context.progress({
      done: (start.epoch - 1) * training.count + progress.seen,
      total: epochs * training.count,
      unit: "texts",
      label: `epoch ${start.epoch}/${epochs}`,
      loss: progress.lossSum / progress.seen,
    });
    if (isTimeToSave(params, progress, performance.now() - savedAt)) {
      await saveTraining(folder, { progress, state: await session.save() });
      context.metric("loss", progress.lossSum / progress.seen, { iteration });
      context.metric("learning_rate", result.learningRate, { iteration });
      savedAt = performance.now();
    }
    await context.yield();
  }
  return { progress, iteration };
}

function isTimeToSave(
  { checkpoint_seconds: seconds, checkpoint_iterations: iterations }: FineTuneParams,
  { batches }: TuningProgress,
  elapsedMs: number,
): boolean {
  return elapsedMs >= 1000 * seconds || (iterations !== null && batches % iterations === 0);
}

/** Scores a model on a split. @param model With an output `logits`. */
export async function scoreModel(
  { engine, signal }: Pick<StepContext, "engine" | "signal">,
  { onnx, externalData }: OnnxFiles,
  { split, texts }: {
    readonly split: TokenizedSplit;
    readonly texts: Omit<TokenBatchOptions, "batchSize">;
  },
): Promise<ValidationScores> {
  await using session = await engine.openInference(onnx, externalData);
  const scores = openScores();
  for (const places of lengthBatches(split, SCORED)) {
    signal.throwIfAborted();
    const { inputs, targets } = takeTokens(split, places, texts);
    scores.add((await session.run(inputs)).logits!, targets.data as Int32Array);
  }
  return scores.mean();
}
