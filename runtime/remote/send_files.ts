import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ExplainedError } from "../../pipeline/explained_error.ts";
import type { ArtifactFile } from "../cache/content_hash.ts";
import type { Store } from "../store/mod.ts";
import type { RemoteRun } from "./remote_run.ts";
import type { RemoteServer } from "./remote_server.ts";

/** Files that belong to a run on the server. */
export interface SentFiles {
  readonly files: readonly ArtifactFile[];
  readonly remote: RemoteRun;
  /** Where among the run's files they go; `""` for the top. */
  readonly folder: string;
}

/**
 * Sends files that are not there yet with their length: through the server, or, where it keeps them in a folder of this machine or of a
 * disk that both see, straight into that folder, as MLflow's own clients do.
 *
 * @throws {ExplainedError} `remote/other-storage` when there is no way to where the server keeps them.
 */
export async function sendFiles(
  store: Store,
  server: RemoteServer,
  sent: SentFiles,
): Promise<void> {
  if (sent.files.length === 0) return;
  const root = [sent.remote.artifactUri, sent.folder].filter((part) => part !== "").join("/");
  const path = /^mlflow-artifacts:\/*([^?#]+)$/.exec(root)?.[1];
  if (path !== undefined) return await sendThrough(store, server, { ...sent, path });
  const folder = localFolder(root);
  if (folder === undefined) throw otherStorage(server, root, "there is no way to it from here");
  await writeInto(folder, store, sent);
  if (!await sees(server, sent)) {
    throw otherStorage(server, root, "which is another folder there than here");
  }
}

async function sendThrough(
  store: Store,
  server: RemoteServer,
  { files, path: base }: SentFiles & { readonly path: string },
): Promise<void> {
  const byFolder = Map.groupBy(files, ({ path }) => path.slice(0, path.lastIndexOf("/") + 1));
  for (const [folder, inside] of byFolder) {
    const there = await sizesIn(server, `${base}/${folder}`.replace(/\/$/, ""));
    for (const { path, hash, size } of inside) {
      if (there.get(path.slice(folder.length)) === size) continue;
      if (await store.blobs.has(hash, size)) {
        await server.put(`${base}/${path}`, store.blobs.pathOf(hash));
      }
    }
  }
}

async function sizesIn(
  server: RemoteServer,
  folder: string,
): Promise<ReadonlyMap<string, number>> {
  const { files = [] } = await server.listFolder(folder);
  return new Map(
    files.map(({ path, file_size }: { path: string; file_size?: number }) => [path, file_size]),
  );
}

/** A folder of this machine; `undefined` when the URI names something else. */
function localFolder(uri: string): string | undefined {
  try {
    return uri.startsWith("/") ? uri : fileURLToPath(uri);
  } catch {
    return undefined; // another scheme, or another host
  }
}

/** A file appears under its name when it is whole. */
async function writeInto(
  folder: string,
  store: Store,
  { files, remote }: SentFiles,
): Promise<void> {
  try {
    for (const { path, hash, size } of files) {
      const file = join(folder, path);
      if (await sizeOf(file) === size || !await store.blobs.has(hash, size)) continue;
      await Deno.mkdir(dirname(file), { recursive: true });
      const part = `${file}.${crypto.randomUUID()}.part`;
      await Deno.copyFile(store.blobs.pathOf(hash), part);
      await Deno.rename(part, file);
    }
  } catch (cause) {
    throw new ExplainedError("remote/other-storage", {
      what: `Cannot write the files of run ${remote.runId}`,
      why: `the server keeps them at ${folder}: ${cause instanceof Error ? cause.message : cause}`,
      fix: "Start the server without --artifact-root: it then takes files itself",
      cause,
    });
  }
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await Deno.stat(path)).size;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Whether the server finds there what was written: a folder of the same name may be another one on its machine. */
async function sees(
  server: RemoteServer,
  { files: [first], remote, folder }: SentFiles,
): Promise<boolean> {
  const path = [folder, first!.path].filter((part) => part !== "").join("/");
  const parent = path.slice(0, Math.max(0, path.lastIndexOf("/")));
  const { files = [] } = await server.get("artifacts/list", {
    run_id: remote.runId,
    ...(parent === "" ? {} : { path: parent }),
  });
  return files.some((file: { path: string }) => file.path === path);
}

function otherStorage(server: RemoteServer, root: string, why: string): ExplainedError {
  return new ExplainedError("remote/other-storage", {
    what: `Cannot send files to ${server.url}`,
    why: `it keeps them at ${root}, ${why}`,
    fix: "Start the server without --artifact-root: it then takes files itself",
  });
}
