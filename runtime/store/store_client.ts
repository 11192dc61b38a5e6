import type { InStatement, ResultSet, Transaction } from "@libsql/client";
import type { Cell } from "./prepared_statement.ts";
import type { SqlRunner } from "./rows.ts";

/** A database of facts. A file of this machine and a database elsewhere answer alike. */
export interface StoreClient extends SqlRunner {
  /** Whether it is a file of this machine. */
  readonly isFile: boolean;
  execute(statement: InStatement): Promise<ResultSet>;
  /** Rows as plain lists: for answers of thousands of rows, where an object a row costs more than the query. */
  cells(sql: string, args?: readonly Cell[]): Promise<Cell[][]>;
  /** Executes a text of several statements, whose rows nobody wants. */
  executeMultiple(sql: string): Promise<void>;
  /** Begins to write; rejects with `SQLITE_BUSY` while another process does. */
  begin(): Promise<Transaction>;
  close(): void;
}
