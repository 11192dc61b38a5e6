import type { Transaction } from "@libsql/client";
import { ExplainedError } from "../../pipeline/explained_error.ts";
import { insertRows, selectRow, selectRows, type Store } from "../store/mod.ts";
import { findByAlias, getVersion, listVersions, unknownModel } from "./find_version.ts";
import {
  type ModelVersion,
  selectVersions,
  type VersionId,
  type VersionState,
} from "./model_version.ts";
import type { RegistryReader } from "./registered_model.ts";

/** Who does something, why and when: a row in the history. */
export interface Act {
  readonly user: string;
  readonly why: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/**
 * Lets an alias point at a version. A new champion is approved, the one it replaces is archived.
 *
 * @throws {ExplainedError} `registry/bad-alias`, `registry/rejected-version`, or that the version
 * is unknown.
 */
export async function moveAlias(
  store: Store,
  id: VersionId,
  alias: string,
  act: Act,
): Promise<ModelVersion> {
  checkAlias(alias);
  return await changeVersion(
    store,
    id,
    (transaction, version) => writeAlias(transaction, version, alias, act),
  );
}

/** Takes an alias away; returns whether it was there. */
export async function deleteAlias(
  store: Store,
  name: string,
  alias: string,
  act: Act,
): Promise<boolean> {
  return await store.write((transaction) => removeAlias(transaction, name, alias, act));
}

/** A person says yes: the version becomes champion. */
export async function approve(store: Store, id: VersionId, act: Act): Promise<ModelVersion> {
  return await changeVersion(store, id, async (transaction, version) => {
    if (version.state !== "approved") await writeState(transaction, version, "approved", act);
    await writeAlias(transaction, { ...version, state: "approved" }, "champion", act);
  });
}

/**
 * A person says no: the version cannot become champion, and is no candidate any more.
 *
 * @throws {ExplainedError} `registry/is-champion`.
 */
export async function reject(store: Store, id: VersionId, act: Act): Promise<ModelVersion> {
  return await retire(store, id, "rejected", act);
}

/**
 * Puts a version away.
 *
 * @throws {ExplainedError} `registry/is-champion`.
 */
export async function archive(store: Store, id: VersionId, act: Act): Promise<ModelVersion> {
  return await retire(store, id, "archived", act);
}

/**
 * Brings the previous champion back; the present one is archived. Asked again, it goes further back.
 *
 * @throws {ExplainedError} `registry/no-earlier-champion`.
 */
export async function rollback(store: Store, name: string, act: Act): Promise<ModelVersion> {
  return await store.write(async (transaction) => {
    const reader = { client: transaction };
    const current = await findByAlias(reader, name, "champion");
    const moves = await selectRows<ChampionMove>(
      transaction,
      `SELECT to_version AS "to", is_rollback AS isRollback FROM alias_moves
       WHERE name = ? AND alias = 'champion' ORDER BY id`,
      [name],
    );
    const [newest] = await listVersions(reader, name, { limit: 1 });
    if (newest === undefined) throw await unknownModel(reader, name);
    const target = await firstToReturn(reader, name, {
      earlier: earlierChampions(moves),
      current: current?.version,
    });
    if (target === undefined) {
      throw new ExplainedError("registry/no-earlier-champion", {
        what: `Cannot roll "${name}" back`,
        why: current === undefined
          ? "it never had a champion"
          : `version ${current.version} is the first champion it had`,
        fix: `Choose a version with \`deno task pipeline models alias ${name} champion VERSION\``,
      });
    }
    await writeAlias(transaction, target, "champion", act, { isRollback: true });
    return await getVersion(reader, target);
  });
}

/** The first of earlier champions that is still there, was not rejected, and is not the present one. */
async function firstToReturn(
  reader: RegistryReader,
  name: string,
  { earlier, current }: {
    readonly earlier: readonly number[];
    readonly current: number | undefined;
  },
): Promise<ModelVersion | undefined> {
  for (const version of new Set(earlier)) {
    if (version === current) continue;
    const [found] = await selectVersions(reader.client, "v.name = ? AND v.version = ?", [
      name,
      version,
    ]);
    if (found !== undefined && found.state !== "rejected") return found;
  }
  return undefined;
}

/** Where the alias `champion` went: to a version, or away (`null`). */
export interface ChampionMove {
  readonly to: number | null;
  readonly isRollback: 0 | 1;
}

/**
 * The champions to go back to, the most recent first. A rollback takes back the moves since its
 * target came, so that two of them in a row lead two champions back.
 *
 * @param moves Oldest first.
 */
export function earlierChampions(moves: readonly ChampionMove[]): number[] {
  const standing: (number | null)[] = [];
  for (const { to, isRollback } of moves) {
    if (isRollback === 0) standing.push(to);
    else do standing.pop(); while (standing.length > 0 && standing.at(-1) !== to);
  }
  return standing.slice(0, -1).reverse().filter((version) => version !== null);
}

/** @throws {ExplainedError} `registry/bad-alias` for a name that MLflow or the command line could not tell apart. */
export function checkAlias(alias: string): void {
  const reserved = /^(latest|v\d+)$/i.test(alias);
  if (!reserved && alias.length <= 255 && /^[\p{L}\p{N}_-]+$/u.test(alias)) return;
  throw new ExplainedError("registry/bad-alias", {
    what: `Cannot use the alias "${alias}"`,
    why: reserved
      ? '"latest" and "v" with a number are reserved'
      : 'an alias has 1 to 255 letters, digits, "_" and "-"',
    fix: "Choose another alias, e.g. shadow",
  });
}

/** Moves an alias inside a transaction, with the changes of state that follow from it. */
export async function writeAlias(
  transaction: Transaction,
  target: VersionId & { readonly state: VersionState },
  alias: string,
  act: Act,
  { isRollback }: { readonly isRollback: boolean } = { isRollback: false },
): Promise<void> {
  const { name, version } = target;
  const before = await findByAlias({ client: transaction }, name, alias);
  if (before?.version === version) return;
  if (alias === "champion") {
    if (target.state === "rejected") throw rejected(target);
    if (before !== undefined) await writeState(transaction, before, "archived", act);
    if (target.state !== "approved") await writeState(transaction, target, "approved", act);
  }
  await insertRows(
    transaction,
    "model_aliases",
    [{ name, alias, version }],
    "ON CONFLICT DO UPDATE SET version = excluded.version",
  );
  const move = { name, alias, from: before?.version ?? null, to: version, isRollback };
  await recordMove(transaction, move, act);
}

/** Changes the state inside a transaction; MLflow's stage follows with the next alias or state. */
export async function writeState(
  transaction: Transaction,
  { name, version, state }: VersionId & { readonly state: VersionState },
  to: VersionState,
  act: Act,
): Promise<void> {
  await transaction.execute({
    sql: "UPDATE model_versions SET state = ? WHERE name = ? AND version = ?",
    args: [to, name, version],
  });
  await recordState(transaction, { name, version }, { from: state, to }, act);
}

/** Adds a row to the history of states. */
export async function recordState(
  transaction: Transaction,
  { name, version }: VersionId,
  { from, to }: { readonly from: VersionState | null; readonly to: VersionState },
  { user, why, at }: Act,
): Promise<void> {
  await insertRows(transaction, "state_changes", [
    { name, version, from_state: from, to_state: to, at, user_id: user, why },
  ]);
  await keepStages(transaction, name, [version], at);
}

async function recordMove(
  transaction: Transaction,
  move: {
    name: string;
    alias: string;
    from: number | null;
    to: number | null;
    isRollback?: boolean;
  },
  { user, why, at }: Act,
): Promise<void> {
  const { name, alias, from, to, isRollback = false } = move;
  const row = { name, alias, from_version: from, to_version: to, at, user_id: user, why };
  await insertRows(transaction, "alias_moves", [{ ...row, is_rollback: isRollback }]);
  const hasStage = alias === "champion" || alias === "candidate";
  const touched = hasStage ? [from, to].filter((version) => version !== null) : [];
  await keepStages(transaction, name, touched, at);
}

/**
 * MLflow's stage: of a champion Production, of an archived version Archived, of a candidate Staging. Versions that
 * the change is not about keep the stage that a client gave them.
 */
async function keepStages(
  transaction: Transaction,
  name: string,
  versions: readonly number[],
  at: number,
): Promise<void> {
  const has = (alias: string): string =>
    `EXISTS (SELECT 1 FROM model_aliases a WHERE a.name = model_versions.name
       AND a.version = model_versions.version AND a.alias = '${alias}')`;
  const stage = `CASE WHEN ${has("champion")} THEN 'Production'
    WHEN state = 'archived' THEN 'Archived' WHEN ${has("candidate")} THEN 'Staging'
    ELSE 'None' END`;
  await transaction.execute({
    sql: `UPDATE model_versions SET stage = ${stage}, last_updated_time = ?
      WHERE name = ? AND version IN (SELECT value FROM json_each(?))
        AND stage != 'Deleted_Internal' AND stage != ${stage}`,
    args: [at, name, JSON.stringify(versions)],
  });
  await transaction.execute({
    sql: "UPDATE registered_models SET last_updated_time = ? WHERE name = ?",
    args: [at, name],
  });
}

async function retire(
  store: Store,
  id: VersionId,
  state: "rejected" | "archived",
  act: Act,
): Promise<ModelVersion> {
  return await changeVersion(store, id, async (transaction, version) => {
    if (version.aliases.includes("champion")) {
      throw new ExplainedError("registry/is-champion", {
        what: `Cannot set ${id.name}/${id.version} to ${state}`,
        why: "it is the champion",
        fix: `Bring another one in first: \`deno task pipeline models rollback ${id.name}\``,
      });
    }
    if (version.aliases.includes("candidate")) {
      await removeAlias(transaction, id.name, "candidate", act);
    }
    if (version.state !== state) await writeState(transaction, version, state, act);
  });
}

async function changeVersion(
  store: Store,
  id: VersionId,
  change: (transaction: Transaction, version: ModelVersion) => Promise<void>,
): Promise<ModelVersion> {
  return await store.write(async (transaction) => {
    const reader = { client: transaction };
    await change(transaction, await getVersion(reader, id));
    return await getVersion(reader, id);
  });
}

/** Takes an alias away inside a transaction; returns whether it was there. */
export async function removeAlias(
  transaction: Transaction,
  name: string,
  alias: string,
  act: Act,
): Promise<boolean> {
  const row = await selectRow<{ version: number }>(
    transaction,
    "DELETE FROM model_aliases WHERE name = ? AND alias = ? RETURNING version",
    [name, alias],
  );
  if (row === undefined) return false;
  await recordMove(transaction, { name, alias, from: row.version, to: null }, act);
  return true;
}

function rejected({ name, version }: VersionId): ExplainedError {
  return new ExplainedError("registry/rejected-version", {
    what: `Cannot make ${name}/${version} champion`,
    why: "it was rejected",
    fix: `Approve it first: \`deno task pipeline models approve ${name}/${version}\``,
  });
}
