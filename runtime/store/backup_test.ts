import { deepEqual, equal, rejects } from "node:assert/strict";
import { join } from "node:path";
import { backupStore, resetStore } from "./backup.ts";
import { listRuns } from "./find_run.ts";
import { openStore } from "./open_store.ts";
import { processTags } from "./reconcile.ts";
import { recordStepSuccess } from "./step_run_store.ts";
import { beginRun, openTemporaryStore, putArtifact, successOf } from "./temporary_store.ts";
import { verifyCache } from "./verify_cache.ts";

Deno.test("backupStore() writes a copy that opens as a store", async () => {
  await using store = await openTemporaryStore();
  const { runId } = await beginRun(store);
  const folder = await Deno.makeTempDir();
  const path = join(folder, "store.db");

  await backupStore(store, path);

  await using copy = await openStore({ folder });
  deepEqual((await listRuns(copy)).map((run) => run.runId), [runId]);
  await rejects(() => backupStore(store, path), { code: "store/backup-exists" });
  await rejects(() => backupStore(store, join(folder, "no", "x.db")), {
    code: "store/not-writable",
  });
  await Deno.remove(folder, { recursive: true });
});

Deno.test("resetStore() empties a store and keeps all of it in a backup", async () => {
  const folder = await Deno.makeTempDir();
  {
    await using store = await openStore({ folder });
    await beginRun(store);
    await putArtifact(store, "x");
  }
  await Deno.writeTextFile(join(folder, ".gitkeep"), "");
  // A folder that was named by mistake holds somebody's own files.
  await Deno.writeTextFile(join(folder, "thesis.txt"), "precious");
  await Deno.mkdir(join(folder, "photos"));

  const backup = await resetStore(folder, Date.UTC(2025, 0, 2));

  const names = await Array.fromAsync(Deno.readDir(folder), ({ name }) => name);
  deepEqual(names.sort(), [".gitkeep", "backups", "photos", "thesis.txt"]);
  await using store = await openStore({ folder });
  deepEqual(await listRuns(store), []);
  await using old = await openStore({ folder: backup });
  equal((await listRuns(old)).length, 1);
  equal((await Array.fromAsync(old.blobs.list())).length, 1);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("resetStore() works on a damaged store, and refuses one that is in use", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(join(folder, "store.db"), "no database, ".repeat(1000));

  await resetStore(folder, 1);

  await using store = await openStore({ folder });
  await beginRun(store, { tags: await processTags() });
  await rejects(() => resetStore(folder, 2), { code: "store/run-in-progress" });
  await Deno.remove(folder, { recursive: true });
});

Deno.test("verifyCache() finds flipped bytes and missing files, and says who needs them", async () => {
  await using store = await openTemporaryStore();
  const { runId } = await beginRun(store, { runName: "quiet-beam-7" });
  const [flipped, missing, sound] = await Promise.all(
    ["flipped", "missing", "sound"].map(async (text) => {
      const made = await putArtifact(store, text);
      await recordStepSuccess(store, successOf(runId, text, { made }));
      return made.files[0]!.hash;
    }),
  );
  await Deno.writeTextFile(store.blobs.pathOf(flipped!), "flippeD");
  await Deno.remove(store.blobs.pathOf(missing!));
  await store.client.execute(
    "UPDATE cache_entries SET collected_at = 1 WHERE cache_key = 'key of missing'",
  );

  const { checked, damaged } = await verifyCache(store);

  equal(checked, 3);
  const found = new Map(damaged.map(({ hash, ...facts }) => [hash, facts]));
  deepEqual(found.get(flipped!), {
    condition: "damaged",
    path: store.blobs.pathOf(flipped!),
    neededBy: ["cache flipped", "run quiet-beam-7 flipped/out"],
  });
  deepEqual(found.get(missing!)?.neededBy, ["run quiet-beam-7 missing/out"]);
  equal(found.has(sound!), false);
});
