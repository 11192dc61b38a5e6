/** Which epoch counts as the best, and when to give up. */
export interface EarlyStopping {
  /** Epochs without an improvement after which training ends. */
  readonly patience: number;
  readonly metric: ValidationMetric;
}

/** What epochs are compared by: a loss is better when smaller, an accuracy when larger. */
export type ValidationMetric = "validation_loss" | "validation_accuracy";

/** An epoch that was scored. */
export interface ScoredEpoch extends Readonly<Record<ValidationMetric, number>> {
  /** 1 for the first. */
  readonly epoch: number;
}

/** The better of two epochs; the earlier of equals. NaN is worse than any number. */
export function betterEpoch<Epoch extends ScoredEpoch>(
  best: Epoch | undefined,
  candidate: Epoch,
  metric: ValidationMetric,
): Epoch {
  if (best === undefined || Number.isNaN(best[metric])) return candidate;
  const isBetter = metric === "validation_loss"
    ? candidate[metric] < best[metric]
    : candidate[metric] > best[metric];
  return isBetter ? candidate : best;
}

/** Whether an improvement has been waited for long enough. */
export function shouldStop(
  best: ScoredEpoch,
  epoch: number,
  stopping: EarlyStopping | null,
): boolean {
  return stopping !== null && epoch - best.epoch >= stopping.patience;
}
