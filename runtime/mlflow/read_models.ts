import { missing, type SqlPart } from "../search/mod.ts";
import type { Cell, Store } from "../store/mod.ts";
import type { KeyValue } from "./run_log.ts";

/** A version of a model as MLflow's protocol writes it. */
export interface WireVersion {
  readonly name: string;
  readonly version: string;
  readonly creation_timestamp: number;
  readonly last_updated_timestamp: number;
  readonly user_id?: string;
  readonly current_stage: string;
  readonly description: string;
  readonly source: string;
  readonly run_id: string;
  readonly run_link: string;
  readonly status: "READY";
  readonly tags?: readonly KeyValue[];
  readonly aliases?: readonly string[];
  readonly model_id?: string;
}

/** A registered model as MLflow's protocol writes it. */
export interface WireModel {
  readonly name: string;
  readonly creation_timestamp: number;
  readonly last_updated_timestamp: number;
  readonly user_id?: string;
  readonly description?: string;
  /** The newest of every stage. */
  readonly latest_versions?: readonly WireVersion[];
  readonly tags?: readonly KeyValue[];
  readonly aliases?: readonly AliasedVersion[];
}

/** An alias, and the version that it points at. */
export interface AliasedVersion {
  readonly alias: string;
  readonly version: string;
}

/** Models by their names, in that order; those that are not there are left out. */
export async function readModels(store: Store, names: readonly string[]): Promise<WireModel[]> {
  const rows = await store.cells(
    `SELECT m.name, m.creation_time, m.last_updated_time, m.user_id, m.description,
       (SELECT json_group_array(json_object('key', key, 'value', value))
         FROM registered_model_tags t WHERE t.name = m.name),
       (SELECT json_group_array(json_object('alias', alias, 'version', CAST(version AS TEXT)))
         FROM model_aliases a WHERE a.name = m.name)
     FROM json_each(?) i JOIN registered_models m ON m.name = i.value ORDER BY i.key`,
    [JSON.stringify(names)],
  );
  const latest = Map.groupBy(await readLatest(store, names), ({ name }) => name);
  return rows.map(([name, created, updated, user, description, tags, aliases]) => ({
    name: name as string,
    creation_timestamp: created as number,
    last_updated_timestamp: updated as number,
    ...filledText("user_id", user),
    ...filledText("description", description),
    ...filledList("latest_versions", latest.get(name as string) ?? []),
    ...filledList("tags", JSON.parse(tags as string) as KeyValue[]),
    ...filledList("aliases", JSON.parse(aliases as string) as AliasedVersion[]),
  }));
}

/** A model. @throws {MlflowError} `RESOURCE_DOES_NOT_EXIST`. */
export async function getModel(store: Store, name: string): Promise<WireModel> {
  const [model] = await readModels(store, [name]);
  if (model === undefined) throw unknownModel(name);
  return model;
}

/** MLflow's words for it. */
export function unknownModel(name: string): Error {
  return missing(`Registered Model with name=${name} not found`);
}

/** MLflow's words for it. */
export function unknownVersion(name: string, version: number): Error {
  return missing(`Model Version (name=${name}, version=${version}) not found`);
}

/** A version with its aliases. @throws {MlflowError} `RESOURCE_DOES_NOT_EXIST`. */
export async function getVersionFacts(
  store: Store,
  name: string,
  version: number,
): Promise<WireVersion> {
  const [found] = await selectFacts(store, {
    sql: "v.name = ? AND v.version = ?",
    args: [name, version],
  });
  if (found === undefined) throw unknownVersion(name, version);
  return found;
}

/** Versions by name and number, in that order, without aliases. */
export async function readVersions(
  store: Store,
  ids: readonly (readonly Cell[])[],
): Promise<WireVersion[]> {
  const found = await selectFacts(store, {
    // Written as a join, each is one look into the primary key; as a pair in a list, all versions of a name are read.
    sql: `v.rowid IN (SELECT w.rowid FROM json_each(?) i CROSS JOIN model_versions w
      ON w.name = json_extract(i.value, '$[0]') AND w.version = json_extract(i.value, '$[1]'))`,
    args: [JSON.stringify(ids)],
  });
  const byId = new Map(found.map((each) => [JSON.stringify([each.name, +each.version]), each]));
  return ids.flatMap((id) => {
    const { aliases: _, ...version } = byId.get(JSON.stringify(id)) ?? {};
    return "name" in version ? [version as WireVersion] : [];
  });
}

/** The newest version of every stage of every model, without aliases. */
export async function readLatest(
  store: Store,
  names: readonly string[],
): Promise<WireVersion[]> {
  const ids = await store.cells(
    `SELECT name, max(version) FROM model_versions
     WHERE stage != 'Deleted_Internal' AND name IN (SELECT value FROM json_each(?))
     GROUP BY name, stage ORDER BY name, max(version)`,
    [JSON.stringify(names)],
  );
  return await readVersions(store, ids);
}

async function selectFacts(store: Store, condition: SqlPart): Promise<WireVersion[]> {
  const rows = await store.cells(
    `SELECT v.name, v.version, v.creation_time, v.last_updated_time, v.user_id, v.stage,
       v.description, v.source, v.run_id, v.run_link, v.model_id,
       (SELECT json_group_array(json_object('key', key, 'value', value)) FROM model_version_tags t
         WHERE t.name = v.name AND t.version = v.version),
       (SELECT json_group_array(alias) FROM (SELECT alias FROM model_aliases a
         WHERE a.name = v.name AND a.version = v.version ORDER BY alias))
     FROM model_versions v WHERE v.stage != 'Deleted_Internal' AND ${condition.sql}`,
    condition.args,
  );
  return rows.map((row) => {
    const [name, version, created, updated, user, stage, description, source] = row;
    const [runId, runLink, modelId, tags, aliases] = row.slice(8);
    return {
      name: name as string,
      version: String(version),
      creation_timestamp: created as number,
      last_updated_timestamp: updated as number,
      ...filledText("user_id", user),
      current_stage: stage as string,
      description: (description ?? "") as string,
      source: source as string,
      run_id: (runId ?? "") as string,
      run_link: (runLink ?? "") as string,
      status: "READY",
      ...filledList("tags", JSON.parse(tags as string) as KeyValue[]),
      ...filledList("aliases", JSON.parse(aliases as string) as string[]),
      ...filledText("model_id", modelId),
    };
  });
}

function filledText<Name extends string>(
  name: Name,
  text: Cell | undefined,
): { readonly [Key in Name]?: string } {
  return typeof text === "string" && text !== ""
    ? { [name]: text } as { readonly [Key in Name]?: string }
    : {};
}

function filledList<Name extends string, Item>(
  name: Name,
  list: readonly Item[],
): { readonly [Key in Name]?: readonly Item[] } {
  return list.length === 0 ? {} : { [name]: list } as { readonly [Key in Name]?: readonly Item[] };
}
