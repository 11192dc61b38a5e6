import { join } from "node:path";
import { ExplainedError } from "../../pipeline/mod.ts";
import { getVersion } from "../../runtime/registry/mod.ts";
import { findArtifact, type Store } from "../../runtime/store/mod.ts";
import { writeNewFile } from "./write_new_file.ts";

/**
 * Writes the files of a model version into a folder; no file is overwritten.
 *
 * @returns Their relative paths.
 * @throws {ExplainedError} `registry/no-bytes` when the store holds no more than its facts.
 */
export async function writeModelFolder(
  store: Store,
  reference: string,
  folder: string,
): Promise<readonly string[]> {
  const { name, version, artifactHash } = await getVersion(store, reference);
  const artifact = artifactHash === null ? undefined : await findArtifact(store, artifactHash);
  if (artifact === undefined) {
    throw new ExplainedError("registry/no-bytes", {
      what: `Cannot export ${name} version ${version}`,
      why: "its bytes are not in this store",
      fix: "Export it where it was made",
    });
  }
  for (const { path, hash } of artifact.files) {
    const bytes = await Deno.readFile(store.blobs.pathOf(hash));
    await writeNewFile(join(folder, path), bytes);
  }
  return artifact.files.map(({ path }) => path);
}
