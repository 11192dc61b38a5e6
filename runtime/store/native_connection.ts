import type { InArgs, InStatement, ResultSet, Row, Transaction } from "@libsql/client";
import {
  type Cell,
  type NativeDatabase,
  type PreparedStatement,
  prepareStatement,
} from "./prepared_statement.ts";

/**
 * A connection of the native library under `@libsql/client`, which prepares every statement anew for every call. Here
 * they stay prepared: a batch of a thousand points takes 0.6 of the time, one point half.
 */
export interface NativeConnection {
  /** @throws The error of the library, at once: nothing here waits for anything but the disk. */
  execute(statement: InStatement): ResultSet;
  /** Rows as plain lists. */
  cells(sql: string, args: readonly Cell[]): Cell[][];
  /** Executes a text of several statements, whose rows nobody wants. */
  executeMultiple(sql: string): void;
  /** Begins to write, or throws `SQLITE_BUSY` while another process does. */
  begin(): Transaction;
  close(): void;
}

/** A transaction whose statements stay prepared: many small ones of the same text are quicker than a large one. */
export type PreparedTransaction = Transaction & { readonly staysPrepared: true };

/** Statements that are kept. */
const KEPT = 200;

/** Opens a connection to a database file. */
export async function openNativeConnection(
  path: string,
  timeout: number,
): Promise<NativeConnection> {
  const { default: Library } = await import("libsql");
  const database = new Library(path, { timeout }) as unknown as NativeDatabase;
  const statements = new Map<string, PreparedStatement>();
  const prepare = (sql: string): PreparedStatement => {
    let prepared = statements.get(sql);
    if (prepared === undefined) {
      if (statements.size >= KEPT) statements.clear();
      prepared = prepareStatement(database, sql);
      statements.set(sql, prepared);
    }
    return prepared;
  };
  const execute = (statement: InStatement): ResultSet => {
    const [sql, args] = typeof statement === "string"
      ? [statement, []]
      : [statement.sql, statement.args ?? []];
    return executeNow(prepare(sql), args);
  };
  const executeMultiple = (sql: string): void => {
    statements.clear();
    database.exec(sql);
  };
  return {
    execute,
    cells: (sql, args) => prepare(sql).cells(args),
    executeMultiple,
    begin() {
      database.exec("BEGIN IMMEDIATE");
      return transactionOf(database, execute, executeMultiple);
    },
    close() {
      statements.clear();
      database.close();
    },
  };
}

function transactionOf(
  database: NativeDatabase,
  executeNow: (statement: InStatement) => ResultSet,
  executeMultiple: (sql: string) => void,
): PreparedTransaction {
  let isOpen = true;
  const execute = (statement: InStatement, args?: InArgs): ResultSet => {
    if (!isOpen) throw new Error("The transaction is closed");
    return executeNow(
      typeof statement === "string" && args !== undefined ? { sql: statement, args } : statement,
    );
  };
  const end = (how: "COMMIT" | "ROLLBACK"): void => {
    isOpen = false;
    if (database.inTransaction) database.exec(how);
  };
  return {
    staysPrepared: true,
    execute: (statement: InStatement, args?: InArgs) => later(() => execute(statement, args)),
    batch: (list) =>
      later(() =>
        list.map((each) => Array.isArray(each) ? execute(each[0], each[1]) : execute(each))
      ),
    executeMultiple: (sql) => later(() => executeMultiple(sql)),
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

/** What happens at once, as a promise: an error of a statement becomes a rejection. */
// deno-lint-ignore require-await -- so it does
export async function later<Result>(work: () => Result): Promise<Result> {
  try {
    return work();
  } catch (error) {
    throw withBaseCode(error);
  }
}

/** `SQLITE_CONSTRAINT_UNIQUE` is `SQLITE_CONSTRAINT` to `@libsql/client`, and so to whoever looks at the code. */
function withBaseCode(error: unknown): unknown {
  if (!(error instanceof Error) || !("code" in error)) return error;
  const [base] = /^SQLITE_[A-Z]+/.exec(String(error.code)) ?? [];
  return base === undefined ? error : Object.assign(error, { code: base });
}

function executeNow(statement: PreparedStatement, args: InArgs): ResultSet {
  const { columns } = statement;
  const values: unknown = Array.isArray(args) ? boundAll(args) : args;
  if (columns === null) {
    const { changes, lastInsertRowid } = statement.run(values);
    return resultOf([], [], changes, BigInt(lastInsertRowid));
  }
  const rows = statement.cells(values).map((cells) => rowOf(columns, cells));
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
