import { MODEL_FILES } from "../../pipeline/model.ts";
import { artifactHash } from "../cache/content_hash.ts";
import { MlflowError } from "../search/mod.ts";
import { findArtifact, insertRows, type NewArtifact, type Store } from "../store/mod.ts";

/** A file that the proxy knows. */
export interface SpaceFile {
  /** Relative to what was asked for. */
  readonly path: string;
  /** Content hash. */
  readonly hash: string;
  readonly size: number;
}

/** An entry of a folder. */
export interface SpaceEntry {
  readonly name: string;
  readonly isFolder: boolean;
  /** Bytes of a file. */
  readonly size?: number;
}

/**
 * A place of the artifact proxy. The folder of a run is the run's own virtual folder, `models/<hash>` is a model of
 * the registry, and everything else is kept by its path.
 */
type Place =
  | { readonly kind: "run"; readonly runId: string; readonly path: string }
  | { readonly kind: "artifact"; readonly hash: string; readonly path: string }
  | { readonly kind: "loose"; readonly path: string };

/** The file at a path of the proxy. */
export async function findFile(store: Store, path: string): Promise<SpaceFile | undefined> {
  return (await filesUnder(store, path, { exact: true })).at(-1);
}

/** All files below a path of the proxy. */
export async function listFiles(store: Store, path: string): Promise<readonly SpaceFile[]> {
  return await filesUnder(store, path, { exact: false });
}

/** The entries of a folder of the proxy, by name; none for a file. */
export async function listFolder(store: Store, path: string): Promise<readonly SpaceEntry[]> {
  const entries = new Map<string, SpaceEntry>();
  for (const file of await listFiles(store, path)) {
    const [name, ...rest] = file.path.split("/") as [string, ...string[]];
    const entry = rest.length === 0
      ? { name, isFolder: false, size: file.size }
      : { name, isFolder: true };
    entries.set(name, entry);
  }
  return [...entries.values()].sort((a, b) => a.name < b.name ? -1 : 1);
}

/** Records a file whose bytes were put. @throws {MlflowError} For a place that never changes. */
export async function recordFile(
  store: Store,
  path: string,
  { hash, size }: { readonly hash: string; readonly size: number },
): Promise<void> {
  const place = await placeOf(store, path);
  if (place.kind === "artifact") throw readOnly(path);
  const replace = `ON CONFLICT DO UPDATE SET blob_hash = excluded.blob_hash, size = excluded.size`;
  await store.write((transaction) =>
    place.kind === "run"
      ? insertRows(
        transaction,
        "run_artifacts",
        [{ run_id: place.runId, path: place.path, artifact_hash: null, blob_hash: hash, size }],
        `${replace}, artifact_hash = NULL`,
      )
      : insertRows(
        transaction,
        "proxied_files",
        [{ path: place.path, blob_hash: hash, size }],
        replace,
      )
  );
}

/** Forgets a file, or a folder with all below it. @throws {MlflowError} For a place that never changes. */
export async function removeFiles(store: Store, path: string): Promise<void> {
  const place = await placeOf(store, path);
  if (place.kind === "artifact") throw readOnly(path);
  const table = place.kind === "run" ? "run_artifacts" : "proxied_files";
  const owner = place.kind === "run" ? "run_id = ?" : "?1 IS NOT NULL";
  await store.write((transaction) =>
    transaction.execute({
      sql: `DELETE FROM ${table} WHERE ${owner}
        AND (?2 = '' OR path = ?2 OR substr(path, 1, length(?2) + 1) = ?2 || '/')`
        .replace("run_id = ?", "run_id = ?1"),
      args: [place.kind === "run" ? place.runId : "", place.path],
    })
  );
}

/** The model folder below a path of the proxy, when there is one that can be served. */
export async function findModelFolder(
  store: Store,
  path: string,
): Promise<NewArtifact | undefined> {
  const place = await placeOf(store, path);
  if (place.kind === "artifact" && place.path === "") return await findArtifact(store, place.hash);
  const files = (await listFiles(store, path)).toSorted((a, b) => a.path < b.path ? -1 : 1);
  const has = (name: string): boolean => files.some((file) => file.path === name);
  if (!has(MODEL_FILES.model) || !has(MODEL_FILES.signature)) return undefined;
  return { hash: await artifactHash("model", files), kind: "model", files };
}

async function filesUnder(
  store: Store,
  path: string,
  { exact }: { readonly exact: boolean },
): Promise<readonly SpaceFile[]> {
  const place = await placeOf(store, path);
  const { source, owner } = sourceOf(place);
  const prefix = exact || place.path === "" ? place.path : `${place.path}/`;
  const rows = await store.cells(
    `SELECT path, hash, size FROM (${source}) WHERE ${
      exact ? "path = ?2" : "substr(path, 1, length(?2)) = ?2"
    } ORDER BY path, own`,
    [owner, prefix],
  );
  return rows.map(([found, hash, size]) => ({
    path: (found as string).slice(exact ? 0 : prefix.length),
    hash: hash as string,
    size: size as number,
  }));
}

/** A file that was put at a path hides one of an artifact: it comes last. */
function sourceOf(place: Place): { readonly source: string; readonly owner: string } {
  if (place.kind === "loose") {
    return {
      source: "SELECT path, blob_hash AS hash, size, 1 AS own FROM proxied_files WHERE ?1 = ''",
      owner: "",
    };
  }
  if (place.kind === "artifact") {
    return {
      source: `SELECT path, blob_hash AS hash, size, 1 AS own FROM artifact_files
        WHERE artifact_hash = ?1`,
      owner: place.hash,
    };
  }
  return {
    source: `SELECT r.path || coalesce('/' || f.path, '') AS path,
        coalesce(r.blob_hash, f.blob_hash) AS hash, coalesce(r.size, f.size) AS size,
        r.blob_hash IS NOT NULL AS own
      FROM run_artifacts r LEFT JOIN artifact_files f ON f.artifact_hash = r.artifact_hash
      WHERE r.run_id = ?1 AND (r.blob_hash IS NOT NULL OR f.path IS NOT NULL)`,
    owner: place.runId,
  };
}

async function placeOf(store: Store, path: string): Promise<Place> {
  const model = /^models\/([0-9a-f]{64})(?:\/(.*))?$/s.exec(path);
  if (model !== null) return { kind: "artifact", hash: model[1]!, path: model[2] ?? "" };
  const run = /^(.*?\/)?([a-zA-Z0-9][\w-]*)\/artifacts(?:\/(.*))?$/s.exec(path);
  if (run === null) return { kind: "loose", path };
  const [, before = "", runId, rest = ""] = run;
  const [row] = await store.cells("SELECT artifact_uri FROM runs WHERE run_id = ?", [runId!]);
  const uri = String(row?.[0] ?? "").replace(/^mlflow-artifacts:\/*/, "");
  return uri === `${before}${runId}/artifacts`
    ? { kind: "run", runId: runId!, path: rest }
    : { kind: "loose", path };
}

function readOnly(path: string): MlflowError {
  return new MlflowError(
    "PERMISSION_DENIED",
    `'${path}' is a model of the registry: it is read-only`,
  );
}
