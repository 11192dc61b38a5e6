import type { RowKeys } from "../sample/row_keys.ts";
import { apportion } from "./apportion.ts";

/** Names of the splits; a split is written as its position here. */
export const SPLITS = ["training", "validation", "test"] as const;

/**
 * Sends every row to a split. Rows with one key go together; a group belongs to the stratum of most
 * of its rows. Within a stratum the groups are ordered by key and cut where the shares are reached,
 * so neither the order of rows nor anything but keys and strata matters.
 *
 * @param shares Shares of `SPLITS`; their sum is 1. Where all keys differ, each split gets its share
 * of every stratum within one row.
 * @returns Position in `SPLITS` for every row.
 */
export function assignSplits(
  { keys, strata, labels }: RowKeys,
  shares: readonly [number, number, number],
): Uint8Array {
  const groups = groupRows(keys, strata);
  const members = labels.map((): number[] => []);
  const sizes = labels.map(() => 0);
  groups.strata.forEach((stratum, group) => {
    members[stratum]!.push(groups.keys[group]!);
    sizes[stratum]! += groups.sizes[group]!;
  });
  const counts = apportion(sizes, shares);
  const splits = new Uint8Array(groups.keys.length);
  members.forEach((keys, i) => cut(Float64Array.from(keys), counts[i]!, groups, splits));
  return Uint8Array.from(groups.ofRow, (group) => splits[group]!);
}

/** Rows that stay together, as columns side by side: there may be as many as rows. */
interface Groups {
  readonly keys: readonly number[];
  /** Rows per group. */
  readonly sizes: readonly number[];
  /** Stratum of most of a group's rows. */
  readonly strata: readonly number[];
  /** Position of a key's group. */
  readonly positions: ReadonlyMap<number, number>;
  /** Position of every row's group. */
  readonly ofRow: Int32Array;
}

function groupRows(keys: Float64Array, strata: Int32Array): Groups {
  const groups = {
    keys: [] as number[],
    sizes: [] as number[],
    strata: [] as number[],
    positions: new Map<number, number>(),
    ofRow: new Int32Array(keys.length),
  };
  const mixed = new Map<number, Map<number, number>>();
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i]!;
    const stratum = strata[i]!;
    let group = groups.positions.get(key);
    if (group === undefined) {
      group = groups.keys.push(key) - 1;
      groups.positions.set(key, group);
      groups.sizes.push(0);
      groups.strata.push(stratum);
    }
    if (groups.strata[group] !== stratum || mixed.has(group)) {
      const votes = mixed.get(group) ?? new Map([[groups.strata[group]!, groups.sizes[group]!]]);
      mixed.set(group, votes.set(stratum, (votes.get(stratum) ?? 0) + 1));
    }
    groups.sizes[group]!++;
    groups.ofRow[i] = group;
  }
  for (const [group, votes] of mixed) groups.strata[group] = mostVotes(votes);
  return groups;
}

/** The stratum with most votes; of several the first. */
function mostVotes(votes: ReadonlyMap<number, number>): number {
  const [first, ...others] = [...votes].sort(([a], [b]) => a - b);
  return others.reduce((best, next) => next[1] > best[1] ? next : best, first!)[0];
}

/** Cuts the groups of one stratum, ordered by key: test first, then validation, then training. */
function cut(
  keys: Float64Array,
  counts: readonly number[],
  groups: Groups,
  splits: Uint8Array,
): void {
  const [, validation = 0, test = 0] = counts;
  let before = 0;
  for (const key of keys.sort()) {
    const group = groups.positions.get(key)!;
    const middle = before + groups.sizes[group]! / 2;
    splits[group] = middle <= test ? 2 : middle <= test + validation ? 1 : 0;
    before += groups.sizes[group]!;
  }
}
