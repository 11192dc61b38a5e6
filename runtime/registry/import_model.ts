import { join } from "node:path";
import { ExplainedError, listProblems } from "../../pipeline/explained_error.ts";
import { MODEL_FILES } from "../../pipeline/model.ts";
import { type ArtifactFile, artifactHash } from "../cache/content_hash.ts";
import { recordArtifacts, type Store } from "../store/mod.ts";
import { registerVersion, type Registration } from "./model_registry.ts";

/**
 * Makes a version out of a model folder on disk. It becomes candidate, and a person decides.
 * The same folder again gives the same version.
 *
 * @throws {ExplainedError} `registry/not-a-model` naming every file that is missing.
 */
export async function importModel(
  store: Store,
  folder: string,
  name: string,
  { user, at }: { readonly user: string; readonly at: number },
): Promise<Registration> {
  const paths = await listFiles(folder);
  const missing = [MODEL_FILES.model, MODEL_FILES.signature].filter((each) =>
    !paths.includes(each)
  );
  if (missing.length > 0) {
    throw new ExplainedError("registry/not-a-model", {
      what: `Cannot import ${folder}`,
      why: listProblems(missing.map((each) => `it has no file ${each}`)),
      fix:
        "Give the folder of a model version, as `deno task pipeline models export` shows its files",
    });
  }
  const files: ArtifactFile[] = [];
  for (const path of paths) {
    const copy = await store.blobs.temporaryPath();
    await Deno.copyFile(join(folder, path), copy);
    files.push({ path, ...await store.blobs.putFile(copy) });
  }
  const hash = await artifactHash("model", files);
  await recordArtifacts(store, [{ hash, kind: "model", files }]);
  return await registerVersion(store, {
    name,
    modelArtifact: hash,
    runId: null,
    metrics: {},
    promote: "approve",
    idempotencyKey: `import:${name}:${hash}`,
    user,
    at,
    why: "imported from a folder",
  });
}

/** Relative paths with `/`, sorted. */
async function listFiles(folder: string, under = ""): Promise<string[]> {
  const paths: string[] = [];
  try {
    for await (const entry of Deno.readDir(join(folder, under))) {
      const path = under + entry.name;
      if (entry.isDirectory) paths.push(...await listFiles(folder, `${path}/`));
      else if (entry.isFile) paths.push(path);
    }
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      throw new ExplainedError("registry/not-a-model", {
        what: `Cannot import ${folder}`,
        why: "there is no such folder",
        fix: "Give the path of a folder with model.onnx and signature.json",
        cause: error,
      });
    }
    throw error;
  }
  return paths.sort();
}
