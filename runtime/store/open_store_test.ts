import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { join } from "node:path";
import { LibsqlError } from "@libsql/client";
import { createClient } from "@libsql/client/sqlite3";
import type { ExplainedError } from "../../pipeline/explained_error.ts";
import { verifyCache } from "./verify_cache.ts";
import { findExperiment } from "./experiment_store.ts";
import { listRuns } from "./find_run.ts";
import { recordLogs } from "./log_store.ts";
import { applyMigrations, readMigrations } from "./migrate.ts";
import { openStore } from "./open_store.ts";
import { selectRow, selectRows } from "./rows.ts";
import { beginRun, openTemporaryStore } from "./temporary_store.ts";

Deno.test("openStore() makes the tables in an empty folder and finds them again", async () => {
  await using store = await openTemporaryStore();

  await using again = await openStore({ folder: store.folder });

  equal((await findExperiment(again.client, "Default"))?.experimentId, 0);
  deepEqual(await selectRow(again.client, "PRAGMA journal_mode"), { journal_mode: "wal" });
  const applied = await selectRows<{ name: string }>(
    again.client,
    "SELECT name FROM schema_migrations ORDER BY version",
  );
  deepEqual(applied.map(({ name }) => name), [
    "0000_init",
    "0001_default_experiment",
    "0002_indexes",
    "0003_logged_models",
    "0004_serving",
    "0005_long_lists",
    "0006_stop_a_run",
  ]);
});

for (const version of [0, 1, 2, 3, 4, 5, 6]) {
  Deno.test(`openStore() brings a file of version ${version} up to date and keeps its rows`, async () => {
    const folder = await Deno.makeTempDir();
    const client = createClient({ url: `file:${join(folder, "store.db")}` });
    const transaction = await client.transaction("write");
    await applyMigrations(transaction, (await readMigrations()).slice(0, version));
    if (version > 0) {
      await transaction.execute(
        "INSERT INTO registered_models (name, creation_time, last_updated_time) VALUES ('old', 1, 1)",
      );
    }
    await transaction.commit();
    client.close();

    await using store = await openStore({ folder });

    const tables =
      "SELECT count(*) AS n FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL";
    ok((await selectRow<{ n: number }>(store.client, tables))!.n >= 19);
    const models = await selectRows<{ name: string }>(
      store.client,
      "SELECT name FROM registered_models",
    );
    deepEqual(models.map(({ name }) => name), version > 0 ? ["old"] : []);
    await Deno.remove(folder, { recursive: true });
  });
}

Deno.test("openStore() refuses a database that a newer version wrote", async () => {
  await using store = await openTemporaryStore();
  await store.write((transaction) =>
    transaction.execute("INSERT INTO schema_migrations VALUES (99, '0098_future', 1)")
  );

  await rejects(() => openStore({ folder: store.folder }), {
    code: "store/newer-database",
    message: /version 99 \("0098_future"\).*knows versions up to 7/,
  });
});

Deno.test("openStore() says what to do when the file is no database", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(join(folder, "store.db"), "no database, ".repeat(1000));

  await rejects(() => openStore({ folder }), (error: ExplainedError) => {
    equal(error.code, "store/damaged");
    match(error.fix, /pipeline reset/);
    return true;
  });
  await Deno.remove(folder, { recursive: true });
});

Deno.test("listRuns() tells a damaged page, and does not crash", async () => {
  const folder = await Deno.makeTempDir();
  {
    await using store = await openStore({ folder });
    for (let i = 0; i < 50; i++) await beginRun(store);
    await store.client.execute("PRAGMA wal_checkpoint(TRUNCATE)");
  }
  const path = join(folder, "store.db");
  const bytes = await Deno.readFile(path);
  bytes.fill(0xa5, 4096 * 3); // the first pages hold the list of tables
  await Deno.writeFile(path, bytes);

  await rejects(async () => {
    await using store = await openStore({ folder });
    await listRuns(store);
  }, { code: "store/damaged" });
  await Deno.remove(folder, { recursive: true });
});

Deno.test("openStore() says that a folder cannot be made", async () => {
  const file = await Deno.makeTempFile();

  await rejects(() => openStore({ folder: join(file, "runs") }), { code: "store/not-writable" });
  await Deno.remove(file);
});

Deno.test("disposing a store keeps its write-ahead log short", async () => {
  const folder = await Deno.makeTempDir();
  {
    await using store = await openStore({ folder });
    const message = "x".repeat(1_500_000);
    const { runId } = await beginRun(store);
    await recordLogs(store, runId, [{ node: null, at: 1, level: "info", message }]);
  }

  equal((await Deno.stat(join(folder, "store.db-wal"))).size, 0);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("write() keeps all or nothing, and the next write goes on", async () => {
  await using store = await openTemporaryStore();
  const insert = (key: string): string => `INSERT INTO experiment_tags VALUES (0, '${key}', '')`;

  await rejects(() =>
    store.write(async (transaction) => {
      await transaction.execute(insert("lost"));
      throw new Error("stop");
    }), /stop/);
  await store.write((transaction) => transaction.execute(insert("kept")));

  deepEqual(await selectRows(store.client, "SELECT key FROM experiment_tags"), [{ key: "kept" }]);
});

Deno.test("write() queues the writers of one file in a process, whichever store they use", async () => {
  await using one = await openTemporaryStore();
  await using two = await openStore({ folder: one.folder });

  await Promise.all(Array.from({ length: 40 }, (_, i) => beginRun(i % 2 ? one : two)));

  equal((await listRuns(one)).length, 40);
});

Deno.test("write() waits for a lock that another holds for long", async () => {
  await using store = await openTemporaryStore();
  const stranger = createClient({ url: `file:${encodeURI(join(store.folder, "store.db"))}` });
  const held = await stranger.transaction("write");

  const run = beginRun(store);
  setTimeout(() => held.commit()); // the first turn of waiting blocks even this timer
  await run;

  equal((await listRuns(store)).length, 1);
  stranger.close();
});

Deno.test("write() tells a full disk", async () => {
  await using store = await openTemporaryStore();
  const full = () => Promise.reject(new LibsqlError("database or disk is full", "SQLITE_FULL"));

  await rejects(() => store.write(full), { code: "store/disk-full" });
});

Deno.test("a full disk loses nothing that was recorded", async (test) => {
  const folder = await Deno.makeTempDir();
  const mount = async (...args: string[]): Promise<boolean> => {
    try {
      return (await new Deno.Command("mount", { args, stderr: "null" }).output()).success;
    } catch {
      return false; // no such command
    }
  };
  const mounted = await mount("-t", "tmpfs", "-o", "size=600k", "tmpfs", folder);
  // deno-lint-ignore no-console -- a skipped part must be seen
  if (!mounted) console.log("no right to mount a tmpfs: only the injected error was tested");
  await test.step({
    name: "on a small tmpfs",
    ignore: !mounted,
    fn: async () => {
      let runs = 0;
      {
        await using store = await openStore({ folder });
        await rejects(async () => {
          for (;; runs++) await beginRun(store, { tags: { text: "x".repeat(2000) } });
        }, { code: "store/disk-full" });
        equal((await listRuns(store, { limit: 1000 })).length, runs);
        await rejects(() => store.blobs.put(new Uint8Array(600_000)), { code: "store/disk-full" });
        deepEqual(await Array.fromAsync(store.blobs.listTemporary()), []);
        deepEqual(await Array.fromAsync(store.blobs.list()), []);
      }
      await mount("-o", "remount,size=8m", folder);
      await using store = await openStore({ folder });
      equal((await listRuns(store, { limit: 1000 })).length, runs);
      await beginRun(store);
    },
  });
  await test.step({
    name: "on a read-only file system",
    ignore: !mounted,
    fn: async () => {
      await mount("-t", "tmpfs", "-o", "size=2m", "tmpfs", folder);
      const { success } = await startWriter(folder, "a", 1).output();
      equal(success, true);
      equal(await mount("-o", "remount,ro", folder), true);
      await rejects(async () => {
        await using store = await openStore({ folder });
        await beginRun(store);
      }, { code: "store/not-writable" });
    },
  });
  for (const _ of mounted ? ["the second", "the first"] : []) {
    // Lazily: the library still holds files open.
    await new Deno.Command("umount", { args: ["-l", folder], stderr: "null" }).output();
  }
  await Deno.remove(folder, { recursive: true });
});

const writer = new URL("./testdata/write_forever.ts", import.meta.url).pathname;

function startWriter(folder: string, name: string, times: number): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "-q", writer, folder, name, String(times)],
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

Deno.test("openStore() and write() serve several processes at once in an empty folder", async () => {
  const folder = await Deno.makeTempDir();

  const children = ["a", "b", "c"].map((name) => startWriter(folder, name, 60).output());
  const results = await Promise.all(children);

  for (const { code, stderr } of results) equal(new TextDecoder().decode(stderr), "", `${code}`);
  await using store = await openStore({ folder });
  const count = "SELECT count(*) AS n FROM step_runs";
  deepEqual(await selectRow(store.client, count), { n: 180 });
  deepEqual((await verifyCache(store)).damaged, []);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("a process killed while it writes leaves a readable store and no half artifact", async () => {
  const folder = await Deno.makeTempDir();
  for (const [turn, lines] of [2, 9, 23].entries()) {
    const child = startWriter(folder, `kill-${turn}`, 1_000_000);
    let seen = 0;
    for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
      seen += text.split("\n").length - 1;
      if (seen >= lines) break;
    }
    child.kill("SIGKILL");
    await child.stderr.cancel();
    equal((await child.status).signal, "SIGKILL");

    await using store = await openStore({ folder });

    deepEqual(await selectRow(store.client, "PRAGMA integrity_check"), { integrity_check: "ok" });
    deepEqual((await verifyCache(store)).damaged, []);
    const rows = await selectRow<{ n: number }>(
      store.client,
      "SELECT count(*) AS n FROM step_runs JOIN cache_entries USING (cache_key, node) WHERE node LIKE ?",
      [`kill-${turn}-%`],
    );
    ok(rows!.n >= lines, "what was reported is there");
    await beginRun(store);
  }
  await Deno.remove(folder, { recursive: true });
});
