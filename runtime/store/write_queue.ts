import type { Transaction } from "@libsql/client";
import { isBusy } from "./database_error.ts";
import type { StoreClient } from "./store_client.ts";

/** How long to go on asking for the lock that another process holds. */
const PATIENCE_MS = 60_000;

/** Last writer of every database this process has open: two stores of one file share a queue. */
const queues = new Map<string, Promise<unknown>>();

/**
 * Does the work in a write transaction, after all writes that were asked for before.
 *
 * Inside one process a second writer would wait for the lock with a blocked event loop, while the
 * first one needs that loop to finish. So they stand in a queue.
 *
 * @param url Names the queue.
 */
export function queueWrite<Result>(
  client: StoreClient,
  url: string,
  work: (transaction: Transaction) => Promise<Result>,
): Promise<Result> {
  const before = queues.get(url) ?? Promise.resolve();
  const result = before.then(() => writeNow(client, work));
  const settled = result.then(() => {}, () => {});
  queues.set(url, settled);
  settled.then(() => {
    if (queues.get(url) === settled) queues.delete(url);
  });
  return result;
}

/** Resolves when all writes that were asked for until now are done. */
export async function drainWrites(url: string): Promise<void> {
  await queues.get(url);
}

async function writeNow<Result>(
  client: StoreClient,
  work: (transaction: Transaction) => Promise<Result>,
): Promise<Result> {
  const transaction = await beginWrite(client);
  try {
    const result = await work(transaction);
    await transaction.commit();
    return result;
  } finally {
    transaction.close(); // rolls back what was not committed
  }
}

/** Waits for the lock in short turns, so that timers and signals are served meanwhile. */
async function beginWrite(client: StoreClient): Promise<Transaction> {
  const deadline = performance.now() + PATIENCE_MS;
  for (let pause = 1;; pause = Math.min(pause * 2, 50)) {
    try {
      return await client.begin();
    } catch (error) {
      if (!isBusy(error) || performance.now() > deadline) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, pause * (0.5 + Math.random())));
  }
}
