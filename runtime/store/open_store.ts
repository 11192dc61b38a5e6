import { join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Transaction } from "@libsql/client";
import { Blobs } from "./blobs.ts";
import { explainStoreError, explainUnreachable, isBusy } from "./database_error.ts";
import { openFileClient } from "./file_client.ts";
import { applyMigrations, isUpToDate, readMigrations } from "./migrate.ts";
import type { Cell } from "./prepared_statement.ts";
import { openRemoteClient } from "./remote_client.ts";
import type { StoreClient } from "./store_client.ts";
import { drainWrites, queueWrite } from "./write_queue.ts";

/** Where a store lies. */
export interface StoreLocation {
  readonly folder: string;
  /** A database elsewhere (`libsql://…`) instead of `store.db` in the folder; blobs stay in the folder. */
  readonly url?: string;
  readonly authToken?: string;
}

/** The memory of Hanok: a database of facts and a folder of bytes. */
export interface Store extends AsyncDisposable {
  readonly client: StoreClient;
  readonly folder: string;
  readonly blobs: Blobs;
  /**
   * Does `work` in one write transaction, all or nothing; writes of this process come one after
   * another. Only calls of the transaction may be awaited inside, no other write least of all.
   *
   * @throws {ExplainedError} `store/disk-full`, `store/damaged`, `store/busy`, `store/not-writable`.
   */
  write<Result>(work: (transaction: Transaction) => Promise<Result>): Promise<Result>;
  /** Rows as plain lists, for many of them; the statement stays prepared. */
  cells(sql: string, args?: readonly Cell[]): Promise<Cell[][]>;
  /** Finishes the writes that were asked for, then closes. */
  [Symbol.asyncDispose](): Promise<void>;
}

const LONG_LOG_BYTES = 1_000_000;

/** How long one statement waits for the lock of another process, with a blocked event loop. */
const BUSY_TIMEOUT_MS = 1000;

/**
 * Opens the store, and makes or updates its tables when needed.
 *
 * @throws {ExplainedError} `store/newer-database`, `store/damaged`, `store/not-writable`,
 * `store/disk-full`.
 */
export async function openStore(location: StoreLocation): Promise<Store> {
  const folder = resolve(location.folder);
  const file = join(folder, "store.db");
  const url = location.url ?? pathToFileURL(file).href;
  const where = location.url ?? file;
  const what = "Cannot open the store";
  let client: StoreClient | undefined;
  try {
    await makeFolder(folder);
    client = url.startsWith("file:")
      ? await openFileClient(url, BUSY_TIMEOUT_MS)
      : await openRemoteClient(url, location.authToken);
    const write = <Result>(work: (transaction: Transaction) => Promise<Result>) =>
      queueWrite(client!, url, work).catch((error) => {
        throw explainStoreError(error, "Cannot write to the store", where);
      });
    if (!await isUpToDate(client, where)) {
      const migrations = await readMigrations();
      if (client.isFile) await useWriteAheadLog(client);
      await write((transaction) => applyMigrations(transaction, migrations));
    }
    return storeOf(client, { folder, url, write });
  } catch (error) {
    client?.close();
    const explained = explainStoreError(error, what, where);
    throw url.startsWith("file:") ? explained : explainUnreachable(explained, what, where);
  }
}

/** A folder that cannot be there, as in /proc, is told like one that may not be written. */
async function makeFolder(folder: string): Promise<void> {
  try {
    await Deno.mkdir(folder, { recursive: true });
  } catch (error) {
    // Deno lets a process with narrow permissions, as a server is, not even try.
    const cannotBe = error instanceof Deno.errors.NotFound ||
      error instanceof Deno.errors.NotCapable;
    if (!cannotBe) throw error;
    throw Object.assign(new Error(error.message), { code: "ENOTDIR" });
  }
}

function storeOf(
  client: StoreClient,
  { folder, url, write }: { folder: string; url: string; write: Store["write"] },
): Store {
  return {
    client,
    folder,
    blobs: new Blobs(folder),
    write,
    cells: client.cells,
    async [Symbol.asyncDispose]() {
      await drainWrites(url);
      await shortenLog(client, url);
      client.close();
    },
  };
}

/**
 * Moves a long write-ahead log into the file, or the next process would read it all when it opens.
 * (The library closes a connection only when it is collected as garbage, so SQLite does not.) A
 * short log stays: syncing the file costs a run without work more than it has.
 */
async function shortenLog(client: StoreClient, url: string): Promise<void> {
  if (!client.isFile) return;
  try {
    const { size } = await Deno.stat(`${fileURLToPath(url)}-wal`);
    if (size < LONG_LOG_BYTES) return;
    // A connection that never looked at the log, which another one wrote, finds it busy: so it looks first.
    await client.executeMultiple(
      "PRAGMA busy_timeout=0; SELECT 1 FROM schema_migrations; PRAGMA wal_checkpoint(TRUNCATE)",
    );
  } catch {
    // No log, somebody reads, or the disk is full: the log keeps everything until the next time.
  }
}

/** Changing the mode needs the file alone, and does not wait for it by itself. */
async function useWriteAheadLog(client: StoreClient): Promise<void> {
  for (let attempt = 1;; attempt++) {
    try {
      await client.execute("PRAGMA journal_mode=WAL");
      return;
    } catch (error) {
      if (!isBusy(error) || attempt === 100) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 10 + 40 * Math.random()));
  }
}
