import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { findFileHash, recordFileHash } from "./file_memo.ts";
import { getRun, listRuns, type RunQuery } from "./find_run.ts";
import { listInputs, logInputs } from "./input_store.ts";
import { listLogs, recordLogs } from "./log_store.ts";
import { logMetrics } from "./metric_store.ts";
import { RUN_TAGS } from "./run.ts";
import { deleteRun, finishRun, logParams, restoreRun, setTags, updateRun } from "./run_store.ts";
import { beginRun, openTemporaryStore } from "./temporary_store.ts";

Deno.test("createRun() records everything given and invents a name", async () => {
  await using store = await openTemporaryStore();
  const parent = await beginRun(store, { runName: "parent" });

  const run = await beginRun(store, {
    parentRunId: parent.runId,
    tags: { "git.commit": "abc" },
    params: { "train.epochs": 5, shuffle: true, label: "숫자", none: null },
  });

  match(run.runName, /^[a-z]+-[a-z]+-\d+$/);
  deepEqual(run, await getRun(store, run.runId));
  deepEqual(run.params, { label: "숫자", none: "null", shuffle: "true", "train.epochs": "5" });
  equal(run.tags[RUN_TAGS.parent], parent.runId);
  equal(run.tags[RUN_TAGS.name], run.runName);
  deepEqual([run.status, run.endTime, run.experiment], ["RUNNING", null, "digits"]);
  equal(run.experimentId, parent.experimentId);
});

Deno.test("createRun() refuses a deleted experiment", async () => {
  await using store = await openTemporaryStore();
  await beginRun(store);
  await store.write((transaction) =>
    transaction.execute("UPDATE experiments SET lifecycle_stage = 'deleted' WHERE name = 'digits'")
  );

  await rejects(() => beginRun(store), { code: "store/deleted-experiment" });
});

Deno.test("finishRun() keeps the first end", async () => {
  await using store = await openTemporaryStore();
  const { runId } = await beginRun(store);

  await finishRun(store, runId, { status: "FINISHED", endTime: 2000, tags: { gated: "true" } });
  await finishRun(store, runId, { status: "KILLED", endTime: 3000 });

  const run = await getRun(store, runId);
  deepEqual([run.status, run.endTime, run.tags.gated], ["FINISHED", 2000, "true"]);
});

Deno.test("updateRun() and setTags() keep the name and its tag equal", async () => {
  await using store = await openTemporaryStore();
  const { runId } = await beginRun(store);

  await updateRun(store, runId, { name: "first", note: "a *note*" });
  equal((await getRun(store, "first")).tags[RUN_TAGS.note], "a *note*");
  await setTags(store, runId, { [RUN_TAGS.name]: "second", long: "x".repeat(9000) });

  const run = await getRun(store, "second");
  deepEqual([run.runId, run.tags[RUN_TAGS.name]], [runId, "second"]);
  equal(run.tags.long?.length, 8000);
});

Deno.test("logParams() refuses other values and names all of them", async () => {
  await using store = await openTemporaryStore();
  const { runId } = await beginRun(store, { params: { a: 1, b: 2, c: 3 } });
  await logParams(store, runId, { a: 1, d: "x".repeat(6001) });

  await rejects(() => logParams(store, runId, { a: 9, b: 2, c: 8, e: 1 }), (error: Error) => {
    match(error.message, /a is "1", given "9"[^]*c is "3", given "8"/);
    return true;
  });

  const { params } = await getRun(store, runId);
  deepEqual(Object.keys(params), ["a", "b", "c", "d"]);
  equal(params.d?.length, 6000);
});

Deno.test("getRun() takes an id, its unique start, or a name", async () => {
  await using store = await openTemporaryStore();
  const ids = ["abcd1111", "abcd2222", "ef000000"].map((start) => start.padEnd(32, "0"));
  for (const [index, runId] of ids.entries()) {
    await beginRun(store, { runId, runName: index === 2 ? "abcd" : "twin", startTime: index });
  }

  equal((await getRun(store, ids[0]!)).runId, ids[0]);
  equal((await getRun(store, "abcd2")).runId, ids[1]);
  equal((await getRun(store, "twin")).runId, ids[1]); // the newest of that name
  await rejects(() => getRun(store, "abcd"), { code: "run/ambiguous", message: /2 runs start/ });
  await rejects(() => getRun(store, "twim"), { code: "run/unknown", message: /mean "twin"/ });
  await rejects(() => getRun(store, "ffff"), { code: "run/unknown" });
});

Deno.test("listRuns() filters, sorts and pages", async (test) => {
  await using store = await openTemporaryStore();
  const scores: [string, number | undefined][] = [
    ["low", 0.1],
    ["nan", NaN],
    ["none", undefined],
    ["high", 0.9],
  ];
  for (const [index, [runName, value]] of scores.entries()) {
    const tags = { owner: index < 2 ? "kim" : "lee" };
    const { runId } = await beginRun(store, { runName, startTime: index, tags });
    if (value === undefined) continue;
    await logMetrics(store, runId, [{ key: "f1", value, timestamp: 0, step: 0 }]);
  }
  const other = await beginRun(store, { runName: "other", experiment: "iris", startTime: 9 });
  await finishRun(store, other.runId, { status: "FINISHED", endTime: 10 });
  const gone = await beginRun(store, { runName: "gone", startTime: 10 });
  await deleteRun(store, gone.runId);

  const f1 = { metric: "f1" } as const;
  const cases: [RunQuery, string[]][] = [
    [{}, ["other", "high", "none", "nan", "low"]],
    [{ limit: 2, offset: 1 }, ["high", "none"]],
    [{ experiment: "iris" }, ["other"]],
    [{ status: "FINISHED" }, ["other"]],
    [{ tags: { owner: "kim" } }, ["nan", "low"]],
    [{ tags: { owner: "kim", "mlflow.runName": "low" } }, ["low"]],
    [{ withoutTags: { owner: "kim" } }, ["other", "high", "none"]],
    [{ lifecycleStage: "deleted" }, ["gone"]],
    [{ experiment: "digits", orderBy: { by: f1, descending: true } }, [
      "high",
      "low",
      "nan",
      "none",
    ]],
    [{ experiment: "digits", orderBy: { by: f1, descending: false } }, [
      "low",
      "high",
      "nan",
      "none",
    ]],
    [{ orderBy: { by: "run_name", descending: false }, limit: 2 }, ["high", "low"]],
  ];
  for (const [query, expected] of cases) {
    await test.step(JSON.stringify(query), async () => {
      deepEqual((await listRuns(store, query)).map(({ runName }) => runName), expected);
    });
  }
  await restoreRun(store, gone.runId);
  deepEqual((await listRuns(store, { limit: 1 }))[0], await getRun(store, gone.runId));
});

Deno.test("logInputs() keeps a dataset once and its tags per run", async () => {
  await using store = await openTemporaryStore();
  const { runId } = await beginRun(store);
  const input = { name: "digits.csv", digest: "12ab", sourceType: "local", source: "digits.csv" };

  await logInputs(store, runId, [{ ...input, tags: { "mlflow.data.context": "old" } }]);
  await logInputs(store, runId, [{ ...input, tags: { "mlflow.data.context": "training" } }]);

  deepEqual(await listInputs(store, runId), [
    { ...input, schema: null, profile: null, tags: { "mlflow.data.context": "training" } },
  ]);
});

Deno.test("recordLogs() keeps lines in their order", async () => {
  await using store = await openTemporaryStore();
  const { runId } = await beginRun(store);
  const logs = [
    { node: null, at: 2, level: "info", message: "begin" },
    { node: "train", at: 1, level: "warning", message: "loss is NaN" },
  ] as const;

  await recordLogs(store, runId, logs);

  deepEqual(await listLogs(store, runId), [...logs]);
  deepEqual(await listLogs(store, runId, { node: "train" }), [logs[1]]);
  deepEqual(await listLogs(store, runId, { last: 1 }), logs.slice(-1));
});

Deno.test("findFileHash() remembers a file until it is touched", async () => {
  await using store = await openTemporaryStore();
  const stamp = { mtime: 1700000000000.25, size: 3, ino: 77 };
  await recordFileHash(store, "/data/표.csv", { ...stamp, hash: "old" });
  await recordFileHash(store, "/data/표.csv", { ...stamp, hash: "new" });

  equal(await findFileHash(store, "/data/표.csv", stamp), "new");
  equal(await findFileHash(store, "/data/표.csv", { ...stamp, mtime: stamp.mtime + 1 }), undefined);
  equal(await findFileHash(store, "/data/표.csv", { ...stamp, size: 4 }), undefined);
  equal(await findFileHash(store, "/other", stamp), undefined);
});
