import type { ArtifactRecord } from "../artifacts/artifact_codec.ts";
import { type CacheEntry, findArtifact, type Store } from "../store/mod.ts";

/** The outputs of a cache entry, or what is wrong with them. */
export type CachedOutputs =
  | { readonly outputs: Readonly<Record<string, ArtifactRecord>>; readonly damage?: undefined }
  | { readonly outputs?: undefined; readonly damage: string };

/**
 * Looks whether every byte of a cached result is still there: by length, or with `verify` by hash.
 * A damaged result is a miss, never an error.
 */
export async function openCachedOutputs(
  store: Store,
  entry: CacheEntry,
  { verify }: { readonly verify: boolean },
): Promise<CachedOutputs> {
  const outputs: Record<string, ArtifactRecord> = {};
  for (const { output, artifact } of entry.outputs) {
    const record = await findArtifact(store, artifact) as ArtifactRecord | undefined;
    if (record === undefined) {
      return { damage: `artifact ${artifact.slice(0, 8)} is not in the store` };
    }
    for (const { path, hash, size } of record.files) {
      if (!await store.blobs.has(hash, size)) {
        return { damage: `${output}/${path} is missing or has another length` };
      }
      if (verify && await store.blobs.verify(hash) !== "sound") {
        return { damage: `${output}/${path} has other bytes than when it was written` };
      }
    }
    outputs[output] = record;
  }
  return { outputs };
}
