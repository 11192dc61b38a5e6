import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { later, type NativeConnection, openNativeConnection } from "./native_connection.ts";
import type { StoreClient } from "./store_client.ts";

/**
 * Opens a database file. One connection reads, and one that opens with the first write writes, so that nobody reads what
 * is not committed yet.
 *
 * @param url `file:` URL.
 * @param timeout How long one statement waits for the lock of another process, in milliseconds, with a blocked event loop.
 */
export async function openFileClient(url: string, timeout: number): Promise<StoreClient> {
  const path = filePath(url);
  const reader = await openNativeConnection(path, timeout);
  let isOpen = true;
  let writer: Promise<NativeConnection> | undefined;
  const read = <Result>(work: () => Result): Promise<Result> =>
    later(() => {
      if (!isOpen) throw new Error("The store is closed");
      return work();
    });
  return {
    isFile: true,
    execute: (statement) => read(() => reader.execute(statement)),
    cells: (sql, args = []) => read(() => reader.cells(sql, args)),
    executeMultiple: (sql) => read(() => reader.executeMultiple(sql)),
    async begin() {
      if (!isOpen) throw new Error("The store is closed");
      writer ??= openWriter(path, timeout);
      try {
        return (await writer).begin();
      } catch (error) {
        await writer.catch(() => writer = undefined); // tried again when it never opened
        throw error;
      }
    },
    close() {
      isOpen = false;
      writer?.then((opened) => opened.close(), () => {});
      reader.close();
    },
  };
}

async function openWriter(path: string, timeout: number): Promise<NativeConnection> {
  const connection = await openNativeConnection(path, timeout);
  // A killed process loses nothing that was committed; a power cut may lose the last moments, and tears nothing.
  connection.executeMultiple("PRAGMA synchronous=NORMAL; PRAGMA wal_autocheckpoint=4000");
  return connection;
}

/** `file:some/store.db` is meant from where the process runs. */
function filePath(url: string): string {
  return url.startsWith("file:/") ? fileURLToPath(url) : resolve(decodeURI(url.slice(5)));
}
