import { selectRow, selectRows } from "../store/mod.ts";
import type { ListPart, RegistryReader } from "./registered_model.ts";

/** Something that happened to a version: an alias came or went, or its state changed. */
export interface VersionChange {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly user: string;
  readonly why: string;
  /** The alias that moved; `null` for a change of state. */
  readonly alias: string | null;
  /** The version whose state changed; `null` for an alias. */
  readonly version: number | null;
  /** Version (of an alias) or state before; `null`: none. */
  readonly from: number | string | null;
  /** Version (of an alias) or state after; `null`: none. */
  readonly to: number | string | null;
}

/**
 * What happened to a model's versions, or to one of them: the newest first, and what happened at one moment in the order
 * it was done.
 */
export async function versionHistory(
  { client }: RegistryReader,
  name: string,
  { version, limit = -1, offset = 0 }: ListPart & { readonly version?: number } = {},
): Promise<VersionChange[]> {
  const [moved, changed] = version === undefined
    ? ["", ""]
    : ["AND ?2 IN (from_version, to_version)", "AND version = ?2"];
  // Each half gives no more than the page can need, so that its index ends it early.
  const most = "ORDER BY at DESC, id LIMIT iif(?3 < 0, -1, ?3 + ?4)";
  const rows = await selectRows<VersionChange & { id: number }>(
    client,
    `SELECT * FROM (
       SELECT * FROM (SELECT at, user_id AS user, why, alias, NULL AS version,
           from_version AS "from", to_version AS "to", id
         FROM alias_moves WHERE name = ?1 ${moved} ${most})
       UNION ALL
       SELECT * FROM (SELECT at, user_id, why, NULL, version, from_state, to_state, id
         FROM state_changes WHERE name = ?1 ${changed} ${most})
     ) ORDER BY at DESC, alias IS NOT NULL, id LIMIT ?3 OFFSET ?4`,
    [name, version ?? null, limit, offset],
  );
  return rows.map(({ id: _, ...change }) => change);
}

/** How many changes `versionHistory` has of a model. */
export async function countChanges({ client }: RegistryReader, name: string): Promise<number> {
  const row = await selectRow<{ changes: number }>(
    client,
    `SELECT (SELECT count(*) FROM alias_moves WHERE name = ?1) +
       (SELECT count(*) FROM state_changes WHERE name = ?1) AS changes`,
    [name],
  );
  return row!.changes;
}

/** Whether a model had a champion before the present one, so that `rollback` has somewhere to go. */
export async function hadOtherChampion(
  { client }: RegistryReader,
  name: string,
): Promise<boolean> {
  const rows = await selectRows(
    client,
    `SELECT 1 FROM alias_moves WHERE name = ? AND alias = 'champion' AND to_version IS NOT NULL
     LIMIT 2`,
    [name],
  );
  return rows.length === 2;
}
