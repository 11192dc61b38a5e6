import type { TrainingOptions } from "../../pipeline/engine_port.ts";
import { ExplainedError, listProblems } from "../../pipeline/explained_error.ts";
import { nameProblems } from "./option_names.ts";

/** Where a number must lie: from the first to below the second. */
type Bounds = readonly [from: number, below: number];

const SHARE: Bounds = [0, 1];
const POSITIVE: Bounds = [Number.MIN_VALUE, Infinity];
const NOT_NEGATIVE: Bounds = [0, Infinity];

const optimizerBounds: Readonly<Record<string, Bounds>> = {
  learningRate: NOT_NEGATIVE,
  beta1: SHARE,
  beta2: SHARE,
  alpha: SHARE,
  momentum: SHARE,
  epsilon: NOT_NEGATIVE,
  weightDecay: NOT_NEGATIVE,
};

/**
 * Refuses names that there are not, and numbers that cannot train.
 *
 * @throws {ExplainedError} `engine/bad-training-options`, with every problem.
 */
export function checkTrainingOptions(options: TrainingOptions): void {
  const problems = nameProblems(options);
  // What has no such kind has no numbers to look at.
  if (problems.length === 0) problems.push(...numberProblems(options));
  if (problems.length === 0) return;
  throw new ExplainedError("engine/bad-training-options", {
    what: "Cannot train with these options",
    why: listProblems(problems),
    fix: "Correct them where the training is declared",
  });
}

function numberProblems(options: TrainingOptions): string[] {
  const { loss, optimizer, schedule, clipNorm, averageDecay, seed, groups = [] } = options;
  const problems = Object.entries(optimizer).flatMap(([name, value]) =>
    name !== "kind" ? outside(name, value, optimizerBounds[name] ?? NOT_NEGATIVE) : []
  );
  if (loss.kind === "cross-entropy") {
    problems.push(...outside("labelSmoothing", loss.labelSmoothing, SHARE));
    loss.classWeights?.forEach((weight, id) =>
      problems.push(...outside(`the weight of class ${id}`, weight, NOT_NEGATIVE))
    );
  }
  if (loss.kind === "huber") problems.push(...outside("delta", loss.delta, POSITIVE));
  if (schedule !== undefined && schedule.kind !== "constant") {
    problems.push(...outside("totalIterations", schedule.totalIterations, [1, Infinity]));
    if (schedule.kind === "one-cycle") problems.push(...outside("rise", schedule.rise, SHARE));
    else problems.push(...outside("warmup", schedule.warmup, [0, schedule.totalIterations]));
  }
  problems.push(...outside("clipNorm", clipNorm, POSITIVE));
  problems.push(...outside("frozenCache.maxBytes", options.frozenCache?.maxBytes, NOT_NEGATIVE));
  problems.push(...outside("averageDecay", averageDecay, SHARE));
  if (options.sparseEmbeddings === true && averageDecay !== undefined) {
    problems.push(
      "averageDecay moves all rows, and sparseEmbeddings only those that are looked up",
    );
  }
  for (const { learningRateFactor } of groups) {
    problems.push(...outside("learningRateFactor", learningRateFactor, NOT_NEGATIVE));
  }
  if (seed !== undefined && !Number.isSafeInteger(seed)) {
    problems.push(`seed is ${seed} and must be a whole number`);
  }
  return problems;
}

function outside(name: string, value: unknown, [from, below]: Bounds): string[] {
  if (value === undefined) return [];
  if (typeof value === "number" && value >= from && value < below) return [];
  const demand = from === Number.MIN_VALUE
    ? "above 0"
    : below === Infinity
    ? `>= ${from}`
    : `>= ${from} and < ${below}`;
  return [`${name} is ${value} and must be ${below === Infinity ? "finite and " : ""}${demand}`];
}
