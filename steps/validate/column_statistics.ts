import type { Cell, Column, ColumnStatistics, ValueCount } from "../../pipeline/mod.ts";
import { openNumberSummary } from "./number_statistics.ts";

/** A column that is being summarised. */
export interface ColumnSummary {
  take(cell: Cell): void;
  /** How often each value occurs; not all values when there are more than the budget allows. */
  readonly counts: ReadonlyMap<Exclude<Cell, null>, number>;
  finish(): ColumnStatistics;
}

/** How much may be kept in memory for one column. */
export interface SummaryBudget {
  /** Numbers, or lengths of texts. */
  readonly numbers: number;
  /** Different values. */
  readonly values: number;
}

const TOP_VALUES = 20;
const LONGEST_TOP_VALUE = 200;

/** Begins to summarise a column. */
export function openColumnSummary(column: Column, budget: SummaryBudget): ColumnSummary {
  const { name, type } = column;
  const isText = type === "string";
  const summary = openNumberSummary(budget.numbers);
  const counts = new Map<Exclude<Cell, null>, number>();
  let isExact = true;
  let count = 0;
  let missing = 0;
  let empty = 0;
  return {
    counts,
    take(cell) {
      if (cell === null) return void missing++;
      count++;
      const before = counts.get(cell);
      if (before !== undefined || counts.size < budget.values) counts.set(cell, (before ?? 0) + 1);
      else isExact = false;
      if (typeof cell === "number") summary.take(cell);
      else if (typeof cell === "string") {
        if (cell === "") empty++;
        summary.take(characters(cell));
      }
    },
    finish() {
      const numbers = summary.finish();
      return {
        name,
        type,
        count,
        missing,
        unique: counts.size,
        uniqueIsExact: isExact,
        top: topOf(counts),
        ...(numbers === undefined
          ? {}
          : isText
          ? { texts: { empty, lengths: numbers } }
          : { numbers }),
      };
    },
  };
}

/** Number of characters (code points) of a text. */
function characters(text: string): number {
  let count = text.length;
  for (let i = 0; i < text.length; i++) {
    if ((text.charCodeAt(i) & 0xfc00) === 0xdc00) count--; // second half of a pair
  }
  return count;
}

/** The most frequent values; of equally frequent ones the smallest first, so that row order does not show. */
function topOf(counts: ReadonlyMap<Exclude<Cell, null>, number>): ValueCount[] {
  const top: ValueCount[] = [];
  for (const [value, count] of counts) {
    const last = top[TOP_VALUES - 1];
    if (last !== undefined && compare({ value, count }, last) >= 0) continue;
    const place = top.findIndex((other) => compare({ value, count }, other) < 0);
    top.splice(place === -1 ? top.length : place, 0, { value, count });
    top.length = Math.min(top.length, TOP_VALUES);
  }
  return top.map(({ value, count }) => ({
    value: typeof value === "string" ? [...value].slice(0, LONGEST_TOP_VALUE).join("") : value,
    count,
  }));
}

function compare(a: ValueCount, b: ValueCount): number {
  return b.count - a.count || (a.value < b.value ? -1 : 1);
}
