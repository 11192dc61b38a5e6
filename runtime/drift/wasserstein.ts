/** A reference that is hardly spread at all counts as spread by this much, as in Evidently. */
const LEAST_SPREAD = 0.001;

/** Standard deviation of a population, at least 0.001: what distances are measured in. */
export function spreadOf(values: Float64Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return Math.max(Math.sqrt(squares / values.length), LEAST_SPREAD);
}

/**
 * How far numbers have to be moved on average to become the others: the area between the empirical distribution functions.
 *
 * @param a Sorted, at least one number; `b` likewise.
 */
export function wasserstein(a: Float64Array, b: Float64Array): number {
  let [i, j, area] = [0, 0, 0];
  let before = Math.min(a[0]!, b[0]!);
  while (i < a.length || j < b.length) {
    const at = Math.min(a[i] ?? Infinity, b[j] ?? Infinity);
    area += Math.abs(i / a.length - j / b.length) * (at - before);
    while (i < a.length && a[i]! <= at) i++;
    while (j < b.length && b[j]! <= at) j++;
    before = at;
  }
  return area;
}
