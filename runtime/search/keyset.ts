import type { Cell } from "../store/mod.ts";
import { invalid } from "./mlflow_error.ts";
import type { SqlPart } from "./sql_clause.ts";

/** A key that rows are sorted by. */
export interface SortKey extends SqlPart {
  readonly descending: boolean;
  /** Missing values come last in both directions. @default false */
  readonly nullable?: boolean;
}

/** A query whose rows are to be sorted and cut into pages. */
export interface PagedQuery {
  /** What comes first in each row, e.g. `r.run_id`. */
  readonly columns: readonly string[];
  /** From `FROM` to the end of the conditions. */
  readonly from: SqlPart;
  /** The last one must tell any two rows apart. */
  readonly keys: readonly SortKey[];
}

/** Where the next page begins: the keys of the last row. */
export type Cursor = readonly Cell[];

/**
 * The statement for a page: rows after the cursor, each its columns and then its keys.
 *
 * Pages are found by the keys of their first row, not by counting: a deep page costs what the first one
 * costs, and rows that come or go meanwhile neither repeat nor hide others.
 */
export function pageOf(query: PagedQuery, cursor: Cursor | undefined, limit: number): SqlPart {
  const keys = query.keys.flatMap(expand);
  if (cursor !== undefined && cursor.length !== keys.length) throw badToken();
  const names = keys.map((_, index) => `k${index}`);
  const columns = query.columns.map((column, index) => `${column} AS c${index}`);
  const selected = [...columns, ...keys.map(({ sql }, index) => `${sql} AS ${names[index]}`)];
  const after = cursor === undefined ? { sql: "1", args: [] } : afterCursor(keys, cursor);
  const order = keys.map(({ descending }, index) => `${names[index]}${descending ? " DESC" : ""}`);
  return {
    sql: `SELECT * FROM (SELECT ${selected.join(", ")} ${query.from.sql})
      WHERE ${after.sql} ORDER BY ${order.join(", ")} LIMIT ?`,
    args: [...keys.flatMap(({ args }) => args), ...query.from.args, ...after.args, limit],
  };
}

/** A token for the next page. */
export function writeToken(order: string, cursor: Cursor): string {
  const bytes = new TextEncoder().encode(JSON.stringify([order, ...cursor]));
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}

/**
 * The cursor of a token.
 *
 * @throws {MlflowError} `INVALID_PARAMETER_VALUE` for one that is no token, or of another order.
 */
export function readToken(order: string, token: string): Cursor | undefined {
  if (token === "") return undefined;
  try {
    const bytes = Uint8Array.fromBase64(token, { alphabet: "base64url" });
    const [ofOrder, ...cursor] = JSON.parse(new TextDecoder().decode(bytes)) as Cell[];
    const isCell = (each: unknown): boolean =>
      each === null || typeof each === "string" || typeof each === "number";
    if (ofOrder === order && cursor.every(isCell)) return cursor;
  } catch {
    // Neither base64 nor JSON: told below.
  }
  throw badToken();
}

function badToken() {
  return invalid("Invalid page token, could not decode it for this search");
}

/** A key that may be missing is two: whether it is, and what it is. */
function expand({ sql, args, descending, nullable }: SortKey): SortKey[] {
  const key = { sql, args, descending };
  return nullable === true ? [{ sql: `(${sql}) IS NULL`, args, descending: false }, key] : [key];
}

/** Rows that sort after the cursor: `k0 > a OR (k0 = a AND (k1 > b OR …))`. */
function afterCursor(keys: readonly SortKey[], cursor: Cursor): SqlPart {
  let sql = "0";
  const args: Cell[] = [];
  for (const [index, { descending }] of [...keys.entries()].reverse()) {
    const value = cursor[index]!;
    // A missing value has nothing after it.
    const beyond = value === null ? "0" : `k${index} ${descending ? "<" : ">"} ?`;
    sql = `(${beyond} OR (k${index} IS ? AND ${sql}))`;
    args.unshift(...(value === null ? [null] : [value, value]));
  }
  return { sql, args };
}
