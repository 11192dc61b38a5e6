import { ExplainedError } from "../../pipeline/explained_error.ts";
import { didYouMean } from "../../pipeline/nearest_name.ts";
import { selectRows } from "../store/mod.ts";
import { type ModelVersion, selectVersions, type VersionId } from "./model_version.ts";
import { findModel, type ListPart, type RegistryReader } from "./registered_model.ts";

/** Versions of a model, newest first; none when there is no such model. */
export async function listVersions(
  { client }: RegistryReader,
  name: string,
  part: ListPart = {},
): Promise<ModelVersion[]> {
  return await selectVersions(client, "v.name = ?", [name], part);
}

/** The versions that a run made, by model, newest first. */
export async function listVersionsOfRun(
  { client }: RegistryReader,
  runId: string,
): Promise<ModelVersion[]> {
  return await selectVersions(client, "v.run_id = ?", [runId]);
}

/** Of every model the version that speaks for it: its champion, else its newest. */
export async function findSpeakers(
  { client }: RegistryReader,
  names: readonly string[],
): Promise<ReadonlyMap<string, ModelVersion>> {
  const versions = await selectVersions(
    client,
    `(v.name, v.version) IN (SELECT n.value, coalesce(
       (SELECT version FROM model_aliases WHERE name = n.value AND alias = 'champion'),
       (SELECT max(version) FROM model_versions
         WHERE name = n.value AND stage != 'Deleted_Internal')) FROM json_each(?) n)`,
    [JSON.stringify(names)],
  );
  return new Map(versions.map((version) => [version.name, version]));
}

/** Which versions of a model stand out: those with an alias, the newest, and some more. */
export interface OutstandingQuery {
  /** How many of the newest. */
  readonly newest: number;
  /** Versions that are listed, too, where there are such. */
  readonly also?: readonly number[];
}

/** Versions of a model that stand out, newest first. */
export async function listOutstanding(
  { client }: RegistryReader,
  name: string,
  { newest, also = [] }: OutstandingQuery,
): Promise<ModelVersion[]> {
  return await selectVersions(
    client,
    `v.name = ?1 AND v.version IN (
       SELECT version FROM model_aliases WHERE name = ?1
       UNION SELECT value FROM json_each(?3)
       UNION SELECT version FROM (SELECT version FROM model_versions
         WHERE name = ?1 AND stage != 'Deleted_Internal' ORDER BY version DESC LIMIT ?2))`,
    [name, newest, JSON.stringify(also)],
  );
}

/** The version that an alias points at. */
export async function findByAlias(
  { client }: RegistryReader,
  name: string,
  alias: string,
): Promise<ModelVersion | undefined> {
  const [found] = await selectVersions(
    client,
    `v.name = ? AND v.version = (SELECT version FROM model_aliases a
       WHERE a.name = v.name AND a.alias = ?)`,
    [name, alias],
  );
  return found;
}

/** The version in production. */
export function findChampion(
  reader: RegistryReader,
  name: string,
): Promise<ModelVersion | undefined> {
  return findByAlias(reader, name, "champion");
}

/**
 * The version that a person means: `name` (its champion, else its newest), `name@alias` or
 * `name/3`. A model whose whole name is the text wins, so names may hold `@` and `/`.
 *
 * @throws {ExplainedError} `registry/unknown-model`, `registry/unknown-version`,
 * `registry/unknown-alias`.
 */
export async function getVersion(
  reader: RegistryReader,
  reference: string | VersionId,
): Promise<ModelVersion> {
  if (typeof reference === "string") {
    const [newest] = await listVersions(reader, reference, { limit: 1 });
    if (newest !== undefined) return await findChampion(reader, reference) ?? newest;
  }
  const { name, alias, version }: ParsedReference = typeof reference === "string"
    ? parseReference(reference)
    : reference;
  const found = version === undefined
    ? await findByAlias(reader, name, alias ?? "")
    : (await selectVersions(reader.client, "v.name = ? AND v.version = ?", [name, version]))[0];
  if (found !== undefined) return found;
  const model = await findModel(reader, name);
  if (model === undefined || model.versions === 0) throw await unknownModel(reader, name);
  throw version === undefined
    ? unknownAlias(name, alias!, Object.keys(model.aliases))
    : await unknownVersion(reader, name, { version, count: model.versions });
}

/** A model's name with an alias, a version, or neither. */
export interface ParsedReference {
  readonly name: string;
  readonly alias?: string;
  readonly version?: number;
}

/** Takes a reference apart at the last `@`, or at the last `/` when digits follow it. */
export function parseReference(reference: string): ParsedReference {
  const numbered = /^(.+)\/(\d+)$/s.exec(reference);
  if (numbered !== null) return { name: numbered[1]!, version: Number(numbered[2]) };
  const aliased = /^(.+)@([^@]+)$/s.exec(reference);
  if (aliased !== null) return { name: aliased[1]!, alias: aliased[2]! };
  return { name: reference };
}

/** Says that there is no such model, and which one may be meant. */
export async function unknownModel(
  { client }: RegistryReader,
  name: string,
): Promise<ExplainedError> {
  const rows = await selectRows<{ name: string }>(client, "SELECT name FROM registered_models");
  const names = rows.map((model) => model.name);
  return new ExplainedError("registry/unknown-model", {
    what: `Cannot find model "${name}"`,
    why: names.length === 0
      ? "no model is registered yet"
      : `no model with a version has this name${didYouMean(name, names)}`,
    fix: "List the models with `deno task pipeline models list`",
  });
}

/** Versions that are named where one is not there. */
const NAMED = 10;

async function unknownVersion(
  reader: RegistryReader,
  name: string,
  { version, count }: { readonly version: number; readonly count: number },
): Promise<ExplainedError> {
  const newest = (await listVersions(reader, name, { limit: NAMED })).map((each) => each.version);
  return new ExplainedError("registry/unknown-version", {
    what: `Cannot find version ${version} of "${name}"`,
    why: count > NAMED
      ? `it has ${count} versions, the newest are ${newest.join(", ")}`
      : `its versions are ${newest.join(", ")}`,
    fix: "Choose one of them",
  });
}

function unknownAlias(name: string, alias: string, aliases: readonly string[]): ExplainedError {
  return new ExplainedError("registry/unknown-alias", {
    what: `Cannot find alias "${alias}" of "${name}"`,
    why: aliases.length === 0
      ? "it has no aliases"
      : `its aliases are ${aliases.join(", ")}${didYouMean(alias, aliases)}`,
    fix: "Choose one of them, or a version by its number",
  });
}
