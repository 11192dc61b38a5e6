/**
 * Area under the ROC curve: the chance that a positive example scores above a negative one, ties
 * counting half. NaN when either kind is missing.
 *
 * @param scores The higher, the more positive.
 * @param isPositive As long as `scores`.
 */
export function rocAuc(scores: ArrayLike<number>, isPositive: ArrayLike<boolean>): number {
  let negativesBelow = 0;
  let wins = 0;
  let positives = 0;
  for (const { positive, negative } of tieGroups(scores, isPositive).reverse()) {
    wins += positive * (negativesBelow + negative / 2);
    negativesBelow += negative;
    positives += positive;
  }
  return wins / (positives * negativesBelow);
}

/**
 * Average precision: the sum of `(R_n - R_{n-1}) P_n` over the thresholds, without interpolation, as in
 * scikit-learn. NaN without a positive example.
 */
export function averagePrecision(
  scores: ArrayLike<number>,
  isPositive: ArrayLike<boolean>,
): number {
  let found = 0; // positives at or above the threshold
  let taken = 0; // examples at or above it
  let area = 0;
  for (const { positive, negative } of tieGroups(scores, isPositive)) {
    found += positive;
    taken += positive + negative;
    area += positive * (found / taken);
  }
  return area / found;
}

/** Counts of positives and negatives for each score, highest score first. */
function tieGroups(
  scores: ArrayLike<number>,
  isPositive: ArrayLike<boolean>,
): { positive: number; negative: number }[] {
  const order = Uint32Array.from(scores, (_, i) => i).sort((a, b) => scores[b]! - scores[a]!);
  const groups: { positive: number; negative: number }[] = [];
  let last = NaN;
  for (const i of order) {
    if (scores[i] !== last) groups.push({ positive: 0, negative: 0 });
    last = scores[i]!;
    groups.at(-1)![isPositive[i] ? "positive" : "negative"]++;
  }
  return groups;
}
