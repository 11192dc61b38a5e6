import { didYouMean, ExplainedError, listProblems } from "../../pipeline/mod.ts";

/** One value that preprocessing refused. */
export interface BadRow {
  /** Position of the row, from 0. */
  readonly row: number;
  readonly column: string;
  /** What would have been accepted: "a number". */
  readonly expected: string;
  /** What was there, as short text: `"abc"`, `nothing`. */
  readonly found: string;
}

/** Thrown when values of rows cannot be encoded; `problems` holds every one of them. */
export class BadRowsError extends ExplainedError<"preprocessing/bad-rows"> {
  override readonly name = "BadRowsError";
  readonly problems: readonly BadRow[];

  constructor(what: string, problems: readonly BadRow[]) {
    super("preprocessing/bad-rows", {
      what,
      why: listProblems(problems.map(sentence)),
      fix: "Correct these values, or tell the preprocessing what stands in for a missing value",
    });
    this.problems = problems;
  }
}

/** Problems after which a pass over a large dataset gives up. */
const ENOUGH = 1000;

/** Collects refused values, so that all are told at once. */
export interface BadRowList {
  /** @param row The whole row: its column names tell what a missing column was called. */
  add(row: Readonly<Record<string, unknown>>, problem: Omit<BadRow, "found">): void;
  /** Whether so many were found that reading on would tell nothing new. */
  isFull(): boolean;
  /** @throws {BadRowsError} When there is any. */
  refuse(what: string): void;
}

/** An empty list of refused values. */
export function listBadRows(): BadRowList {
  const problems: BadRow[] = [];
  return {
    add: (row, problem) => {
      problems.push({ ...problem, found: describeValue(row, problem.column) });
    },
    isFull: () => problems.length >= ENOUGH,
    refuse: (what) => {
      if (problems.length > 0) throw new BadRowsError(what, problems);
    },
  };
}

function sentence({ row, column, expected, found }: BadRow): string {
  return `row ${row + 1}, column "${column}": expected ${expected}, found ${found}`;
}

function describeValue(row: Readonly<Record<string, unknown>>, column: string): string {
  if (!Object.hasOwn(row, column)) return `no such column${didYouMean(column, Object.keys(row))}`;
  const value = row[column];
  if (value === null || value === undefined) return "nothing";
  if (typeof value === "object") return Array.isArray(value) ? "a list" : "an object";
  const text = typeof value === "string" ? JSON.stringify(value) : String(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
