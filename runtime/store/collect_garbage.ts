import { join } from "node:path";
import type { Transaction } from "@libsql/client";
import { ExplainedError } from "../../pipeline/explained_error.ts";
import type { CachedOutput } from "./cache_store.ts";
import type { Store } from "./open_store.ts";
import { listLiveRuns } from "./reconcile.ts";
import { selectRows, type SqlRunner } from "./rows.ts";
import { listScratchFolders } from "./scratch_folders.ts";

/** What is to stay. */
export interface GarbageOptions {
  /** The newest runs of every experiment to keep whole; open ones stay anyway. */
  readonly keepRuns: number;
  /** `true`: only tells what would go. */
  readonly dryRun: boolean;
  /** Files that are younger stay: another process may be about to record them. @default 60000 */
  readonly graceMs?: number;
}

/** What a killed step needs to go on stays a week: somebody may want to. */
const SCRATCH_MS = 7 * 24 * 60 * 60 * 1000;

/** What went, or would go. */
export interface CollectedGarbage {
  readonly cacheEntries: number;
  readonly blobs: number;
  readonly blobBytes: number;
  readonly temporaryFiles: number;
  readonly temporaryBytes: number;
}

/**
 * Removes bytes that neither a recent run, nor a registered model, nor an upload needs. Facts stay:
 * metrics, lineage and the parts of cache keys can still be asked for.
 *
 * @throws {ExplainedError} `store/run-in-progress` while a process of this host runs a pipeline.
 */
export async function collectGarbage(
  store: Store,
  options: GarbageOptions,
): Promise<CollectedGarbage> {
  const { keepRuns, dryRun, graceMs = 60_000 } = options;
  if (!Number.isInteger(keepRuns) || keepRuns < 0) throw new RangeError(`keepRuns is ${keepRuns}`);
  const before = Date.now() - graceMs;
  const plan = dryRun
    ? await planCollection(store.client, keepRuns)
    : await store.write(async (transaction) => {
      // Asked inside the transaction: a run that begins later no longer finds what goes.
      await refuseLiveRuns(transaction);
      const plan = await planCollection(transaction, keepRuns);
      await collectRows(transaction, plan);
      return plan;
    });
  const blobs = { count: 0, bytes: 0 };
  for await (const { hash, size, modifiedAt } of store.blobs.list()) {
    if (plan.keptBlobs.has(hash) || modifiedAt > before) continue;
    if (!dryRun) await store.blobs.delete(hash);
    blobs.count++;
    blobs.bytes += size;
  }
  const temporary = { count: 0, bytes: 0 };
  for await (const { path, size, modifiedAt } of store.blobs.listTemporary()) {
    if (modifiedAt > before) continue;
    if (!dryRun) await Deno.remove(path, { recursive: true });
    temporary.count++;
    temporary.bytes += size;
  }
  for await (const { path, size, modifiedAt } of listScratchFolders(store)) {
    if (modifiedAt > before - SCRATCH_MS) continue;
    if (!dryRun) await Deno.remove(path, { recursive: true });
    temporary.count++;
    temporary.bytes += size;
  }
  if (!dryRun) await forgetShortWays(join(store.folder, "manifests"), before);
  return {
    cacheEntries: plan.entries.length,
    blobs: blobs.count,
    blobBytes: blobs.bytes,
    temporaryFiles: temporary.count,
    temporaryBytes: temporary.bytes,
  };
}

/** Manifests of unchanged runs lead to what may be gone now; the next run of each command writes it anew. */
async function forgetShortWays(folder: string, before: number): Promise<void> {
  try {
    for await (const { name } of Deno.readDir(folder)) {
      const path = join(folder, name);
      const { mtime } = await Deno.stat(path);
      if ((mtime?.getTime() ?? 0) < before) await Deno.remove(path);
    }
  } catch (error) {
    // None was written yet, or another process was faster.
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

interface CollectionPlan {
  /** Keys of results that no longer count. */
  readonly entries: readonly string[];
  readonly keptArtifacts: ReadonlySet<string>;
  readonly keptBlobs: ReadonlySet<string>;
}

async function planCollection(on: SqlRunner, keepRuns: number): Promise<CollectionPlan> {
  const keptRuns = await column(
    on,
    `SELECT run_id AS value FROM (
       SELECT run_id, status, row_number() OVER (
         PARTITION BY experiment_id ORDER BY start_time DESC, run_id) AS place
       FROM runs WHERE lifecycle_stage = 'active'
     ) WHERE place <= ? OR status IN ('RUNNING', 'SCHEDULED')`,
    [keepRuns],
  );
  const ofKeptRuns = "run_id IN (SELECT value FROM json_each(?1))";
  const keptArtifacts = await column(
    on,
    `SELECT artifact_hash AS value FROM lineage_edges WHERE ${ofKeptRuns}
     UNION SELECT artifact_hash FROM run_artifacts
       WHERE artifact_hash IS NOT NULL AND ${ofKeptRuns}
     UNION SELECT json_extract(o.value, '$.artifact') FROM cache_entries c, json_each(c.outputs) o
       WHERE c.cache_key IN (SELECT cache_key FROM step_runs WHERE ${ofKeptRuns})
     UNION SELECT artifact_hash FROM model_versions
       WHERE artifact_hash IS NOT NULL AND stage != 'Deleted_Internal'`,
    [JSON.stringify([...keptRuns])],
  );
  const keptBlobs = await column(
    on,
    `SELECT blob_hash AS value FROM artifact_files
       WHERE artifact_hash IN (SELECT value FROM json_each(?))
     UNION SELECT a.blob_hash FROM run_artifacts a JOIN runs r ON r.run_id = a.run_id
       WHERE a.blob_hash IS NOT NULL AND r.lifecycle_stage = 'active'
     UNION SELECT blob_hash FROM proxied_files`,
    [JSON.stringify([...keptArtifacts])],
  );
  const live = await selectRows<{ key: string; outputs: string }>(
    on,
    "SELECT cache_key AS key, outputs FROM cache_entries WHERE collected_at IS NULL",
  );
  const entries = live.filter(({ outputs }) =>
    (JSON.parse(outputs) as CachedOutput[]).some(({ artifact }) => !keptArtifacts.has(artifact))
  );
  return { entries: entries.map(({ key }) => key), keptArtifacts, keptBlobs };
}

async function collectRows(transaction: Transaction, plan: CollectionPlan): Promise<void> {
  await transaction.execute({
    sql: `UPDATE cache_entries SET collected_at = ?
      WHERE cache_key IN (SELECT value FROM json_each(?))`,
    args: [Date.now(), JSON.stringify(plan.entries)],
  });
  // Every row of run_artifacts is a promise that its bytes are there.
  await transaction.execute({
    sql: `DELETE FROM run_artifacts WHERE artifact_hash IS NOT NULL
      AND artifact_hash NOT IN (SELECT value FROM json_each(?))`,
    args: [JSON.stringify([...plan.keptArtifacts])],
  });
  await transaction.execute(
    `DELETE FROM run_artifacts WHERE blob_hash IS NOT NULL
       AND run_id IN (SELECT run_id FROM runs WHERE lifecycle_stage = 'deleted')`,
  );
}

async function refuseLiveRuns(transaction: Transaction): Promise<void> {
  const [name] = await listLiveRuns(transaction);
  if (name === undefined) return;
  throw new ExplainedError("store/run-in-progress", {
    what: "Cannot collect garbage",
    why: `run ${name} is in progress`,
    fix: "Wait for its end, or stop it, then try again",
  });
}

async function column(on: SqlRunner, sql: string, args: (string | number)[]): Promise<Set<string>> {
  const rows = await selectRows<{ value: string }>(on, sql, args);
  return new Set(rows.map(({ value }) => value));
}
