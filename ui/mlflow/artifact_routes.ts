import { basename, dirname } from "node:path";
import {
  findFile,
  listFolder,
  readInfos,
  recordFile,
  removeFiles,
  unknownRun,
} from "../../runtime/mlflow/mod.ts";
import { invalid, missing, MlflowError } from "../../runtime/search/mod.ts";
import { limitBytes, readBody, tooLarge } from "../api/mod.ts";
import { isLocal, schemeOf, splitUri } from "./artifact_location.ts";
import { text } from "./fields.ts";
import { listLocal, localFile, openLocal } from "./local_folder.ts";
import { type Call, endpoint, type MlflowContext, PROXY, type Routes } from "./route.ts";
import { RUN_ID } from "./run_routes.ts";
import { safePath } from "./safe_path.ts";
import { sendFile } from "./send_file.ts";
import { getSource } from "./version_source.ts";

/** Most bytes of a file that a page uploads. */
const MOST_BYTES = 10 * 1024 * 1024;

const noParts = (): Promise<object> => {
  throw new MlflowError("NOT_IMPLEMENTED", "Multipart uploads are not implemented: use PUT");
};

/** `artifacts/list`, the proxy below `mlflow-artifacts/`, and what pages ask for. */
export const artifactRoutes: Routes = {
  "GET artifacts/list": endpoint(
    { ...RUN_ID, path: text, page_token: text },
    async ({ run_id, path: asked = "" }, context) => {
      const path = safePath(asked);
      const { artifact_uri: root } = await getInfo(run_id, context);
      const entries = await entriesOf(root, path, context);
      const files = entries.map(({ name, isFolder, size }) => ({
        path: path === "" ? name : `${path}/${name}`,
        is_dir: isFolder,
        ...(size === undefined ? {} : { file_size: size }),
      }));
      return { root_uri: root, ...(files.length === 0 ? {} : { files }) };
    },
  ),
  "GET mlflow-artifacts/artifacts": endpoint({ path: text }, async ({ path = "" }, { store }) => {
    const entries = await listFolder(store, safePath(path));
    const files = entries.map(({ name, isFolder, size }) => (
      { path: name, is_dir: isFolder, ...(size === undefined ? {} : { file_size: size }) }
    ));
    return files.length === 0 ? {} : { files };
  }),
  "GET mlflow-artifacts/artifacts/*": async ({ rest }, { store }) =>
    await sendProxied(safePath(rest), store),
  "PUT mlflow-artifacts/artifacts/*": async (
    { rest, request },
    { store, uploadLimit = Infinity },
  ) => {
    const path = safePath(rest);
    if (path === "") throw invalid("Invalid path");
    await recordFile(store, path, await keepBody(request, store, uploadLimit));
    return {};
  },
  "DELETE mlflow-artifacts/artifacts/*": async ({ rest }, { store }) => {
    await removeFiles(store, safePath(rest));
    return {};
  },
  "POST mlflow-artifacts/mpu/create/*": noParts,
  "POST mlflow-artifacts/mpu/complete/*": noParts,
  "POST mlflow-artifacts/mpu/abort/*": noParts,
  "POST upload-artifact": async (call, context) => {
    const run = call.url.searchParams.get("run_uuid") ?? "";
    if (run === "") throw invalid("Request must specify run_uuid.");
    const asked = call.url.searchParams.get("path") ?? "";
    if (asked === "") throw invalid("Request must specify path.");
    const path = safePath(asked);
    const length = Number(call.request.headers.get("content-length") ?? 0);
    if (length > MOST_BYTES) throw invalid("Artifact size is too large. Max size is 10MB.");
    const bytes = await readBody(call.request, MOST_BYTES);
    if (bytes.length === 0) throw invalid("Request must specify data.");
    const { artifact_uri: root } = await getInfo(run, context);
    await putBytes(root, path, bytes, context);
    return {};
  },
};

/** `/get-artifact` and `/model-versions/get-artifact`, outside of the API. */
export const pageRoutes: Routes = {
  "GET get-artifact": async ({ url }, context) => {
    const path = askedPath(url);
    const run = url.searchParams.get("run_id") ?? url.searchParams.get("run_uuid") ?? "";
    const { artifact_uri: root } = await getInfo(run, context);
    return await send(root, path, context);
  },
  "GET model-versions/get-artifact": async (call, context) => {
    const path = askedPath(call.url);
    const { searchParams: asked } = call.url;
    const source = await getSource(
      context.store,
      asked.get("name") ?? "",
      asked.get("version") ?? "",
    );
    return await send(source, path, context);
  },
};

function askedPath(url: URL): string {
  const path = safePath(url.searchParams.get("path") ?? "");
  if (path === "") throw invalid("Request must specify path.");
  return path;
}

async function getInfo(runId: string, { store }: MlflowContext) {
  const [info] = await readInfos(store, [runId]);
  if (info === undefined) throw unknownRun(runId);
  return info;
}

/** The path that a URI of the proxy means. */
function proxiedPath(root: string, path: string): string {
  return safePath(`${splitUri(root).path.replace(/^\/+/, "")}/${path}`);
}

function refuseElsewhere(root: string): void {
  if (isLocal(root) || schemeOf(root) === schemeOf(PROXY)) return;
  throw new MlflowError(
    "NOT_IMPLEMENTED",
    `The server does not speak to '${schemeOf(root)}' storage: clients go there themselves`,
  );
}

/** The entries of a folder below a root. @throws {MlflowError} For a root that only clients can reach. */
export async function entriesOf(root: string, path: string, context: MlflowContext) {
  refuseElsewhere(root);
  if (!isLocal(root)) return await listFolder(context.store, proxiedPath(root, path));
  return await listLocal(await localFile(root, path, context.artifactRoot ?? PROXY));
}

async function send(root: string, path: string, context: MlflowContext): Promise<Response> {
  refuseElsewhere(root);
  if (!isLocal(root)) return await sendProxied(proxiedPath(root, path), context.store);
  const { file, size } = await openLocal(
    await localFile(root, path, context.artifactRoot ?? PROXY),
  );
  return sendFile(file, basename(path), size);
}

async function sendProxied(path: string, store: MlflowContext["store"]): Promise<Response> {
  const found = await findFile(store, path);
  if (found === undefined) throw missing(`No such artifact: '${path}'`);
  // What stands in the place of the bytes without being them, a link that leads out of the store, is not sent.
  const isThere = await store.blobs.has(found.hash, found.size);
  if (!isThere) throw missing(`The bytes of '${path}' are gone`);
  const file = await Deno.open(store.blobs.pathOf(found.hash));
  return sendFile(file, basename(path), found.size);
}

async function putBytes(
  root: string,
  path: string,
  bytes: Uint8Array<ArrayBuffer>,
  context: MlflowContext,
): Promise<void> {
  refuseElsewhere(root);
  if (!isLocal(root)) {
    const blob = await context.store.blobs.put(bytes);
    return await recordFile(context.store, proxiedPath(root, path), blob);
  }
  const file = await localFile(root, path, context.artifactRoot ?? PROXY);
  await Deno.mkdir(dirname(file), { recursive: true });
  await Deno.writeFile(file, bytes);
}

/** Streams a body to the disk, as far as the limit. @throws {RequestError} 413 for a longer one. */
async function keepBody(
  request: Call["request"],
  store: MlflowContext["store"],
  most: number,
): Promise<{ readonly hash: string; readonly size: number }> {
  if (Number(request.headers.get("content-length") ?? 0) > most) throw tooLarge(most);
  const path = await store.blobs.temporaryPath();
  try {
    const file = await Deno.open(path, { write: true, createNew: true });
    if (request.body === null) file.close();
    else await request.body.pipeThrough(limitBytes(most)).pipeTo(file.writable);
  } catch (error) {
    await Deno.remove(path).catch(() => {});
    throw error;
  }
  return await store.blobs.putFile(path);
}
