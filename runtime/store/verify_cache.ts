import type { BlobCondition } from "./blobs.ts";
import type { Store } from "./open_store.ts";
import { selectRows } from "./rows.ts";

/** Bytes that are not what they should be. */
export interface DamagedBlob {
  readonly hash: string;
  readonly condition: Exclude<BlobCondition, "sound">;
  /** Path of the file on disk. */
  readonly path: string;
  /** What needs it: `cache train`, `model digits/3`, `run quiet-beam-7 report.html`. */
  readonly neededBy: readonly string[];
}

/** What a check of all bytes found. */
export interface CacheCheck {
  readonly checked: number;
  readonly damaged: readonly DamagedBlob[];
}

/** Reads all bytes again: those that are there, and those that a result, a model or a run needs. */
export async function verifyCache(store: Store): Promise<CacheCheck> {
  const needs = await selectRows<{ hash: string; need: string }>(
    store.client,
    `WITH needs AS (
       SELECT json_extract(o.value, '$.artifact') AS artifact, 'cache ' || c.node AS need
         FROM cache_entries c, json_each(c.outputs) o WHERE c.collected_at IS NULL
       UNION SELECT artifact_hash, 'model ' || name || '/' || version FROM model_versions
         WHERE stage != 'Deleted_Internal'
       UNION SELECT a.artifact_hash, 'run ' || r.run_name || ' ' || a.path
         FROM run_artifacts a JOIN runs r ON r.run_id = a.run_id
     )
     SELECT DISTINCT f.blob_hash AS hash, n.need FROM needs n
       JOIN artifact_files f ON f.artifact_hash = n.artifact
     UNION SELECT a.blob_hash, 'run ' || r.run_name || ' ' || a.path
       FROM run_artifacts a JOIN runs r ON r.run_id = a.run_id WHERE a.blob_hash IS NOT NULL
     ORDER BY 2`,
  );
  const neededBy = Map.groupBy(needs, ({ hash }) => hash);
  const hashes = new Set(neededBy.keys());
  for await (const { hash } of store.blobs.list()) hashes.add(hash);
  const damaged: DamagedBlob[] = [];
  for (const hash of hashes) {
    const condition = await store.blobs.verify(hash);
    if (condition === "sound") continue;
    const path = store.blobs.pathOf(hash);
    const names = neededBy.get(hash)?.map(({ need }) => need) ?? [];
    damaged.push({ hash, condition, path, neededBy: names });
  }
  return { checked: hashes.size, damaged };
}
