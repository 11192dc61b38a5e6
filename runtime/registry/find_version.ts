import { ExplainedError } from "../../pipeline/explained_error.ts";
import { didYouMean } from "../../pipeline/nearest_name.ts";
import { selectRows, type SqlRunner } from "../store/mod.ts";
import { type ModelVersion, selectVersions, type VersionId } from "./model_version.ts";

/** A registered model. Times are milliseconds since 1970. */
export interface RegisteredModel {
  readonly name: string;
  readonly description: string;
  readonly tags: Readonly<Record<string, string>>;
  /** Alias to version. */
  readonly aliases: Readonly<Record<string, number>>;
  /** How many versions it has. */
  readonly versions: number;
  readonly latestVersion: number | null;
  readonly creationTime: number;
  readonly lastUpdatedTime: number;
}

/** Something that happened to a version: an alias came or went, or its state changed. */
export interface VersionChange {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly user: string;
  readonly why: string;
  /** The alias that moved; `null` for a change of state. */
  readonly alias: string | null;
  /** Version (of an alias) or state before; `null`: none. */
  readonly from: number | string | null;
  /** Version (of an alias) or state after; `null`: none. */
  readonly to: number | string | null;
}

/** Where a reader of the registry looks: a store, or a transaction as `{ client }`. */
export interface RegistryReader {
  readonly client: SqlRunner;
}

/** All registered models, by name. */
export async function listModels({ client }: RegistryReader): Promise<RegisteredModel[]> {
  const rows = await selectRows<
    Omit<RegisteredModel, "tags" | "aliases"> & { tags: string; aliases: string }
  >(
    client,
    `SELECT m.name, m.description, m.creation_time AS creationTime,
       m.last_updated_time AS lastUpdatedTime,
       (SELECT count(*) FROM model_versions v
         WHERE v.name = m.name AND v.stage != 'Deleted_Internal') AS versions,
       (SELECT max(version) FROM model_versions v
         WHERE v.name = m.name AND v.stage != 'Deleted_Internal') AS latestVersion,
       (SELECT json_group_object(key, value) FROM registered_model_tags t
         WHERE t.name = m.name) AS tags,
       (SELECT json_group_object(alias, version) FROM model_aliases a
         WHERE a.name = m.name) AS aliases
     FROM registered_models m ORDER BY m.name`,
  );
  return rows.map((row) => (
    { ...row, tags: JSON.parse(row.tags), aliases: JSON.parse(row.aliases) }
  ));
}

/** The versions of a model, newest first; none when there is no such model. */
export async function listVersions(
  { client }: RegistryReader,
  name: string,
): Promise<ModelVersion[]> {
  return await selectVersions(client, "v.name = ?", [name]);
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
    const [newest] = await listVersions(reader, reference);
    if (newest !== undefined) return await findChampion(reader, reference) ?? newest;
  }
  const { name, alias, version }: ParsedReference = typeof reference === "string"
    ? parseReference(reference)
    : reference;
  const versions = await listVersions(reader, name);
  if (versions.length === 0) throw await unknownModel(reader, name);
  const found = version === undefined
    ? versions.find(({ aliases }) => aliases.includes(alias!))
    : versions.find((each) => each.version === version);
  if (found !== undefined) return found;
  throw version === undefined
    ? unknownAlias(name, alias!, versions)
    : new ExplainedError("registry/unknown-version", {
      what: `Cannot find version ${version} of "${name}"`,
      why: `its versions are ${versions.map((each) => each.version).join(", ")}`,
      fix: "Choose one of them",
    });
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

/** What happened to a version, or to all versions of a model, oldest first. */
export async function versionHistory(
  { client }: RegistryReader,
  name: string,
  version?: number,
): Promise<VersionChange[]> {
  const one = version === undefined ? "" : "AND ? IN (from_version, to_version)";
  const args = version === undefined ? [name] : [name, version];
  const changes = await selectRows<VersionChange & { id: number }>(
    client,
    `SELECT * FROM (
       SELECT at, user_id AS user, why, alias, from_version AS "from", to_version AS "to", id
         FROM alias_moves WHERE name = ? ${one}
       UNION ALL
       SELECT at, user_id, why, NULL, from_state, to_state, id FROM state_changes
         WHERE name = ? ${version === undefined ? "" : "AND version = ?"}
     ) ORDER BY at, alias IS NOT NULL, id`,
    [...args, ...args],
  );
  return changes.map(({ id: _, ...change }) => change);
}

/** Says that there is no such model, and which one may be meant. */
export async function unknownModel(
  reader: RegistryReader,
  name: string,
): Promise<ExplainedError> {
  const names = (await listModels(reader)).map((model) => model.name);
  return new ExplainedError("registry/unknown-model", {
    what: `Cannot find model "${name}"`,
    why: names.length === 0
      ? "no model is registered yet"
      : `no model with a version has this name${didYouMean(name, names)}`,
    fix: "List the models with `deno task pipeline models list`",
  });
}

function unknownAlias(
  name: string,
  alias: string,
  versions: readonly ModelVersion[],
): ExplainedError {
  const aliases = versions.flatMap(({ aliases }) => aliases);
  return new ExplainedError("registry/unknown-alias", {
    what: `Cannot find alias "${alias}" of "${name}"`,
    why: aliases.length === 0
      ? "it has no aliases"
      : `its aliases are ${aliases.join(", ")}${didYouMean(alias, aliases)}`,
    fix: "Choose one of them, or a version by its number",
  });
}
