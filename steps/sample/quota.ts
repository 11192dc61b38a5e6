/**
 * Shares `seats` among strata in proportion to their sizes, by the quota method: every count is its
 * exact share rounded down or up, and no count falls when there are more seats.
 *
 * @param sizes Rows per stratum, not negative.
 * @param seats Rows to be taken in all, at most the sum of `sizes`.
 * @returns Rows to take per stratum; their sum is `seats`.
 *
 * @see Balinski & Young, "The quota method of apportionment", American Mathematical Monthly 82 (1975).
 */
export function quotaCounts(sizes: readonly number[], seats: number): number[] {
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (seats > total) throw new RangeError(`Cannot take ${seats} of ${total} rows`);
  const counts = sizes.map(() => 0);
  for (let seat = 1; seat <= seats; seat++) {
    let next = -1;
    for (let i = 0; i < sizes.length; i++) {
      const mayGrow = counts[i]! * total < sizes[i]! * seat; // count < exact share of this many seats
      if (!mayGrow) continue;
      // size / (count + 1), compared without division
      const isFirst = next === -1 ||
        sizes[i]! * (counts[next]! + 1) > sizes[next]! * (counts[i]! + 1);
      if (isFirst) next = i;
    }
    counts[next]!++;
  }
  return counts;
}
