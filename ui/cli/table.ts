import { type Paint, plainPaint } from "./paint.ts";
import { cutText, onOneLine, padEnd, padStart, textWidth } from "./text_width.ts";

/** One column of a table for a terminal. */
export interface TableColumn {
  readonly title: string;
  /** Numbers stand right, so that their digits line up. @default "left" */
  readonly align?: "left" | "right";
  /** May be cut with `…` when the table is wider than the terminal. @default false */
  readonly flexible?: boolean;
}

const GAP = "  ";
/** A flexible column is not cut below this. */
const LEAST_WIDTH = 8;

/**
 * Draws rows as aligned columns under their titles.
 *
 * @param width Columns of the terminal, or `null` when nothing is to be cut (a pipe).
 */
export function renderTable(
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
  { width, paint = plainPaint }: { readonly width: number | null; readonly paint?: Paint },
): string[] {
  const cells = rows.map((row) => columns.map((_, i) => onOneLine(row[i] ?? "")));
  const widths = fitWidths(columns, cells, width);
  const line = (row: readonly string[]): string =>
    row.map((cell, i) => alignCell(cell, widths[i]!, columns[i]!)).join(GAP).trimEnd();
  return [paint.dim(line(columns.map(({ title }) => title))), ...cells.map(line)];
}

function alignCell(cell: string, width: number, { align }: TableColumn): string {
  const cut = cutText(cell, width);
  return align === "right" ? padStart(cut, width) : padEnd(cut, width);
}

/** The natural widths, with flexible columns narrowed, the widest first, until the table fits. */
function fitWidths(
  columns: readonly TableColumn[],
  cells: readonly (readonly string[])[],
  width: number | null,
): number[] {
  const widths = columns.map(({ title }, i) =>
    Math.max(textWidth(title), ...cells.map((row) => textWidth(row[i]!)))
  );
  if (width === null) return widths;
  let excess = widths.reduce((sum, each) => sum + each, 0) + GAP.length * (widths.length - 1) -
    width;
  while (excess > 0) {
    const flexible = columns.keys()
      .filter((i) => columns[i]!.flexible === true && widths[i]! > LEAST_WIDTH)
      .toArray();
    if (flexible.length === 0) break;
    const widest = flexible.reduce((a, b) => widths[b]! > widths[a]! ? b : a);
    widths[widest]!--;
    excess--;
  }
  return widths;
}

/** Draws `name  value` lines, the values under each other. */
export function renderFacts(
  facts: readonly (readonly [name: string, value: string])[],
  { paint = plainPaint, indent = "" }: { readonly paint?: Paint; readonly indent?: string } = {},
): string[] {
  const width = Math.max(0, ...facts.map(([name]) => textWidth(name)));
  return facts.map(([name, value]) =>
    `${indent}${paint.dim(padEnd(name, width))}${GAP}${value}`.trimEnd()
  );
}
