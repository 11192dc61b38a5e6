import type { Transaction } from "@libsql/client";
import type { ArtifactFile } from "../cache/content_hash.ts";
import type { Store } from "./open_store.ts";
import { insertRows, selectRow, selectRows, type SqlRunner } from "./rows.ts";

/** An immutable value as files in the store. */
export interface NewArtifact {
  /** Content hash of kind and files: see `artifactHash`. */
  readonly hash: string;
  readonly kind: string;
  readonly files: readonly ArtifactFile[];
}

/** An artifact that the store knows; whether its bytes are there, the blobs tell. */
export interface Artifact extends NewArtifact {
  /** Bytes of all its files. */
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

/** A place in the virtual folder of a run: a whole artifact, or one uploaded file. */
export type RunArtifact =
  | { readonly path: string; readonly artifact: string }
  | { readonly path: string; readonly blob: string; readonly size: number };

/** A file in the virtual folder of a run. */
export interface RunFile extends ArtifactFile {
  /** Whether a person or a program put it there, rather than a step. */
  readonly uploaded: boolean;
}

/** The artifact with that content hash. */
export async function findArtifact(
  { client }: { readonly client: SqlRunner },
  hash: string,
): Promise<Artifact | undefined> {
  const row = await selectRow<Omit<Artifact, "files">>(
    client,
    "SELECT hash, kind, size, created_at AS createdAt FROM artifacts WHERE hash = ?",
    [hash],
  );
  if (row === undefined) return undefined;
  const files = await selectRows<ArtifactFile>(
    client,
    `SELECT path, blob_hash AS hash, size FROM artifact_files
     WHERE artifact_hash = ? ORDER BY path`,
    [hash],
  );
  return { ...row, files };
}

/** Keeps the facts of artifacts whose blobs have been put. */
export async function recordArtifacts(
  store: Store,
  artifacts: readonly NewArtifact[],
): Promise<void> {
  await store.write((transaction) => writeArtifacts(transaction, artifacts, Date.now()));
}

/** Puts artifacts or uploaded files into the virtual folder of a run; a path is replaced. */
export async function recordRunArtifacts(
  store: Store,
  runId: string,
  entries: readonly RunArtifact[],
): Promise<void> {
  await store.write((transaction) => writeRunArtifacts(transaction, runId, entries));
}

/** Files of the virtual folder of a run, by path; all of them, unless a part is asked for. */
export async function listRunFiles(
  store: Store,
  runId: string,
  { limit = -1, offset = 0 }: { readonly limit?: number; readonly offset?: number } = {},
): Promise<RunFile[]> {
  return await selectFiles(
    store,
    { sql: "ORDER BY 1 LIMIT ? OFFSET ?", args: [limit, offset] },
    runId,
  );
}

/** The file at a path of the virtual folder of a run. */
export async function findRunFile(
  store: Store,
  runId: string,
  path: string,
): Promise<RunFile | undefined> {
  const parts = path.split("/");
  const folders = parts.map((_, index) => parts.slice(0, index + 1).join("/"));
  const at =
    "AND r.path IN (SELECT value FROM json_each(?)) AND r.path || coalesce('/' || f.path, '') = ?";
  const [found] = await selectFiles(
    store,
    { sql: at, args: [JSON.stringify(folders), path] },
    runId,
  );
  return found;
}

/** How many files the virtual folder of a run has. */
export async function countRunFiles({ client }: Store, runId: string): Promise<number> {
  const row = await selectRow<{ files: number }>(
    client,
    `SELECT count(*) AS files ${FILES}`,
    [runId],
  );
  return row!.files;
}

const FILES = `FROM run_artifacts r LEFT JOIN artifact_files f ON f.artifact_hash = r.artifact_hash
  WHERE r.run_id = ? AND (r.blob_hash IS NOT NULL OR f.path IS NOT NULL)`;

async function selectFiles(
  { client }: Store,
  rest: { readonly sql: string; readonly args: readonly (string | number)[] },
  runId: string,
): Promise<RunFile[]> {
  const rows = await selectRows<ArtifactFile & { uploaded: number }>(
    client,
    `SELECT r.path || coalesce('/' || f.path, '') AS path,
       coalesce(r.blob_hash, f.blob_hash) AS hash, coalesce(r.size, f.size) AS size,
       r.blob_hash IS NOT NULL AS uploaded
     ${FILES} ${rest.sql}`,
    [runId, ...rest.args],
  );
  return rows.map((row) => ({ ...row, uploaded: row.uploaded === 1 }));
}

/** `recordArtifacts` inside a transaction. */
export async function writeArtifacts(
  transaction: Transaction,
  artifacts: readonly NewArtifact[],
  at: number,
): Promise<void> {
  const unique = [...new Map(artifacts.map((artifact) => [artifact.hash, artifact])).values()];
  const rows = unique.map(({ hash, kind, files }) => (
    { hash, kind, size: files.reduce((sum, { size }) => sum + size, 0), created_at: at }
  ));
  await insertRows(transaction, "artifacts", rows, "ON CONFLICT DO NOTHING");
  const files = unique.flatMap(({ hash, files }) =>
    files.map((file) => (
      { artifact_hash: hash, path: file.path, blob_hash: file.hash, size: file.size }
    ))
  );
  await insertRows(transaction, "artifact_files", files, "ON CONFLICT DO NOTHING");
}

/** `recordRunArtifacts` inside a transaction. */
export async function writeRunArtifacts(
  transaction: Transaction,
  runId: string,
  entries: readonly RunArtifact[],
): Promise<void> {
  const rows = entries.map((entry) => ({
    run_id: runId,
    path: entry.path,
    artifact_hash: "artifact" in entry ? entry.artifact : null,
    blob_hash: "blob" in entry ? entry.blob : null,
    size: "blob" in entry ? entry.size : null,
  }));
  await insertRows(
    transaction,
    "run_artifacts",
    rows,
    `ON CONFLICT DO UPDATE SET artifact_hash = excluded.artifact_hash,
     blob_hash = excluded.blob_hash, size = excluded.size`,
  );
}
