/**
 * Shares the rows of every stratum among parts, so that every count is its exact share rounded down or
 * up, and the parts have the sizes that the shares ask of the whole, rounded likewise (controlled
 * rounding of a two-way table).
 *
 * @param sizes Rows per stratum.
 * @param shares Share of each part; their sum is 1.
 * @returns `counts[stratum][part]`.
 *
 * @see Cox, "A constructive procedure for unbiased controlled rounding", JASA 82 (1987).
 */
export function apportion(sizes: readonly number[], shares: readonly number[]): number[][] {
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const counts = sizes.map((size) => shares.map((share) => floorOf(size * share)));
  const wanted = largestRemainders(total, shares);
  const lacking = wanted.map((count, part) =>
    count - counts.reduce((sum, stratum) => sum + stratum[part]!, 0)
  );
  counts.forEach((stratum, i) => {
    const left = sizes[i]! - stratum.reduce((sum, count) => sum + count, 0);
    // Serving the neediest part first always works out (Gale & Ryser); each part gets one at most.
    const neediest = shares.map((share, part) => ({
      part,
      rest: sizes[i]! * share - stratum[part]!,
    }))
      .sort((a, b) => lacking[b.part]! - lacking[a.part]! || b.rest - a.rest);
    for (const { part } of neediest.slice(0, left)) {
      stratum[part]!++;
      lacking[part]!--;
    }
  });
  return counts;
}

/** `total` shared among parts: rounded down, what is left going to the largest fractions. */
function largestRemainders(total: number, shares: readonly number[]): number[] {
  const counts = shares.map((share) => floorOf(total * share));
  const left = total - counts.reduce((sum, count) => sum + count, 0);
  shares.map((share, part) => ({ part, rest: total * share - counts[part]! }))
    .sort((a, b) => b.rest - a.rest)
    .slice(0, left)
    .forEach(({ part }) => counts[part]!++);
  return counts;
}

/** Rounds down, but not where only the arithmetic of floats is short: 100 × 0.29 is 28.999…6. */
function floorOf(x: number): number {
  return Math.floor(x + 1e-9);
}
