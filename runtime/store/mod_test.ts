import { deepEqual, equal, match, ok } from "node:assert/strict";
import { getTableConfig, type SQLiteTable } from "drizzle-orm/sqlite-core";
import { explainStoreError } from "./database_error.ts";
import { selectRows } from "./rows.ts";
import * as schema from "./schema.ts";
import { openTemporaryStore } from "./temporary_store.ts";

interface ModuleInfo {
  readonly specifier: string;
  readonly dependencies?: readonly {
    readonly isDynamic?: boolean;
    readonly code?: { readonly specifier: string };
  }[];
}

/** The packages that importing a module brings, without what it imports only when asked. */
async function packagesOf(file: string): Promise<string[]> {
  const root = new URL(file, import.meta.url).href;
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", root],
  }).output();
  const { modules } = JSON.parse(new TextDecoder().decode(stdout)) as { modules: ModuleInfo[] };
  const known = new Map(modules.map((module) => [module.specifier, module]));
  const reached = new Set([root]);
  for (const specifier of reached) {
    for (const { isDynamic, code } of known.get(specifier)?.dependencies ?? []) {
      if (isDynamic !== true && code !== undefined) reached.add(code.specifier);
    }
  }
  return [...reached].filter((each) => each.startsWith("npm:"));
}

Deno.test("mod.ts brings neither drizzle nor zod: a run without work has no time for them", async () => {
  deepEqual(await packagesOf("./mod.ts"), []);
  deepEqual(await packagesOf("../registry/mod.ts"), []);
  match((await packagesOf("./search_runs.ts")).join(), /drizzle-orm/);
});

Deno.test("schema.ts and the migrations make the same tables", async () => {
  await using store = await openTemporaryStore();
  const tables = await selectRows<{ name: string }>(
    store.client,
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
  );
  const declared = Object.values(schema).map((table) => getTableConfig(table as SQLiteTable));

  deepEqual(tables.map(({ name }) => name).sort(), declared.map(({ name }) => name).sort());
  for (const { name, columns, indexes } of declared) {
    const found = await selectRows<{ name: string; notnull: number }>(
      store.client,
      `SELECT name, "notnull" FROM pragma_table_info('${name}') ORDER BY cid`,
    );
    deepEqual(
      found.map((each) => [each.name, each.notnull === 1]),
      columns.map((column) => [column.name, column.notNull]),
      name,
    );
    const made = await selectRows<{ name: string }>(
      store.client,
      `SELECT name FROM pragma_index_list('${name}') WHERE origin = 'c' AND "unique" = 0`,
    );
    deepEqual(
      made.map((each) => each.name).sort(),
      indexes.filter(({ config }) => !config.unique).map(({ config }) => config.name).sort(),
    );
  }
});

const situations: [string, string][] = [
  ["SQLITE_CORRUPT", "store/damaged"],
  ["SQLITE_NOTADB", "store/damaged"],
  ["SQLITE_FULL", "store/disk-full"],
  ["ENOSPC", "store/disk-full"],
  ["SQLITE_READONLY_DIRECTORY", "store/not-writable"],
  ["SQLITE_CANTOPEN", "store/not-writable"],
  ["EACCES", "store/not-writable"],
  ["EROFS", "store/not-writable"],
  ["SQLITE_IOERR_SHMSIZE", "store/disk-error"],
  ["SQLITE_BUSY", "store/busy"],
  ["SERVER_ERROR", "store/unreachable"],
];
for (const [code, expected] of situations) {
  Deno.test(`explainStoreError() calls ${code} ${expected}`, () => {
    const error = Object.assign(new Error("text of the library"), { code });

    const explained = explainStoreError(error, "Cannot write", "/data/store.db") as {
      code: string;
      why: string;
      cause: unknown;
    };

    equal(explained.code, expected);
    ok(explained.why.startsWith("/data/store.db: "));
    equal(explained.cause, error);
  });
}

Deno.test("explainStoreError() leaves other errors as they are", () => {
  const error = new TypeError("a mistake of ours");

  equal(explainStoreError(error, "Cannot write", "x"), error);
});
