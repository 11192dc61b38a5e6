import type { StoreClient } from "./store_client.ts";
import type { Cell } from "./prepared_statement.ts";

/** Opens a database elsewhere (`libsql://…`, `https://…`). */
export async function openRemoteClient(url: string, authToken?: string): Promise<StoreClient> {
  const { createClient } = await import("@libsql/client"); // brings a network stack
  const client = createClient(authToken === undefined ? { url } : { url, authToken });
  return {
    isFile: false,
    execute: (statement) => client.execute(statement),
    async cells(sql, args = []) {
      const { rows, columns } = await client.execute({ sql, args: [...args] });
      return rows.map((row) => columns.map((_, index) => row[index] as Cell));
    },
    executeMultiple: (sql) => client.executeMultiple(sql),
    begin: () => client.transaction("write"),
    close: () => client.close(),
  };
}
