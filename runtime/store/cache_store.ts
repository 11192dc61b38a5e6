import type { InValue } from "@libsql/client";
import type { JsonObject } from "../../pipeline/json.ts";
import type { Store } from "./open_store.ts";
import { insertRows, selectRow, selectRows } from "./rows.ts";

/** An artifact that a step run put into one of its outputs. */
export interface CachedOutput {
  readonly output: string;
  readonly kind: string;
  /** Content hash. */
  readonly artifact: string;
}

/** What a step run would make again: found by the hash of everything that went into it. */
export interface CacheEntry {
  readonly cacheKey: string;
  readonly step: string;
  readonly node: string;
  /** The run that made it. */
  readonly runId: string;
  /** The named parts of the key, as they were. */
  readonly parts: JsonObject;
  readonly outputs: readonly CachedOutput[];
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly durationMs: number;
}

/** How much the cache holds. */
export interface CacheStatistics {
  readonly entries: number;
  readonly artifacts: number;
  readonly blobs: number;
  /** Bytes of all blobs. */
  readonly blobBytes: number;
  /** Bytes of temporary files. */
  readonly temporaryBytes: number;
  /** Entries of each step, the most frequent first. */
  readonly steps: readonly { readonly step: string; readonly entries: number }[];
}

/** The result for a key. Whether its bytes are still there, the caller asks the blobs. */
export async function findCacheEntry(store: Store, key: string): Promise<CacheEntry | undefined> {
  const row = await selectRow<EntryRow>(
    store.client,
    `${ENTRY} WHERE c.cache_key = ? AND c.collected_at IS NULL`,
    [key],
  );
  return row === undefined ? undefined : parseEntry(row);
}

/** The results that still count, newest first. */
export async function listCacheEntries(store: Store, limit: number = 1000): Promise<CacheEntry[]> {
  const rows = await selectRows<EntryRow>(
    store.client,
    `${ENTRY} WHERE c.collected_at IS NULL ORDER BY c.created_at DESC, c.cache_key LIMIT ?`,
    [limit],
  );
  return rows.map(parseEntry);
}

/**
 * The keys that a node of an experiment had in its last runs, newest first, each once: to tell what
 * has changed since. Those whose bytes were collected are among them.
 */
export async function latestCacheEntries(
  store: Store,
  query: { readonly experiment: string; readonly node: string; readonly limit: number },
): Promise<CacheEntry[]> {
  const rows = await selectRows<EntryRow>(
    store.client,
    `${ENTRY} JOIN (
       SELECT s.cache_key, max(r.start_time) AS used_at FROM step_runs s
       JOIN runs r ON r.run_id = s.run_id JOIN experiments e ON e.experiment_id = r.experiment_id
       WHERE e.name = ? AND s.node = ? AND s.status IN ('succeeded', 'cached')
       GROUP BY s.cache_key
     ) used ON used.cache_key = c.cache_key
     ORDER BY used.used_at DESC, c.created_at DESC LIMIT ?`,
    [query.experiment, query.node, query.limit],
  );
  return rows.map(parseEntry);
}

/** Keeps the parts of a key without a result, e.g. of a step that failed: to tell what has changed since. */
export async function recordCacheKey(
  store: Store,
  key: Omit<CacheEntry, "outputs" | "durationMs">,
): Promise<void> {
  const row = cacheEntryRow({ ...key, outputs: [], durationMs: 0 });
  await store.write((transaction) =>
    insertRows(
      transaction,
      "cache_entries",
      [{ ...row, collected_at: key.createdAt }],
      "ON CONFLICT DO NOTHING",
    )
  );
}

/** The parts of a key that a step run had, whether or not its result still counts. */
export async function findKeyParts(store: Store, key: string): Promise<JsonObject | undefined> {
  const sql = "SELECT parts FROM cache_entries WHERE cache_key = ?";
  const row = await selectRow<{ parts: string }>(store.client, sql, [key]);
  return row === undefined ? undefined : JSON.parse(row.parts);
}

/** Counts what is there. */
export async function cacheStatistics(store: Store): Promise<CacheStatistics> {
  const steps = await selectRows<{ step: string; entries: number }>(
    store.client,
    `SELECT step, count(*) AS entries FROM cache_entries WHERE collected_at IS NULL
     GROUP BY step ORDER BY entries DESC, step`,
  );
  const { artifacts } = (await selectRow<{ artifacts: number }>(
    store.client,
    "SELECT count(*) AS artifacts FROM artifacts",
  ))!;
  const blobs = await Array.fromAsync(store.blobs.list());
  const temporary = await Array.fromAsync(store.blobs.listTemporary());
  return {
    entries: steps.reduce((sum, { entries }) => sum + entries, 0),
    artifacts,
    blobs: blobs.length,
    blobBytes: blobs.reduce((sum, { size }) => sum + size, 0),
    temporaryBytes: temporary.reduce((sum, { size }) => sum + size, 0),
    steps,
  };
}

/** An entry as a row of its table. */
export function cacheEntryRow(entry: CacheEntry): Record<string, InValue> {
  return {
    cache_key: entry.cacheKey,
    step: entry.step,
    node: entry.node,
    run_id: entry.runId,
    parts: JSON.stringify(entry.parts),
    outputs: JSON.stringify(entry.outputs),
    created_at: entry.createdAt,
    duration_ms: entry.durationMs,
    collected_at: null,
  };
}

type EntryRow = Omit<CacheEntry, "parts" | "outputs"> & { parts: string; outputs: string };

const ENTRY = `SELECT c.cache_key AS cacheKey, c.step, c.node, c.run_id AS runId, c.parts,
  c.outputs, c.created_at AS createdAt, c.duration_ms AS durationMs FROM cache_entries c`;

function parseEntry(row: EntryRow): CacheEntry {
  return { ...row, parts: JSON.parse(row.parts), outputs: JSON.parse(row.outputs) };
}
