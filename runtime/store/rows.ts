import type { InArgs, InStatement, InValue, ResultSet } from "@libsql/client";
import { explainStoreError } from "./database_error.ts";

/** Where a statement runs: a client or a transaction. */
export interface SqlRunner {
  execute(statement: InStatement): Promise<ResultSet>;
}

/**
 * The rows of a query, typed by the caller: the columns must be named like the fields of `Row`.
 *
 * @throws {ExplainedError} `store/damaged` and the other states of a database a person can mend.
 */
export async function selectRows<Row>(
  on: SqlRunner,
  sql: string,
  args: InArgs = [],
): Promise<Row[]> {
  try {
    return (await on.execute({ sql, args })).rows as unknown as Row[];
  } catch (error) {
    throw explainStoreError(error, "Cannot read the store", "store.db");
  }
}

/** The first row of a query, or `undefined`. */
export async function selectRow<Row>(
  on: SqlRunner,
  sql: string,
  args: InArgs = [],
): Promise<Row | undefined> {
  return (await selectRows<Row>(on, sql, args))[0];
}

/** Variables in one statement. SQLite's limit is 32,766, a remote database may have a lower one. */
const MAX_VARIABLES = 8000;

/** Rows of one statement where statements stay prepared: few sizes, so that few statements are kept. */
const PREPARED_ROWS = [50, 10, 1] as const;

/**
 * Inserts rows with as few statements as the limit of variables allows.
 *
 * @param rows Objects that all have the same keys: the names of the columns.
 * @param conflict What follows the values, e.g. `ON CONFLICT DO NOTHING`.
 */
export async function insertRows(
  on: SqlRunner,
  table: string,
  rows: readonly Readonly<Record<string, InValue>>[],
  conflict = "",
): Promise<void> {
  const [first] = rows;
  if (first === undefined) return;
  const columns = Object.keys(first);
  const most = Math.floor(MAX_VARIABLES / columns.length);
  const texts = new Map<number, string>();
  for (let start = 0; start < rows.length;) {
    const left = rows.length - start;
    const count = "staysPrepared" in on
      ? PREPARED_ROWS.find((size) => size <= left)!
      : Math.min(most, left);
    let sql = texts.get(count);
    if (sql === undefined) {
      const row = `(${columns.map(() => "?").join(", ")})`;
      const values = Array<string>(count).fill(row).join(", ");
      sql = `INSERT INTO ${table} (${columns.join(", ")}) VALUES ${values} ${conflict}`;
      texts.set(count, sql);
    }
    const args: InValue[] = [];
    for (const row of rows.slice(start, start + count)) {
      for (const column of columns) args.push(row[column]!);
    }
    await on.execute({ sql, args });
    start += count;
  }
}
