import { selectRow, selectRows, type SqlRunner } from "../store/mod.ts";

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

/** Where a reader of the registry looks: a store, or a transaction as `{ client }`. */
export interface RegistryReader {
  readonly client: SqlRunner;
}

/** A part of a list. */
export interface ListPart {
  /** @default all */
  readonly limit?: number;
  /** @default 0 */
  readonly offset?: number;
}

/** Which models are listed, and in what order. */
export interface ModelQuery extends ListPart {
  /** @default "name" */
  readonly order?: "name" | "changed last";
  /** Only models that have this alias. */
  readonly alias?: string;
}

/** Registered models. */
export async function listModels(
  { client }: RegistryReader,
  { order = "name", alias, limit = -1, offset = 0 }: ModelQuery = {},
): Promise<RegisteredModel[]> {
  const having = alias === undefined
    ? ""
    : "WHERE EXISTS (SELECT 1 FROM model_aliases a WHERE a.name = m.name AND a.alias = ?)";
  const by = order === "name" ? "m.name" : "m.last_updated_time DESC, m.name";
  const page = `FROM (SELECT * FROM registered_models m ${having}
    ORDER BY ${by} LIMIT ? OFFSET ?) m ORDER BY ${by}`;
  return await selectModels(client, page, [
    ...(alias === undefined ? [] : [alias]),
    limit,
    offset,
  ]);
}

/** The model of this name. */
export async function findModel(
  { client }: RegistryReader,
  name: string,
): Promise<RegisteredModel | undefined> {
  const [found] = await selectModels(client, "FROM registered_models m WHERE m.name = ?", [name]);
  return found;
}

/** How many models there are. */
export async function countModels({ client }: RegistryReader): Promise<number> {
  const row = await selectRow<{ models: number }>(
    client,
    "SELECT count(*) AS models FROM registered_models",
  );
  return row!.models;
}

async function selectModels(
  on: SqlRunner,
  from: string,
  args: (string | number)[],
): Promise<RegisteredModel[]> {
  const rows = await selectRows<
    Omit<RegisteredModel, "tags" | "aliases"> & { tags: string; aliases: string }
  >(
    on,
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
     ${from}`,
    args,
  );
  return rows.map((row) => (
    { ...row, tags: JSON.parse(row.tags), aliases: JSON.parse(row.aliases) }
  ));
}
