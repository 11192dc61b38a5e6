import type { Client } from "@libsql/client";
import { fileURLToPath } from "node:url";

/** One value of a row. */
export type Cell = string | number | null;

/** Reads rows as plain lists: for answers of thousands of rows, where an object a row costs more than the query. */
export interface CellReader extends Disposable {
  cells(sql: string, args?: readonly Cell[]): Promise<Cell[][]>;
}

/** Statements that stay prepared. */
const KEPT = 200;

/**
 * A reader of its own connection. Statements stay prepared, so values belong into `args`, never into the text.
 *
 * @param url `file:` URL, read by the native library under the client; another one is read by the client.
 */
export function openCellReader(client: Client, url: string, timeout: number): CellReader {
  if (!url.startsWith("file:")) return readThrough(client);
  let connection: Promise<Connection> | undefined;
  const prepared = new Map<string, Statement>();
  const prepare = async (sql: string): Promise<Statement> => {
    const { prepare } = await (connection ??= connect(url, timeout));
    let statement = prepared.get(sql);
    if (statement === undefined) {
      if (prepared.size >= KEPT) prepared.clear();
      statement = prepare(sql);
      prepared.set(sql, statement);
    }
    return statement;
  };
  return {
    cells: async (sql, args = []) => (await prepare(sql)).all(args),
    [Symbol.dispose]() {
      prepared.clear();
      connection?.then(({ close }) => close()).catch(() => {});
    },
  };
}

/** What is used of the native library, whose own types say `any`. */
interface Statement {
  all(args: readonly Cell[]): Cell[][];
}
interface Connection {
  prepare(sql: string): Statement;
  close(): void;
}

async function connect(url: string, timeout: number): Promise<Connection> {
  const { default: Database } = await import("libsql");
  const database = new Database(fileURLToPath(url), { timeout });
  return {
    prepare: (sql) => database.prepare(sql).raw(true) as Statement,
    close: () => database.close(),
  };
}

function readThrough(client: Client): CellReader {
  return {
    async cells(sql, args = []) {
      const { rows, columns } = await client.execute({ sql, args: [...args] });
      return rows.map((row) => columns.map((_, index) => row[index] as Cell));
    },
    [Symbol.dispose]() {},
  };
}
