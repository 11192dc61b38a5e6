import { relative } from "node:path";
import {
  findModelFolder,
  readInfos,
  unknownRun,
  unknownVersion,
} from "../../runtime/mlflow/mod.ts";
import { getVersion, parseReference } from "../../runtime/registry/mod.ts";
import { invalid, MlflowError } from "../../runtime/search/mod.ts";
import type { NewArtifact, Store } from "../../runtime/store/mod.ts";
import { adoptFolder } from "./adopt_folder.ts";
import { isLocal, localPath, schemeOf, splitUri, unquoteFully } from "./artifact_location.ts";

/** The number of a version. @throws {MlflowError} For what is none. */
export function versionNumber(version: string): number {
  if (/^\d{1,15}$/.test(version)) return Number(version);
  throw invalid(`Model version must be an integer, got '${version}'`);
}

/** Where the files of a version are. @throws {MlflowError} For an unknown version. */
export async function getSource(store: Store, name: string, version: string): Promise<string> {
  const number = versionNumber(version);
  const [row] = await store.cells(
    `SELECT coalesce(storage_location, source) FROM model_versions
     WHERE name = ? AND version = ? AND stage != 'Deleted_Internal'`,
    [name, number],
  );
  if (row === undefined) throw unknownVersion(name, number);
  return row[0] as string;
}

/** Where a new version is said to come from. */
export interface GivenSource {
  readonly source: string;
  readonly runId: string;
  /** Folder below which the server reads its disk. */
  readonly artifactRoot: string | undefined;
}

/** What a version is made of. */
export interface SourceFacts {
  /** Where the bytes are, when the source is another version. */
  readonly storageLocation?: string;
  /** The model folder, when its bytes are in this store. */
  readonly artifact?: NewArtifact;
}

/**
 * Checks the source of a new version, and finds its bytes. A path on the server's disk is taken only inside the
 * folder of the run that it is said to come from, or a client could register, and read, any file.
 *
 * @throws {MlflowError} For a source that leads elsewhere than it says.
 */
export async function readSource(
  store: Store,
  { source, runId, artifactRoot }: GivenSource,
): Promise<SourceFacts> {
  if (isLocal(source)) {
    await checkLocalSource(store, source, runId);
    if (artifactRoot === undefined || !isLocal(artifactRoot)) return {};
    const artifact = await adoptFolder(store, source, artifactRoot);
    return artifact === undefined ? {} : { artifact };
  }
  checkRemoteSource(source);
  const scheme = schemeOf(source);
  const location = scheme === "models" ? await sourceOfModel(store, source) : source;
  const artifact = await findFolder(store, location);
  return {
    ...(scheme === "models" ? { storageLocation: location } : {}),
    ...(artifact === undefined ? {} : { artifact }),
  };
}

async function checkLocalSource(store: Store, source: string, runId: string): Promise<void> {
  const { authority } = splitUri(source);
  if (schemeOf(source) === "file" && authority !== "" && authority !== "localhost") {
    throw new MlflowError("INTERNAL_ERROR", `${source} is not a valid remote uri.`);
  }
  const [info] = runId === "" ? [] : await readInfos(store, [runId]);
  if (runId !== "" && info === undefined) throw unknownRun(runId);
  if (info !== undefined && isLocal(info.artifact_uri)) {
    const way = relative(localPath(info.artifact_uri), localPath(source));
    if (way !== ".." && !way.startsWith("../") && !way.startsWith("/")) return;
  }
  throw invalid(
    `Invalid model version source: '${source}'. To use a local path as a model version source, ` +
      "the run_id request parameter has to be specified and the local path has to be contained " +
      "within the artifact directory of the run specified by the run_id.",
  );
}

function checkRemoteSource(source: string): void {
  const plain = unquoteFully(source);
  const path = splitUri(plain).path.replace(/\/+$/, "").replaceAll(/\/+/g, "/");
  const isPlain = path.startsWith("/") && !path.split("/").some((part) => part === ".");
  if (isPlain && !plain.includes("\0") && !plain.split("/").includes("..")) return;
  throw invalid(
    `Invalid model version source: '${source}'. If supplying a source as an http, https, ` +
      "local file path, ftp, objectstore, or mlflow-artifacts uri, an absolute path must be " +
      "provided without relative path references present. Please provide an absolute path.",
  );
}

/** `models:/name/1`, `models:/name@alias`, and MLflow 3's `models:/m-…`. */
async function sourceOfModel(store: Store, source: string): Promise<string> {
  const reference = splitUri(source).path.replace(/^\//, "");
  const [logged] = await store.cells("SELECT artifact_uri FROM logged_models WHERE model_id = ?", [
    reference,
  ]);
  if (logged !== undefined) return logged[0] as string;
  try {
    const parsed = parseReference(decodeURIComponent(reference));
    const { name, version } = await getVersion(store, parsed as { name: string; version: number });
    return await getSource(store, name, String(version));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw invalid(
      `Unable to fetch model from model URI source artifact location '${source}'. Error: ${why}`,
    );
  }
}

async function findFolder(store: Store, location: string): Promise<NewArtifact | undefined> {
  const path = splitUri(location).path.replace(/^\/+/, "").replace(/\/+$/, "");
  const scheme = schemeOf(location);
  if (scheme === "mlflow-artifacts") return await findModelFolder(store, path);
  if (scheme !== "runs") return undefined;
  const [runId, ...rest] = path.split("/");
  const [info] = await readInfos(store, [runId!]);
  if (info === undefined || schemeOf(info.artifact_uri) !== "mlflow-artifacts") return undefined;
  const root = splitUri(info.artifact_uri).path.replace(/^\/+/, "");
  return await findModelFolder(store, [root, ...rest].join("/"));
}
