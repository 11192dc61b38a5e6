import { join } from "node:path";
import { MODEL_FILES } from "../../pipeline/mod.ts";
import { type ArtifactFile, artifactHash } from "../../runtime/cache/content_hash.ts";
import { MlflowError } from "../../runtime/search/mod.ts";
import type { NewArtifact, Store } from "../../runtime/store/mod.ts";
import { listLocal, localFile } from "./local_folder.ts";

/**
 * Takes a model folder below the artifact root into the store, so that the server can serve it; clients write such folders themselves.
 *
 * @returns `undefined` when it is no folder of a model that can be served, or leads out of the root.
 */
export async function adoptFolder(
  store: Store,
  folder: string,
  artifactRoot: string,
): Promise<NewArtifact | undefined> {
  try {
    return await readFolder(store, folder, artifactRoot);
  } catch (error) {
    // It can be registered all the same; its clients read it themselves.
    if (error instanceof MlflowError && error.code === "PERMISSION_DENIED") return undefined;
    throw error;
  }
}

async function readFolder(
  store: Store,
  folder: string,
  artifactRoot: string,
): Promise<NewArtifact | undefined> {
  const top = await listLocal(await localFile(folder, "", artifactRoot));
  const has = (name: string): boolean =>
    top.some((entry) => !entry.isFolder && entry.name === name);
  if (!has(MODEL_FILES.model) || !has(MODEL_FILES.signature)) return undefined;
  const files: ArtifactFile[] = [];
  for (const path of (await filesBelow(folder, "", artifactRoot)).sort()) {
    const copy = await store.blobs.temporaryPath();
    await Deno.copyFile(await localFile(folder, path, artifactRoot), copy);
    files.push({ path, ...await store.blobs.putFile(copy) });
  }
  return { hash: await artifactHash("model", files), kind: "model", files };
}

async function filesBelow(folder: string, path: string, root: string): Promise<string[]> {
  const entries = await listLocal(await localFile(folder, path, root));
  const below = entries.map(({ name, isFolder }) => {
    const inner = path === "" ? name : join(path, name);
    return isFolder ? filesBelow(folder, inner, root) : [inner];
  });
  return (await Promise.all(below)).flat();
}
