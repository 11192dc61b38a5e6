import type { Cell, Row } from "../../pipeline/mod.ts";

/** A part of a split: the rows whose value of a column falls into it. */
export interface Slice {
  /** The value; for one of many numbers `22..33`, the upper end left out but for the last; `missing`. */
  readonly value: string;
  /** Positions, from 0. */
  readonly rows: readonly number[];
}

/** What rows are cut by: a column, or the length of its texts, written `length(column)`. */
export interface SliceKey {
  readonly column: string;
  readonly isLength: boolean;
}

/** Reads a slice as the params write it. */
export function parseSliceKey(text: string): SliceKey {
  const column = /^length\((.+)\)$/.exec(text)?.[1];
  return { column: column ?? text, isLength: column !== undefined };
}

/** What a row is cut by: a value, or how many characters it has. */
export function sliceCell(row: Row, { column, isLength }: SliceKey): Cell {
  const cell = row[column] ?? null;
  return isLength && cell !== null ? [...String(cell)].length : cell;
}

/** Different numbers up to which each is a part of its own; more are cut at the quartiles. */
const FEW = 10;

/** Cuts a split by the values of one column: in the order of the values, `missing` last. */
export function sliceColumn(cells: readonly Cell[]): readonly Slice[] {
  const order = orderOf(cells);
  const parts = new Map(order.names.map((name) => [name, [] as number[]]));
  cells.forEach((cell, row) =>
    parts.get(cell === null ? "missing" : order.nameOf(cell))!.push(row)
  );
  return [...parts].filter(([, rows]) => rows.length > 0).map(([value, rows]) => ({ value, rows }));
}

interface Order {
  /** Names of all parts, in order. */
  readonly names: readonly string[];
  nameOf(cell: Exclude<Cell, null>): string;
}

function orderOf(cells: readonly Cell[]): Order {
  const values = [...new Set(cells)].filter((cell) => cell !== null);
  const numbers = values.filter((cell) => typeof cell === "number");
  if (numbers.length === values.length && numbers.length > FEW) return rangeOrder(cells);
  const sorted = numbers.length === values.length
    ? numbers.sort((a, b) => a - b).map(String)
    : values.map(String).sort();
  return { names: [...sorted, "missing"], nameOf: String };
}

function rangeOrder(cells: readonly Cell[]): Order {
  const sorted = cells.filter((cell) => typeof cell === "number").sort((a, b) => a - b);
  const last = sorted.length - 1;
  const quartiles = [0, 0.25, 0.5, 0.75, 1].map((share) => sorted[Math.round(share * last)]!);
  const edges = [...new Set(quartiles)];
  const names = edges.slice(1).map((end, i) => `${shortNumber(edges[i]!)}..${shortNumber(end)}`);
  const nameOf = (cell: Exclude<Cell, null>): string => {
    const above = edges.findLastIndex((edge) => edge <= Number(cell));
    return names[Math.min(above, names.length - 1)]!;
  };
  return { names: [...names, "missing"], nameOf };
}

function shortNumber(x: number): string {
  return String(Number(x.toPrecision(4)));
}
