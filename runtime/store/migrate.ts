import type { Transaction } from "@libsql/client";
import { ExplainedError } from "../../pipeline/explained_error.ts";
import { isMissingTable } from "./database_error.ts";
import journal from "./migrations/meta/_journal.json" with { type: "json" };
import { selectRow, type SqlRunner } from "./rows.ts";

/** Names of the migrations, oldest first; the n-th (from 1) leads to version n. */
const migrationNames: readonly string[] = journal.entries.map((entry) => entry.tag);

/**
 * Whether the tables are those this program knows.
 *
 * @throws {ExplainedError} `store/newer-database` when a migration ran that it does not know.
 */
export async function isUpToDate(client: SqlRunner, where: string): Promise<boolean> {
  const { version, name } = await appliedMigration(client);
  if (version > migrationNames.length || (name !== "" && migrationNames[version - 1] !== name)) {
    throw new ExplainedError("store/newer-database", {
      what: "Cannot open the store",
      why: `${where} has version ${version} ("${name}"), ` +
        `and this program knows versions up to ${migrationNames.length}`,
      fix: "Use the newer version of hanok that wrote it, or another folder with HANOK_STORE",
    });
  }
  return version === migrationNames.length;
}

/** One step from a version of the tables to the next. */
export interface Migration {
  readonly name: string;
  readonly sql: string;
}

/** All migrations, oldest first. */
export async function readMigrations(): Promise<Migration[]> {
  return await Promise.all(migrationNames.map(async (name) => {
    const file = new URL(`./migrations/${name}.sql`, import.meta.url);
    return { name, sql: await Deno.readTextFile(file) };
  }));
}

/**
 * Applies those migrations that are missing, all or none.
 *
 * @param transaction Holds the write lock: of two processes that open a new store, one waits for it
 * and then finds nothing to do.
 */
export async function applyMigrations(
  transaction: Transaction,
  migrations: readonly Migration[],
): Promise<void> {
  const { version } = await appliedMigration(transaction);
  for (const [index, { name, sql }] of migrations.entries()) {
    if (index < version) continue;
    await transaction.executeMultiple(sql);
    await transaction.execute({
      sql: "INSERT INTO schema_migrations (version, name, applied_at) VALUES (?, ?, ?)",
      args: [index + 1, name, Date.now()],
    });
  }
}

async function appliedMigration(
  on: SqlRunner,
): Promise<{ version: number; name: string }> {
  const sql = "SELECT version, name FROM schema_migrations ORDER BY version DESC LIMIT 1";
  try {
    return await selectRow(on, sql) ?? { version: 0, name: "" };
  } catch (error) {
    if (isMissingTable(error)) return { version: 0, name: "" };
    throw error;
  }
}
