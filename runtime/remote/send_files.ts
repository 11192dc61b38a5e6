import { ExplainedError } from "../../pipeline/explained_error.ts";
import type { ArtifactFile } from "../cache/content_hash.ts";
import type { Store } from "../store/mod.ts";
import type { RemoteServer } from "./remote_server.ts";

/** Sends files that are not there yet with their length. @param root `mlflow-artifacts:/…` */
export async function sendFiles(
  store: Store,
  server: RemoteServer,
  { files, root }: { readonly files: readonly ArtifactFile[]; readonly root: string },
): Promise<void> {
  const base = proxyPath(server, root);
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

/** The path below the proxy of a place on the server. */
export function proxyPath(server: RemoteServer, root: string): string {
  const path = /^mlflow-artifacts:\/*([^?#]+)$/.exec(root)?.[1];
  if (path !== undefined) return path;
  throw new ExplainedError("remote/other-storage", {
    what: `Cannot send files to ${server.url}`,
    why: `it keeps them at ${root}, where only programs on its own machine get`,
    fix: "Start the server without --artifact-root",
  });
}
