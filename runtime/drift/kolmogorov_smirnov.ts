import type { Turn } from "./turns.ts";

/**
 * The largest distance of two empirical distribution functions, 0 to 1.
 *
 * @param a Sorted, at least one number; `b` likewise.
 */
export function ksDistance(a: Float64Array, b: Float64Array): number {
  let [i, j, largest] = [0, 0, 0];
  while (i < a.length && j < b.length) {
    const at = Math.min(a[i]!, b[j]!);
    while (i < a.length && a[i]! <= at) i++;
    while (j < b.length && b[j]! <= at) j++;
    largest = Math.max(largest, Math.abs(i / a.length - j / b.length));
  }
  return largest;
}

/** Beyond so many cells of the table that counts paths, the limit distribution stands in: it is off by less than 0.01. */
const EXACT_CELLS = 1_000_000;
/** Cells that are counted before others may have their turn: some tenths of a millisecond. */
export const CELLS_AT_ONCE = 50_000;

/**
 * Probability that samples of `m` and `n` numbers of one continuous distribution are at least so far apart.
 * Ties make it larger than it had to be.
 *
 * @param turn Asked after every so many cells of the table.
 */
export async function ksPValue(
  distance: number,
  { m, n, turn }: { readonly m: number; readonly n: number; readonly turn: Turn },
): Promise<number> {
  return m * n <= EXACT_CELLS
    ? await exactPValue(distance, { m, n, turn })
    : limitPValue(distance, m, n);
}

/**
 * Counts the paths from (0, 0) to (m, n) that somewhere leave the band |i/m - j/n| < distance, each weighed with its
 * probability.
 *
 * @see Hodges, "The significance probability of the Smirnov two-sample test", Arkiv för Matematik 3 (1958).
 */
async function exactPValue(
  distance: number,
  { m, n, turn }: { readonly m: number; readonly n: number; readonly turn: Turn },
): Promise<number> {
  // Distances are multiples of 1 / (m n): half of one below, rounding makes no difference.
  const bound = (Math.round(distance * m * n) - 0.5) / (m * n);
  // outside[j]: probability that a path to (i, j) has been outside.
  const outside = new Float64Array(n + 1);
  for (let j = 0; j <= n; j++) outside[j] = j / n > bound ? 1 : 0;
  const rowsAtOnce = Math.max(1, Math.floor(CELLS_AT_ONCE / (n + 1)));
  for (let i = 1; i <= m; i++) {
    if (i % rowsAtOnce === 0) await turn();
    if (i / m > bound) outside[0] = 1;
    for (let j = 1; j <= n; j++) {
      outside[j] = Math.abs(i / m - j / n) > bound
        ? 1
        : (outside[j]! * i + outside[j - 1]! * j) / (i + j);
    }
  }
  return outside[n]!;
}

/** Kolmogorov's limit, with Stephens' correction for finite samples (Journal of the Royal Statistical Society B 32, 1970). */
function limitPValue(distance: number, m: number, n: number): number {
  const root = Math.sqrt(m * n / (m + n));
  const x = (root + 0.12 + 0.11 / root) * distance;
  if (x < 0.2) return 1;
  let sum = 0;
  for (let k = 1; k <= 100; k++) {
    sum += (k % 2 === 1 ? 2 : -2) * Math.exp(-2 * k * k * x * x);
  }
  return Math.min(1, Math.max(0, sum));
}
