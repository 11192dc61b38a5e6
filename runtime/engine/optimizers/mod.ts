import type { TrainingOptions } from "../../../pipeline/engine_port.ts";
import { ExplainedError, listProblems } from "../../../pipeline/explained_error.ts";
import { adamw } from "./adamw.ts";
import type { Optimizer } from "./optimizer.ts";
import { sgd } from "./sgd.ts";

export { learningRateAt } from "./learning_rate.ts";
export type { Optimizer, WeightArrays } from "./optimizer.ts";

/** The optimizer that the options ask for. */
export function openOptimizer(options: TrainingOptions["optimizer"]): Optimizer {
  return options.kind === "adamw" ? adamw(options) : sgd(options);
}

/** A number of the options, and where it must lie. */
interface Range {
  readonly name: string;
  readonly value: number | undefined;
  readonly from: number;
  /** Excluded. @default Infinity */
  readonly below?: number;
}

/**
 * Refuses numbers that cannot train.
 *
 * @throws {ExplainedError} `engine/bad-training-options`, with every problem.
 */
export function checkTrainingOptions({ loss, optimizer, schedule }: TrainingOptions): void {
  const ranges: Range[] = [
    { name: "learningRate", value: optimizer.learningRate, from: 0 },
    { name: "labelSmoothing", value: loss.labelSmoothing, from: 0, below: 1 },
  ];
  if (optimizer.kind === "adamw") {
    ranges.push(
      { name: "beta1", value: optimizer.beta1, from: 0, below: 1 },
      { name: "beta2", value: optimizer.beta2, from: 0, below: 1 },
      { name: "epsilon", value: optimizer.epsilon, from: 0 },
      { name: "weightDecay", value: optimizer.weightDecay, from: 0 },
    );
  } else {
    ranges.push({ name: "momentum", value: optimizer.momentum, from: 0, below: 1 });
  }
  if (schedule !== undefined && schedule.kind !== "constant") {
    ranges.push(
      { name: "totalIterations", value: schedule.totalIterations, from: 1 },
      { name: "warmup", value: schedule.warmup, from: 0, below: schedule.totalIterations },
    );
  }
  const problems = ranges.flatMap(({ name, value, from, below = Infinity }) =>
    value === undefined || (value >= from && value < below) ? [] : [
      `${name} is ${value} and must be ${
        below === Infinity ? `a finite number >= ${from}` : `>= ${from} and < ${below}`
      }`,
    ]
  );
  if (problems.length === 0) return;
  throw new ExplainedError("engine/bad-training-options", {
    what: "Cannot train with these options",
    why: listProblems(problems),
    fix: "Correct them where the training is declared",
  });
}
