import { deepEqual, equal, rejects } from "node:assert/strict";
import {
  countRunFiles,
  findArtifact,
  findRunFile,
  listRunFiles,
  recordArtifacts,
  recordRunArtifacts,
} from "./artifact_store.ts";
import {
  cacheStatistics,
  findCacheEntry,
  findKeyParts,
  latestCacheEntries,
  listCacheEntries,
  recordCacheKey,
} from "./cache_store.ts";
import { getRun } from "./find_run.ts";
import {
  listEdges,
  listStepRuns,
  recordStepRun,
  recordStepSuccess,
  recordStepSuccesses,
} from "./step_run_store.ts";
import { beginRun, openTemporaryStore, putArtifact, successOf } from "./temporary_store.ts";

Deno.test("recordStepSuccess() keeps step run, artifact, result, edges and metrics", async () => {
  await using store = await openTemporaryStore();
  const { runId } = await beginRun(store);
  const read = await putArtifact(store, "data", "dataset");
  const made = await putArtifact(store, "model", "model");
  await recordArtifacts(store, [read]);
  const success = successOf(runId, "train", { made, read: [read] });
  const metrics = [{ key: "train/loss", value: 0.5, timestamp: 1, step: 3 }];

  await recordStepRun(store, { ...success.stepRun, status: "running", endedAt: null });
  await recordStepSuccess(store, { ...success, metrics });

  deepEqual(await listStepRuns(store, runId), [success.stepRun]);
  deepEqual(await findCacheEntry(store, "key of train"), success.cacheEntry);
  deepEqual(
    await listEdges(store, runId),
    success.edges.map((edge) => ({ node: "train", ...edge })),
  );
  deepEqual(await findArtifact(store, made.hash), { ...made, size: 5, createdAt: 2000 });
  equal((await getRun(store, runId)).metrics["train/loss"]?.value, 0.5);
  const [file] = made.files;
  deepEqual(await listRunFiles(store, runId), [
    { path: "train/out/content.txt", hash: file!.hash, size: 5, uploaded: false },
  ]);
});

Deno.test("recordStepSuccess() keeps nothing when a part of it cannot be kept", async () => {
  await using store = await openTemporaryStore();
  const { runId } = await beginRun(store);
  const made = await putArtifact(store, "model");
  const success = successOf(runId, "train", { made });
  const broken = { key: "loss", value: 1, timestamp: null as unknown as number, step: 0 };

  await rejects(() => recordStepSuccess(store, { ...success, metrics: [broken] }), /NOT NULL/);

  deepEqual(await listStepRuns(store, runId), []);
  equal(await findCacheEntry(store, "key of train"), undefined);
  equal(await findArtifact(store, made.hash), undefined);
});

Deno.test("recordStepRun() keeps an error as facts", async () => {
  await using store = await openTemporaryStore();
  const { runId } = await beginRun(store);
  const { stepRun } = successOf(runId, "train", { made: await putArtifact(store, "x") });
  const error = { what: "Cannot train", why: "loss is NaN", fix: "Lower it", code: "train/nan" };

  await recordStepRun(store, { ...stepRun, status: "failed", error });

  deepEqual((await listStepRuns(store, runId))[0]?.error, error);
});

Deno.test("listStepRuns() keeps the order of the first record, not of the last", async () => {
  await using store = await openTemporaryStore();
  const { runId } = await beginRun(store);
  const made = await putArtifact(store, "x");
  const rows = ["c", "a", "b"].map((node) => successOf(runId, node, { made }));
  for (const { stepRun } of rows) await recordStepRun(store, { ...stepRun, status: "pending" });

  await recordStepSuccesses(store, rows.toReversed());

  deepEqual((await listStepRuns(store, runId)).map(({ node, status }) => [node, status]), [
    ["c", "succeeded"],
    ["a", "succeeded"],
    ["b", "succeeded"],
  ]);
});

Deno.test("latestCacheEntries() gives the keys of a node's last runs, newest first", async () => {
  await using store = await openTemporaryStore();
  const keys = ["old", "new", "old"];
  for (const [startTime, cacheKey] of keys.entries()) {
    const { runId } = await beginRun(store, { startTime });
    const made = await putArtifact(store, cacheKey);
    const status = startTime === 2 ? "cached" : "succeeded";
    await recordStepSuccess(store, successOf(runId, "train", { made, cacheKey, status }));
  }
  const elsewhere = await beginRun(store, { experiment: "iris", startTime: 9 });
  const made = await putArtifact(store, "iris");
  await recordStepSuccess(store, successOf(elsewhere.runId, "train", { made, cacheKey: "iris" }));

  const entries = await latestCacheEntries(store, {
    experiment: "digits",
    node: "train",
    limit: 5,
  });

  deepEqual(entries.map(({ cacheKey }) => cacheKey), ["old", "new"]);
});

Deno.test("a result that was collected is no hit, and its parts can still be asked for", async () => {
  await using store = await openTemporaryStore();
  const { runId } = await beginRun(store);
  const made = await putArtifact(store, "model");
  const success = successOf(runId, "train", { made });
  await recordStepSuccess(store, success);

  await store.client.execute("UPDATE cache_entries SET collected_at = 1");

  equal(await findCacheEntry(store, "key of train"), undefined);
  deepEqual(await listCacheEntries(store), []);
  deepEqual(await findKeyParts(store, "key of train"), success.cacheEntry?.parts);
  await recordStepSuccess(store, success);
  deepEqual(await findCacheEntry(store, "key of train"), success.cacheEntry);
});

Deno.test("recordCacheKey() keeps the parts of a failed step, and is no hit", async () => {
  await using store = await openTemporaryStore();
  const { runId } = await beginRun(store);
  const key = { cacheKey: "k", step: "train", node: "train", runId, createdAt: 5 };

  await recordCacheKey(store, { ...key, parts: { params: { seed: 1 } } });

  equal(await findCacheEntry(store, "k"), undefined);
  deepEqual(await findKeyParts(store, "k"), { params: { seed: 1 } });
});

Deno.test("listRunFiles() shows uploads beside the files of artifacts; a path is replaced", async () => {
  await using store = await openTemporaryStore();
  const { runId } = await beginRun(store);
  const artifact = await putArtifact(store, "model");
  const { hash, size } = await store.blobs.put(new TextEncoder().encode("upload"));
  await recordArtifacts(store, [artifact]);
  await recordRunArtifacts(store, runId, [{ path: "a", artifact: artifact.hash }]);
  await recordRunArtifacts(store, runId, [{ path: "b/한글.txt", blob: hash, size }]);
  await recordRunArtifacts(store, runId, [{ path: "a", blob: hash, size }]);

  deepEqual(await listRunFiles(store, runId), [
    { path: "a", hash, size, uploaded: true },
    { path: "b/한글.txt", hash, size, uploaded: true },
  ]);
});

Deno.test("listRunFiles() gives a part of many; findRunFile() finds each, and nothing beside them", async () => {
  await using store = await openTemporaryStore();
  const { runId } = await beginRun(store);
  const artifact = await putArtifact(store, "model");
  const { hash, size } = await store.blobs.put(new TextEncoder().encode("upload"));
  await recordArtifacts(store, [artifact]);
  await recordRunArtifacts(store, runId, [
    { path: "train/model", artifact: artifact.hash },
    { path: "z/한글.txt", blob: hash, size },
    { path: "note.md", blob: hash, size },
  ]);

  const all = await listRunFiles(store, runId);

  equal(await countRunFiles(store, runId), all.length);
  deepEqual(await listRunFiles(store, runId, { limit: 1, offset: 1 }), all.slice(1, 2));
  for (const file of all) deepEqual(await findRunFile(store, runId, file.path), file);
  for (const path of ["train/model", "train", "note.md/x", "", "z/한글.tx", "/note.md"]) {
    equal(await findRunFile(store, runId, path), undefined);
  }
});

Deno.test("cacheStatistics() counts results, blobs and their bytes", async () => {
  await using store = await openTemporaryStore();
  const { runId } = await beginRun(store);
  const made = await putArtifact(store, "12345");
  for (const node of ["a", "b"]) await recordStepSuccess(store, successOf(runId, node, { made }));
  await Deno.writeTextFile(await store.blobs.temporaryPath(), "left");

  deepEqual(await cacheStatistics(store), {
    entries: 2,
    artifacts: 1,
    blobs: 1,
    blobBytes: 5,
    temporaryBytes: 4,
    steps: [{ step: "a", entries: 1 }, { step: "b", entries: 1 }],
  });
});
