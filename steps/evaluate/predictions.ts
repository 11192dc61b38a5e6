/** What a model said of a split, and what is true. */
export interface Predictions {
  /** Class ids of the labels, as many as rows. */
  readonly actual: Int32Array;
  /** Probability of each class, `[rows, classes]`, row-major; each row adds up to 1. */
  readonly probabilities: Float32Array | Float64Array;
  readonly classes: number;
}

/** The likeliest class of every row; the first of equals. */
export function predictedClasses({ actual, probabilities, classes }: Predictions): Int32Array {
  return Int32Array.from(actual, (_, row) => likeliest(probabilities, row * classes, classes));
}

/** Place of the largest of `count` numbers from `at` on, counted from `at`. */
export function likeliest(
  numbers: ArrayLike<number>,
  at: number,
  count: number,
): number {
  let best = 0;
  for (let i = 1; i < count; i++) if (numbers[at + i]! > numbers[at + best]!) best = i;
  return best;
}

/** Probabilities of one class, by row. */
export function probabilitiesOf(
  { actual, probabilities, classes }: Predictions,
  id: number,
): Float64Array {
  return Float64Array.from(actual, (_, row) => probabilities[row * classes + id]!);
}

/** The rows at these positions. */
export function selectPredictions(
  { actual, probabilities, classes }: Predictions,
  rows: readonly number[],
): Predictions {
  const selected = new Float64Array(rows.length * classes);
  rows.forEach((row, i) => {
    selected.set(probabilities.subarray(row * classes, (row + 1) * classes), i * classes);
  });
  return {
    actual: Int32Array.from(rows, (row) => actual[row]!),
    probabilities: selected,
    classes,
  };
}
