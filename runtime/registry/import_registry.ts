import type { Transaction } from "@libsql/client";
import { ExplainedError, listProblems } from "../../pipeline/explained_error.ts";
import { artifactHash } from "../cache/content_hash.ts";
import { Blobs, insertRows, selectRows, type Store, writeArtifacts } from "../store/mod.ts";
import { listModels } from "./find_version.ts";
import { modelSource } from "./model_registry.ts";
import type { RegistryDocument } from "./registry_document.ts";

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
  const { parseRegistryDocument } = await import("./registry_document.ts"); // brings zod
  const { models } = parseRegistryDocument(json);
  await checkNew(store, models);
  await checkContent(models);
  if (options.blobs !== undefined) await copyBlobs(store, models, new Blobs(options.blobs));
  const versions = models.flatMap(({ name, versions }) =>
    versions.map((version) => ({ ...version, name }))
  );
  const withoutBytes: string[] = [];
  for (const { name, version, artifact } of versions) {
    const there = artifact?.files.map(({ hash, size }) => store.blobs.has(hash, size)) ?? [];
    const complete = artifact !== null && (await Promise.all(there)).every(Boolean);
    if (!complete) withoutBytes.push(`${name}/${version}`);
  }
  await store.write(async (transaction) => {
    const rows = await selectRows<{ key: string }>(
      transaction,
      "SELECT idempotency_key AS key FROM model_versions WHERE idempotency_key IS NOT NULL",
    );
    const taken = new Set(rows.map(({ key }) => key));
    for (const model of models) await writeModel(transaction, model, taken);
  });
  return { models: models.length, versions: versions.length, withoutBytes };
}

type ExportedModel = RegistryDocument["models"][number];

async function checkNew(store: Store, models: readonly ExportedModel[]): Promise<void> {
  const known = new Set((await listModels(store)).map(({ name }) => name));
  const taken = models.filter(({ name }) => known.has(name));
  if (taken.length === 0) return;
  throw new ExplainedError("registry/model-exists", {
    what: "Cannot import the registry",
    why: listProblems(taken.map(({ name }) => `this store has a model "${name}" already`)),
    fix: "Import into an empty store, or take these models out of the file",
  });
}

async function checkContent(models: readonly ExportedModel[]): Promise<void> {
  const problems = (await Promise.all(models.map(problemsOf))).flat();
  const names = Map.groupBy(models, ({ name }) => name);
  for (const [name, { length }] of names) {
    if (length > 1) problems.push(`model "${name}" is there ${length} times`);
  }
  if (problems.length === 0) return;
  throw new ExplainedError("registry/bad-document", {
    what: "Cannot import the registry",
    why: listProblems(problems),
    fix: "Give a file that `deno task pipeline models export` wrote",
  });
}

async function problemsOf({ name, versions, aliases }: ExportedModel): Promise<string[]> {
  const problems: string[] = [];
  for (const [version, { length }] of Map.groupBy(versions, (each) => each.version)) {
    if (length > 1) problems.push(`${name}/${version} is there ${length} times`);
  }
  for (const [alias, version] of Object.entries(aliases)) {
    if (versions.some((each) => each.version === version)) continue;
    problems.push(`${name}@${alias} points at version ${version}, which is not there`);
  }
  for (const { version, artifact } of versions) {
    // A wrong hash would let other bytes pass for the model.
    const sound = artifact === null ||
      await artifactHash(artifact.kind, artifact.files) === artifact.hash;
    if (!sound) problems.push(`${name}/${version}: the artifact's hash is not that of its files`);
  }
  return problems;
}

async function copyBlobs(
  store: Store,
  models: readonly ExportedModel[],
  from: Blobs,
): Promise<void> {
  const files = models.flatMap(({ versions }) =>
    versions.flatMap(({ artifact }) => artifact?.files ?? [])
  );
  for (const { hash, size } of new Map(files.map((file) => [file.hash, file])).values()) {
    if (await store.blobs.has(hash, size) || await from.verify(hash) !== "sound") continue;
    const path = await store.blobs.temporaryPath();
    await Deno.copyFile(from.pathOf(hash), path);
    await store.blobs.putFile(path);
  }
}

/** @param taken Idempotency keys in use: each can stand for one version. */
async function writeModel(
  transaction: Transaction,
  model: ExportedModel,
  taken: Set<string | null>,
): Promise<void> {
  const { name } = model;
  await insertRows(transaction, "registered_models", [{
    name,
    description: model.description,
    creation_time: model.creationTime,
    last_updated_time: model.lastUpdatedTime,
  }]);
  await insertRows(transaction, "registered_model_tags", tagRows({ name }, model.tags));
  for (const version of model.versions) {
    const id = { name, version: version.version };
    if (version.artifact !== null) {
      await writeArtifacts(transaction, [version.artifact], version.creationTime);
    }
    await insertRows(transaction, "model_versions", [{
      ...id,
      creation_time: version.creationTime,
      last_updated_time: version.lastUpdatedTime,
      user_id: version.userId,
      description: version.description,
      stage: version.stage,
      state: version.state,
      source: version.artifact === null ? version.source : modelSource(version.artifact.hash),
      artifact_hash: version.artifact?.hash ?? null,
      run_id: version.runId,
      run_link: version.runLink,
      metrics: JSON.stringify(version.metrics),
      verdict: version.verdict === null ? null : JSON.stringify(version.verdict),
      idempotency_key: taken.has(version.idempotencyKey) ? null : version.idempotencyKey,
    }]);
    taken.add(version.idempotencyKey);
    await insertRows(transaction, "model_version_tags", tagRows(id, version.tags));
  }
  await writeHistory(transaction, model);
}

async function writeHistory(transaction: Transaction, model: ExportedModel): Promise<void> {
  const { name, aliases, aliasMoves, stateChanges } = model;
  const entries = Object.entries(aliases);
  await insertRows(
    transaction,
    "model_aliases",
    entries.map(([alias, version]) => ({ name, alias, version })),
  );
  await insertRows(
    transaction,
    "alias_moves",
    aliasMoves.map(({ alias, from, to, at, user, why, isRollback }) => ({
      name,
      alias,
      from_version: from,
      to_version: to,
      at,
      user_id: user,
      why,
      is_rollback: isRollback,
    })),
  );
  await insertRows(
    transaction,
    "state_changes",
    stateChanges.map(({ version, from, to, at, user, why }) => (
      { name, version, from_state: from, to_state: to, at, user_id: user, why }
    )),
  );
}

function tagRows<Id extends Record<string, string | number>>(
  id: Id,
  tags: Readonly<Record<string, string>>,
): (Id & { key: string; value: string })[] {
  return Object.entries(tags).map(([key, value]) => ({ ...id, key, value }));
}
