import { chiSquareTail } from "./chi_square_tail.ts";

/** How far two lists of counts are apart, and how probable that is when both come of one distribution. */
export interface TestedDistance {
  /** 0 when the shares are the same, at most 1. */
  readonly distance: number;
  readonly pValue: number;
}

/**
 * Jensen-Shannon distance in nats: the square root of the divergence, 0 to √ln 2 (0.8326). It is the one of SciPy and
 * Evidently; the divergence in bits and the distance in bits are other numbers.
 *
 * @param a Counts or weights, a sum above 0; `b` of the same categories in the same order.
 */
export function jensenShannon(a: readonly number[], b: readonly number[]): number {
  const [sumA, sumB] = [sumOf(a), sumOf(b)];
  let divergence = 0;
  for (let i = 0; i < a.length; i++) {
    const [p, q] = [a[i]! / sumA, b[i]! / sumB];
    const middle = (p + q) / 2;
    if (p > 0) divergence += p * Math.log(p / middle) / 2;
    if (q > 0) divergence += q * Math.log(q / middle) / 2;
  }
  return Math.sqrt(Math.min(Math.max(divergence, 0), Math.LN2));
}

/**
 * Chi-square test that two lists of counts come of one distribution; its distance is Cramér's V.
 *
 * Evidently takes the reference for the truth, with expected counts that are 0 for a category that it does not hold,
 * and too many alarms when it is not much larger than the sample. Here both are samples.
 */
export function chiSquareTest(a: readonly number[], b: readonly number[]): TestedDistance {
  const [sumA, sumB] = [sumOf(a), sumOf(b)];
  const ratio = Math.sqrt(sumB / sumA);
  let statistic = 0;
  let categories = 0;
  for (let i = 0; i < a.length; i++) {
    const both = a[i]! + b[i]!;
    if (both === 0) continue;
    categories++;
    statistic += (a[i]! * ratio - b[i]! / ratio) ** 2 / both;
  }
  return {
    distance: Math.min(1, Math.sqrt(statistic / (sumA + sumB))),
    pValue: categories < 2 ? 1 : chiSquareTail(statistic, categories - 1),
  };
}

/**
 * Z-test that a share is the same in two samples, two-sided; its distance is the difference of the shares.
 *
 * @param a Counts of the two categories; `b` likewise.
 */
export function proportionsTest(
  a: readonly [number, number],
  b: readonly [number, number],
): TestedDistance {
  const [sumA, sumB] = [a[0] + a[1], b[0] + b[1]];
  const difference = Math.abs(a[0] / sumA - b[0] / sumB);
  const pooled = (a[0] + b[0]) / (sumA + sumB);
  const variance = pooled * (1 - pooled) * (1 / sumA + 1 / sumB);
  // P(|Z| >= z) is the tail of a chi-square of one degree at z².
  const pValue = variance === 0 ? 1 : chiSquareTail(difference ** 2 / variance, 1);
  return { distance: difference, pValue };
}

function sumOf(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}
