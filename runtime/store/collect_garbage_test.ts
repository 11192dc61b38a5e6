import { deepEqual, equal, rejects } from "node:assert/strict";
import { listRunFiles, recordRunArtifacts } from "./artifact_store.ts";
import { findCacheEntry, findKeyParts } from "./cache_store.ts";
import { collectGarbage } from "./collect_garbage.ts";
import type { Store } from "./open_store.ts";
import { processTags } from "./reconcile.ts";
import { insertRows } from "./rows.ts";
import { deleteRun, finishRun } from "./run_store.ts";
import { recordStepSuccess } from "./step_run_store.ts";
import { scratchFolder } from "./scratch_folders.ts";
import { beginRun, openTemporaryStore, putArtifact, successOf } from "./temporary_store.ts";

const everything = { keepRuns: 0, dryRun: false, graceMs: -1000 };

/** A finished run whose only step makes an artifact of this text. */
async function runOnce(store: Store, text: string, startTime: number): Promise<string> {
  const { runId } = await beginRun(store, { startTime });
  const made = await putArtifact(store, text);
  await recordStepSuccess(store, successOf(runId, "train", { made, cacheKey: `key ${text}` }));
  await finishRun(store, runId, { status: "FINISHED", endTime: startTime + 1 });
  return runId;
}

async function texts(store: Store): Promise<string[]> {
  const blobs = await Array.fromAsync(store.blobs.list());
  return (await Promise.all(
    blobs.map(({ hash }) => Deno.readTextFile(store.blobs.pathOf(hash))),
  )).sort();
}

Deno.test("collectGarbage() keeps the newest runs of every experiment", async () => {
  await using store = await openTemporaryStore();
  const old = await runOnce(store, "old!", 1);
  await runOnce(store, "newer", 2);
  await runOnce(store, "newest", 3);

  const dry = await collectGarbage(store, { ...everything, keepRuns: 2, dryRun: true });
  deepEqual(await texts(store), ["newer", "newest", "old!"]);
  const freed = await collectGarbage(store, { ...everything, keepRuns: 2 });

  deepEqual(freed, dry);
  deepEqual(freed, {
    cacheEntries: 1,
    blobs: 1,
    blobBytes: 4,
    temporaryFiles: 0,
    temporaryBytes: 0,
  });
  deepEqual(await texts(store), ["newer", "newest"]);
  equal(await findCacheEntry(store, "key old!"), undefined);
  deepEqual((await findKeyParts(store, "key old!"))?.params, { seed: 7 });
  deepEqual(await listRunFiles(store, old), []);
  equal((await collectGarbage(store, { ...everything, keepRuns: 2 })).blobs, 0);
});

Deno.test("collectGarbage() keeps what a recent run took from the cache", async () => {
  await using store = await openTemporaryStore();
  await runOnce(store, "made once", 1);
  const { runId } = await beginRun(store, { startTime: 2 });
  const made = await putArtifact(store, "made once");
  const cached = successOf(runId, "train", { made, cacheKey: "key made once", status: "cached" });
  await recordStepSuccess(store, { ...cached, edges: [], runArtifacts: [] });
  await finishRun(store, runId, { status: "FINISHED", endTime: 3 });

  await collectGarbage(store, { ...everything, keepRuns: 1 });

  deepEqual(await texts(store), ["made once"]);
  equal((await findCacheEntry(store, "key made once"))?.cacheKey, "key made once");
});

Deno.test("collectGarbage() keeps registered models and uploads, whatever their age", async () => {
  await using store = await openTemporaryStore();
  await runOnce(store, "model", 1);
  const { hash } = await putArtifact(store, "model");
  await store.write(async (transaction) => {
    const times = { creation_time: 1, last_updated_time: 1 };
    await insertRows(transaction, "registered_models", [{ name: "m", ...times }]);
    const version = { name: "m", version: 1, state: "archived", source: "", metrics: "{}" };
    const row = { ...version, ...times, artifact_hash: hash };
    await insertRows(transaction, "model_versions", [row]);
  });
  const uploads = await beginRun(store, { startTime: 0 });
  const upload = await store.blobs.put(new TextEncoder().encode("upload"));
  await recordRunArtifacts(store, uploads.runId, [
    { path: "report", blob: upload.hash, size: upload.size },
  ]);
  await finishRun(store, uploads.runId, { status: "FINISHED", endTime: 1 });
  await store.blobs.put(new TextEncoder().encode("nobody's"));

  equal((await collectGarbage(store, everything)).blobs, 1);
  deepEqual(await texts(store), ["model", "upload"]);

  await deleteRun(store, uploads.runId);
  equal((await collectGarbage(store, everything)).blobs, 1);
  deepEqual(await texts(store), ["model"]);
});

Deno.test("collectGarbage() leaves what a killed step needs to go on for a week", async () => {
  await using store = await openTemporaryStore();
  for (const [key, days] of [["young", 6], ["old", 8]] as const) {
    const folder = scratchFolder(store, key);
    await Deno.mkdir(folder, { recursive: true });
    await Deno.writeTextFile(`${folder}/state`, "weights");
    const at = new Date(Date.now() - days * 24 * 60 * 60 * 1000);
    await Deno.utime(`${folder}/state`, at, at);
    await Deno.utime(folder, at, at);
  }

  const { temporaryFiles, temporaryBytes } = await collectGarbage(store, {
    keepRuns: 10,
    dryRun: false,
  });

  deepEqual([temporaryFiles, temporaryBytes], [1, 7]);
  const left = await Array.fromAsync(Deno.readDir(`${store.folder}/scratch`));
  deepEqual(left.map(({ name }) => name), ["young"]);
});

Deno.test("collectGarbage() removes temporary files, but nothing that is young", async () => {
  await using store = await openTemporaryStore();
  await Deno.writeTextFile(await store.blobs.temporaryPath(), "half");
  await store.blobs.put(new TextEncoder().encode("not recorded yet"));

  const young = await collectGarbage(store, { keepRuns: 0, dryRun: false });
  deepEqual([young.blobs, young.temporaryFiles], [0, 0]);

  const all = await collectGarbage(store, everything);
  deepEqual([all.blobs, all.temporaryFiles, all.temporaryBytes], [1, 1, 4]);
});

Deno.test("collectGarbage() waits for the end of a living run", async () => {
  await using store = await openTemporaryStore();
  await beginRun(store, { runName: "busy-beam-1", tags: await processTags() });

  await rejects(() => collectGarbage(store, everything), {
    code: "store/run-in-progress",
    message: /busy-beam-1/,
  });
  await rejects(() => collectGarbage(store, { keepRuns: -1, dryRun: true }), RangeError);
});
