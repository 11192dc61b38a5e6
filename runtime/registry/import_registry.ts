import { ExplainedError, listProblems } from "../../pipeline/explained_error.ts";
import { artifactHash } from "../cache/content_hash.ts";
import { Blobs, insertRows, selectRows, type Store } from "../store/mod.ts";
import { REGISTRY_TABLES, type RegistryDocument } from "./export_registry.ts";
import { listModels } from "./registered_model.ts";

/** What an import brought. */
export interface RegistryImport {
  readonly models: number;
  readonly versions: number;
  /** `name/version` of those whose bytes are not in this store: they cannot predict here. */
  readonly withoutBytes: readonly string[];
}

/**
 * Adds the models of an exported registry, with aliases and history, all or none.
 *
 * @param options.blobs Folder of the store it was exported from: the models' bytes are copied.
 * @throws {ExplainedError} `registry/bad-document`, `registry/model-exists` naming every one.
 */
export async function importRegistry(
  store: Store,
  json: unknown,
  options: { readonly blobs?: string } = {},
): Promise<RegistryImport> {
  const document = await parseDocument(store, json);
  await refuseKnownModels(store, document);
  if (options.blobs !== undefined) await copyBlobs(store, document, new Blobs(options.blobs));
  await writeDocument(store, document);
  const withoutBytes: string[] = [];
  for (const { name, version, artifact_hash } of document.model_versions) {
    const files = document.artifact_files.filter((file) => file.artifact_hash === artifact_hash);
    const there = files.map(({ blob_hash, size }) =>
      store.blobs.has(String(blob_hash), Number(size))
    );
    const complete = files.length > 0 && (await Promise.all(there)).every(Boolean);
    if (!complete) withoutBytes.push(`${name}/${version}`);
  }
  const { registered_models: models, model_versions: versions } = document;
  return { models: models.length, versions: versions.length, withoutBytes };
}

async function parseDocument(store: Store, json: unknown): Promise<RegistryDocument> {
  const document = (json ?? {}) as Readonly<Record<string, unknown>>;
  if (document.format !== "hanok-registry/1") {
    throw badDocument([`format is ${JSON.stringify(document.format)}, not "hanok-registry/1"`]);
  }
  const problems: string[] = [];
  for (const table of REGISTRY_TABLES) {
    const rows = document[table];
    if (!Array.isArray(rows)) problems.push(`${table} is no list`);
    else problems.push(...await rowProblems(store, table, rows));
  }
  if (problems.length > 0) throw badDocument(problems);
  const parsed = document as unknown as RegistryDocument;
  const forged = await forgedArtifacts(parsed);
  if (forged.length > 0) throw badDocument(forged);
  return parsed;
}

/** What is wrong with rows, measured by the columns of their table. */
async function rowProblems(store: Store, table: string, rows: unknown[]): Promise<string[]> {
  const columns = await selectRows<{ name: string; type: string; notnull: number }>(
    store.client,
    `SELECT name, lower(type) AS type, "notnull" FROM pragma_table_info(?)`,
    [table],
  );
  const known = new Set(columns.map(({ name }) => name));
  return rows.flatMap((row, index) => {
    const where = `${table}[${index}]`;
    if (typeof row !== "object" || row === null) return [`${where} is no object`];
    const unknown = Object.keys(row).filter((name) => !known.has(name));
    const wrong = columns.filter(({ name, type, notnull }) => {
      const value: unknown = (row as Record<string, unknown>)[name];
      if (value === null) return notnull === 1;
      return type === "integer" ? !Number.isSafeInteger(value) : typeof value !== "string";
    });
    return [
      ...unknown.map((name) => `${where}: unknown key "${name}"`),
      ...wrong.map(({ name, type }) => `${where}: ${name} must be ${type}`),
    ];
  });
}

/** A wrong hash in the document would let other bytes pass for the model. */
async function forgedArtifacts(document: RegistryDocument): Promise<string[]> {
  const problems: string[] = [];
  const filesOf = Map.groupBy(document.artifact_files, ({ artifact_hash }) => artifact_hash);
  for (const { hash, kind } of document.artifacts) {
    const files = (filesOf.get(hash ?? null) ?? []).map(({ path, blob_hash, size }) => (
      { path: String(path), hash: String(blob_hash), size: Number(size) }
    ));
    const named = files.every((file) => /^[0-9a-f]{64}$/.test(file.hash));
    if (named && await artifactHash(String(kind), files) === hash) continue;
    problems.push(`artifact ${hash}: this is not the hash of its files`);
  }
  return problems;
}

async function refuseKnownModels(store: Store, document: RegistryDocument): Promise<void> {
  const known = new Set((await listModels(store)).map(({ name }) => name));
  const taken = document.registered_models.filter(({ name }) => known.has(String(name)));
  if (taken.length === 0) return;
  throw new ExplainedError("registry/model-exists", {
    what: "Cannot import the registry",
    why: listProblems(taken.map(({ name }) => `this store has a model "${name}" already`)),
    fix: "Import into an empty store, or take these models out of the file",
  });
}

async function copyBlobs(store: Store, document: RegistryDocument, from: Blobs): Promise<void> {
  const sizes = new Map(document.artifact_files.map((file) => [String(file.blob_hash), file.size]));
  for (const [hash, size] of sizes) {
    if (await store.blobs.has(hash, Number(size)) || await from.verify(hash) !== "sound") continue;
    const path = await store.blobs.temporaryPath();
    await Deno.copyFile(from.pathOf(hash), path);
    await store.blobs.putFile(path);
  }
}

async function writeDocument(store: Store, document: RegistryDocument): Promise<void> {
  const shared = new Set(["artifacts", "artifact_files"]); // two stores may hold equal ones
  try {
    await store.write(async (transaction) => {
      for (const table of REGISTRY_TABLES) {
        const rows = document[table].map(({ id: _, ...row }) => row); // ids count anew
        const conflict = shared.has(table) ? "ON CONFLICT DO NOTHING" : "";
        await insertRows(transaction, table, rows, conflict);
      }
    });
  } catch (error) {
    const broken = error instanceof Error && "code" in error && error.code === "SQLITE_CONSTRAINT";
    if (!broken) throw error;
    throw badDocument([`its rows contradict each other or this store (${error.message})`], error);
  }
}

function badDocument(problems: readonly string[], cause?: unknown): ExplainedError {
  return new ExplainedError("registry/bad-document", {
    what: "Cannot import the registry",
    why: listProblems(problems),
    fix: "Give a file that `deno task pipeline models export` wrote",
    cause,
  });
}
