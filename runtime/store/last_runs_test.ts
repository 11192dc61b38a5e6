import { deepEqual } from "node:assert/strict";
import { lastRunsByTag } from "./last_runs.ts";
import { deleteRun } from "./run_store.ts";
import { beginRun, openTemporaryStore } from "./temporary_store.ts";

Deno.test("lastRunsByTag() finds the newest run of every value, and no deleted one", async () => {
  await using store = await openTemporaryStore();
  const begin = (runName: string, startTime: number, value: string) =>
    beginRun(store, { runName, startTime, tags: { source: value, other: "a" } });
  await begin("new a", 300, "a");
  await begin("old a", 100, "a");
  await begin("old 한글", 100, "한글");
  await begin("new 한글", 200, "한글");
  await deleteRun(store, (await begin("gone", 900, "a")).runId);
  await begin("unasked", 500, "c");

  const found = await lastRunsByTag(store, "source", ["a", "한글", "none"]);

  deepEqual(
    [...found].map(([value, { runName, tags }]) => [value, runName, tags.other]).toSorted(),
    [["a", "new a", "a"], ["한글", "new 한글", "a"]],
  );
  deepEqual([...await lastRunsByTag(store, "source", [])], []);
});
