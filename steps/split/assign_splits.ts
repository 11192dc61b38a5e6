import type { RowKeys } from "../sample/row_keys.ts";
import { apportion } from "./apportion.ts";

/** Names of the splits; a split is written as its position here. */
export const SPLITS = ["training", "validation", "test"] as const;

/** Rows that stay together. */
interface Group {
  readonly key: number;
  /** Stratum of its first row. */
  readonly stratum: number;
  rows: number;
  /** Rows per stratum, once there are two. */
  strata?: Map<number, number>;
}

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
  const byStratum = labels.map((): Group[] => []);
  for (const group of groups.values()) byStratum[mainStratum(group)]!.push(group);
  const sizes = byStratum.map((members) => members.reduce((sum, { rows }) => sum + rows, 0));
  const counts = apportion(sizes, shares);
  const splits = new Map<number, number>();
  byStratum.forEach((members, i) => cut(members, counts[i]!, splits));
  return Uint8Array.from(keys, (key) => splits.get(key)!);
}

function groupRows(keys: Float64Array, strata: Int32Array): Map<number, Group> {
  const groups = new Map<number, Group>();
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i]!;
    const stratum = strata[i]!;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { key, stratum, rows: 1 });
    else addRow(group, stratum);
  }
  return groups;
}

function addRow(group: Group, stratum: number): void {
  if (group.strata === undefined && stratum !== group.stratum) {
    group.strata = new Map([[group.stratum, group.rows]]);
  }
  group.rows++;
  group.strata?.set(stratum, (group.strata.get(stratum) ?? 0) + 1);
}

/** Stratum of most rows; of several the first. */
function mainStratum({ stratum, strata }: Group): number {
  if (strata === undefined) return stratum;
  const [first, ...others] = [...strata].sort(([a], [b]) => a - b);
  return others.reduce((best, next) => next[1] > best[1] ? next : best, first!)[0];
}

/** Cuts the groups of one stratum, ordered by key: test first, then validation, then training. */
function cut(groups: Group[], counts: readonly number[], splits: Map<number, number>): void {
  groups.sort((a, b) => a.key - b.key);
  const [, validation = 0, test = 0] = counts;
  let before = 0;
  for (const { key, rows } of groups) {
    const middle = before + rows / 2;
    splits.set(key, middle <= test ? 2 : middle <= test + validation ? 1 : 0);
    before += rows;
  }
}
