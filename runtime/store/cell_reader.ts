import type { Client } from "@libsql/client";
import { type NativeConnection, openNativeConnection } from "./native_connection.ts";

/** One value of a row. */
export type Cell = string | number | null;

/** Reads rows as plain lists: for answers of thousands of rows, where an object a row costs more than the query. */
export interface CellReader extends Disposable {
  cells(sql: string, args?: readonly Cell[]): Promise<Cell[][]>;
}

/**
 * A reader of its own connection. Statements stay prepared, so values belong into `args`, never into the text.
 *
 * @param url `file:` URL; a database elsewhere is read by the client.
 */
export function openCellReader(client: Client, url: string, timeout: number): CellReader {
  if (client.protocol !== "file") return readThrough(client);
  let connection: Promise<NativeConnection> | undefined;
  return {
    cells: async (sql, args = []) =>
      (await (connection ??= openNativeConnection(url, timeout))).cells(sql, args),
    [Symbol.dispose]() {
      connection?.then((opened) => opened.close(), () => {});
    },
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
