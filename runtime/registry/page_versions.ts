import { selectRows } from "../store/mod.ts";
import type { RegistryReader, VersionChange } from "./find_version.ts";
import { type ModelVersion, selectVersions } from "./model_version.ts";

/** A part of a long list. */
export interface ListPart {
  readonly limit: number;
  readonly offset: number;
}

/** A part of a model's versions, newest first. */
export async function pageVersions(
  { client }: RegistryReader,
  name: string,
  { limit, offset }: ListPart,
): Promise<ModelVersion[]> {
  return await selectVersions(
    client,
    `v.name = ? AND v.version IN (SELECT version FROM model_versions w
       WHERE w.name = ? AND w.stage != 'Deleted_Internal' ORDER BY version DESC LIMIT ? OFFSET ?)`,
    [name, name, limit, offset],
  );
}

/** The version that speaks for each model: its champion, else its newest. */
export async function listShownVersions(
  { client }: RegistryReader,
  name?: string,
): Promise<ModelVersion[]> {
  const one = name === undefined ? "" : "v.name = ? AND ";
  return await selectVersions(
    client,
    `${one}v.version = coalesce(
       (SELECT version FROM model_aliases a WHERE a.name = v.name AND a.alias = 'champion'),
       (SELECT max(version) FROM model_versions w
         WHERE w.name = v.name AND w.stage != 'Deleted_Internal'))`,
    name === undefined ? [] : [name],
  );
}

/** The versions that a run made, of any model. */
export async function versionsOfRun(
  { client }: RegistryReader,
  runId: string,
): Promise<ModelVersion[]> {
  return await selectVersions(client, "v.run_id = ?", [runId]);
}

/** A change, and the version whose state changed; `null` where an alias moved. */
export interface ModelChange extends VersionChange {
  readonly version: number | null;
}

/** What happened to a model last, newest first; what one act changed in the order it was done. */
export async function pageHistory(
  { client }: RegistryReader,
  name: string,
  { limit, offset }: ListPart,
): Promise<ModelChange[]> {
  const changes = await selectRows<ModelChange & { id: number }>(
    client,
    `SELECT * FROM (
       SELECT at, user_id AS user, why, NULL AS alias, version, from_state AS "from",
           to_state AS "to", id FROM state_changes WHERE name = ?
       UNION ALL
       SELECT at, user_id, why, alias, NULL, from_version, to_version, id
         FROM alias_moves WHERE name = ?
     ) ORDER BY at DESC, alias IS NOT NULL, id LIMIT ? OFFSET ?`,
    [name, name, limit, offset],
  );
  return changes.map(({ id: _, ...change }) => change);
}
