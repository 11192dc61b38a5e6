/** `confusion[actual][predicted]`: counts, in the order of the labels. */
export type Confusion = readonly (readonly number[])[];

/** Precision, recall and F1 of one class, 0 to 1. */
export interface ClassScores {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  /** Examples that have this label. */
  readonly support: number;
}

/** Counts what was predicted for what. @param actual Class ids; as long as `predicted`. */
export function countConfusion(
  actual: ArrayLike<number>,
  predicted: ArrayLike<number>,
  classes: number,
): Confusion {
  const counts = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  for (let i = 0; i < actual.length; i++) counts[actual[i]!]![predicted[i]!]!++;
  return counts;
}

/** Share of right answers, 0 to 1. */
export function accuracy(confusion: Confusion): number {
  return sum(confusion.map((row, i) => row[i]!)) / total(confusion);
}

/** Mean recall of the classes that occur. */
export function balancedAccuracy(confusion: Confusion): number {
  return mean(classScores(confusion).filter(({ support }) => support > 0).map((c) => c.recall));
}

/**
 * Scores of every class. What divides by 0 is 0, as in scikit-learn; a class that neither occurs
 * nor was predicted has NaN throughout.
 */
export function classScores(confusion: Confusion): readonly ClassScores[] {
  return confusion.map((row, i) => {
    const right = row[i]!;
    const support = sum(row);
    const predicted = sum(confusion.map((each) => each[i]!));
    if (support + predicted === 0) return { precision: NaN, recall: NaN, f1: NaN, support };
    return {
      precision: predicted === 0 ? 0 : right / predicted,
      recall: support === 0 ? 0 : right / support,
      f1: 2 * right / (support + predicted),
      support,
    };
  });
}

/** Mean over the classes that occur or were predicted: each counts alike. */
export function macro(scores: readonly ClassScores[], of: "precision" | "recall" | "f1"): number {
  return mean(scores.map((each) => each[of]).filter((value) => !Number.isNaN(value)));
}

/** Mean over the classes that occur: each counts by its examples. */
export function weighted(
  scores: readonly ClassScores[],
  of: "precision" | "recall" | "f1",
): number {
  const occurring = scores.filter(({ support }) => support > 0);
  return sum(occurring.map((each) => each[of] * each.support)) /
    sum(occurring.map(({ support }) => support));
}

/**
 * Matthews correlation coefficient for any number of classes, -1 to 1; 0 where it is not defined.
 *
 * @see Gorodkin, "Comparing two K-category assignments by a K-category correlation coefficient", 2004.
 */
export function matthewsCorrelation(confusion: Confusion): number {
  const n = total(confusion);
  const actual = confusion.map(sum);
  const predicted = columnSums(confusion);
  const right = sum(confusion.map((row, i) => row[i]!));
  const both = right * n - dot(actual, predicted);
  const spread = (n * n - dot(predicted, predicted)) * (n * n - dot(actual, actual));
  return spread === 0 ? 0 : both / Math.sqrt(spread);
}

/** Cohen's kappa: agreement beyond chance, at most 1; NaN when only one class occurs and is predicted. */
export function cohenKappa(confusion: Confusion): number {
  const n = total(confusion);
  const byChance = dot(confusion.map(sum), columnSums(confusion)) / (n * n);
  return (accuracy(confusion) - byChance) / (1 - byChance);
}

function columnSums(confusion: Confusion): number[] {
  return confusion.map((_, i) => sum(confusion.map((row) => row[i]!)));
}

function total(confusion: Confusion): number {
  return sum(confusion.map(sum));
}

function dot(a: readonly number[], b: readonly number[]): number {
  return sum(a.map((x, i) => x * b[i]!));
}

function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}

function sum(values: readonly number[]): number {
  return values.reduce((whole, value) => whole + value, 0);
}
