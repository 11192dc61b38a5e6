import type { InArgs, InStatement, ResultSet, Row, Transaction } from "@libsql/client";
import { fileURLToPath } from "node:url";
import type { Cell } from "./cell_reader.ts";

/**
 * A connection of the native library under `@libsql/client`, which prepares every statement anew for every call. Here
 * they stay prepared: a batch of a thousand points takes 0.6 of the time, one point half.
 */
export interface NativeConnection {
  /** Rows as plain lists. */
  cells(sql: string, args: readonly Cell[]): Cell[][];
  /** Begins to write, or throws `SQLITE_BUSY` while another process does. */
  begin(): Transaction;
  close(): void;
}

/** A transaction whose statements stay prepared: many small ones of the same text are quicker than a large one. */
export type PreparedTransaction = Transaction & { readonly staysPrepared: true };

/** Statements that are kept. */
const KEPT = 200;

/** What is used of the library, whose own types say `any`. */
interface Database {
  prepare(sql: string): Statement;
  exec(sql: string): void;
  close(): void;
  readonly inTransaction: boolean;
}
interface Statement {
  all(args: unknown): Cell[][];
  run(args: unknown): { readonly changes: number; readonly lastInsertRowid: number };
  raw(isRaw: true): Statement;
  columns(): readonly { readonly name: string; readonly type: string | null }[];
}
interface Prepared {
  readonly statement: Statement;
  /** `null` for a statement that returns no rows. */
  readonly columns: readonly string[] | null;
}

/** Opens a connection to a database file. */
export async function openNativeConnection(
  url: string,
  timeout: number,
): Promise<NativeConnection> {
  const { default: Library } = await import("libsql");
  const database = new Library(fileURLToPath(url), { timeout }) as unknown as Database;
  // A killed process loses nothing that was committed; a power cut may lose the last moments, and tears nothing.
  database.exec("PRAGMA synchronous=NORMAL; PRAGMA wal_autocheckpoint=4000");
  const statements = new Map<string, Prepared>();
  const prepare = (sql: string): Prepared => {
    let prepared = statements.get(sql);
    if (prepared === undefined) {
      if (statements.size >= KEPT) statements.clear();
      prepared = prepareStatement(database, sql);
      statements.set(sql, prepared);
    }
    return prepared;
  };
  return {
    cells: (sql, args) => prepare(sql).statement.all(args),
    begin() {
      database.exec("BEGIN IMMEDIATE");
      return transactionOf(database, prepare, () => statements.clear());
    },
    close() {
      statements.clear();
      database.close();
    },
  };
}

function prepareStatement(database: Database, sql: string): Prepared {
  const statement = database.prepare(sql);
  try {
    statement.raw(true);
  } catch {
    return { statement, columns: null }; // it returns no rows
  }
  return { statement, columns: statement.columns().map(({ name }) => name) };
}

function transactionOf(
  database: Database,
  prepare: (sql: string) => Prepared,
  forget: () => void,
): PreparedTransaction {
  let isOpen = true;
  const execute = (statement: InStatement | string, args?: InArgs): ResultSet => {
    if (!isOpen) throw new Error("The transaction is closed");
    const [sql, values] = typeof statement === "string"
      ? [statement, args]
      : [statement.sql, statement.args];
    return executeNow(prepare(sql), values ?? []);
  };
  const end = (how: "COMMIT" | "ROLLBACK"): void => {
    isOpen = false;
    if (database.inTransaction) database.exec(how);
  };
  // deno-lint-ignore require-await -- an error of a statement must become a rejection
  const later = async <Result>(work: () => Result): Promise<Result> => {
    try {
      return work();
    } catch (error) {
      throw withBaseCode(error);
    }
  };
  return {
    staysPrepared: true,
    execute: (statement: InStatement | string, args?: InArgs) =>
      later(() => execute(statement, args)),
    batch: (list) =>
      later(() =>
        list.map((each) => Array.isArray(each) ? execute(each[0], each[1]) : execute(each))
      ),
    executeMultiple: (sql) =>
      later(() => {
        forget();
        database.exec(sql);
      }),
    commit: () => later(() => end("COMMIT")),
    rollback: () => later(() => end("ROLLBACK")),
    close() {
      if (isOpen || database.inTransaction) end("ROLLBACK");
    },
    get closed() {
      return !isOpen;
    },
  };
}

/** `SQLITE_CONSTRAINT_UNIQUE` is `SQLITE_CONSTRAINT` to `@libsql/client`, and so to whoever looks at the code. */
function withBaseCode(error: unknown): unknown {
  if (!(error instanceof Error) || !("code" in error)) return error;
  const [base] = /^SQLITE_[A-Z]+/.exec(String(error.code)) ?? [];
  return base === undefined ? error : Object.assign(error, { code: base });
}

function executeNow({ statement, columns }: Prepared, args: InArgs): ResultSet {
  const values: unknown = Array.isArray(args) ? boundAll(args) : args;
  if (columns === null) {
    const { changes, lastInsertRowid } = statement.run(values);
    return resultOf([], [], changes, BigInt(lastInsertRowid));
  }
  const rows = statement.all(values).map((cells) => rowOf(columns, cells));
  return resultOf(columns, rows, 0, undefined);
}

/** The values as the library takes them. Thousands come at once, so a list that needs no change is not copied. */
function boundAll(values: readonly unknown[]): readonly unknown[] {
  let hasBoolean = false;
  for (const value of values) {
    if (typeof value === "boolean") hasBoolean = true;
    else if (value === undefined) {
      throw new TypeError("undefined cannot be written to the database");
    } else if (typeof value === "number" && !Number.isFinite(value)) {
      throw new RangeError(`${value} cannot be written to the database`);
    }
  }
  return hasBoolean
    ? values.map((value) => typeof value === "boolean" ? Number(value) : value)
    : values;
}

function rowOf(columns: readonly string[], cells: readonly Cell[]): Row {
  const row: Record<string, Cell> = {};
  for (let i = 0; i < columns.length; i++) row[columns[i]!] = cells[i]!;
  return row as unknown as Row;
}

function resultOf(
  columns: readonly string[],
  rows: Row[],
  rowsAffected: number,
  lastInsertRowid: bigint | undefined,
): ResultSet {
  const toJSON = (): unknown => ({ columns, rows, rowsAffected });
  return { columns: [...columns], columnTypes: [], rows, rowsAffected, lastInsertRowid, toJSON };
}
