import { quotaCounts } from "./quota.ts";
import type { RowKeys } from "./row_keys.ts";

/**
 * Chooses rows: in every stratum those with the smallest keys, so that a smaller sample is part of a
 * larger one and the order of rows does not show.
 *
 * @param count Rows to choose in all.
 * @returns 1 for every chosen row, else 0.
 */
export function chooseRows({ keys, strata, labels }: RowKeys, count: number): Uint8Array {
  const byStratum = labels.map((): number[] => []);
  keys.forEach((key, i) => byStratum[strata[i]!]!.push(key));
  const counts = quotaCounts(byStratum.map(({ length }) => length), count);
  const limits = byStratum.map((stratum, i) => limitOf(Float64Array.from(stratum), counts[i]!));
  return Uint8Array.from(keys, (key, i) => {
    const limit = limits[strata[i]!]!;
    if (key !== limit.key) return key < limit.key ? 1 : 0;
    return limit.equal-- > 0 ? 1 : 0; // equal rows: the first ones
  });
}

/** The largest key among the `count` smallest, and how many rows with that key are among them. */
function limitOf(keys: Float64Array, count: number): { key: number; equal: number } {
  if (count === 0) return { key: -1, equal: 0 };
  keys.sort();
  const key = keys[count - 1]!;
  return { key, equal: count - keys.indexOf(key) };
}
