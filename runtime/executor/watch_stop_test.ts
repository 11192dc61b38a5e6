import { deepEqual, equal, ok } from "node:assert/strict";
import { requestStop } from "../store/mod.ts";
import { beginRun, openTemporaryStore } from "../store/temporary_store.ts";
import { RunStopped, watchStop, whyCancelled } from "./watch_stop.ts";

const WISH = { userId: "mina", why: "", at: 1000 };

Deno.test("watchStop() aborts when somebody asks, and says who", async () => {
  await using store = await openTemporaryStore();
  const { runId } = await beginRun(store, { tags: { "hanok.config": "{}" } });
  const told: string[] = [];
  using watch = watchStop(store, runId, {
    onStop: ({ userId }) => told.push(userId),
    everyMs: 1,
  });
  const aborted = new Promise((resolve) => watch.signal.addEventListener("abort", resolve));
  const keepAlive = setTimeout(() => {}, 60_000); // the watch alone does not keep a process going

  await requestStop(store, runId, WISH);
  await aborted;

  clearTimeout(keepAlive);
  deepEqual(told, ["mina"]);
  const { reason } = watch.signal;
  ok(reason instanceof RunStopped);
  equal(reason.name, "AbortError");
  equal(whyCancelled(watch.signal), "mina stopped the run");
  equal(whyCancelled(AbortSignal.abort()), "the run was cancelled");
});

Deno.test("watchStop() looks no more when it is disposed, and survives looks that fail", async () => {
  const asked: number[] = [];
  let looked = Promise.withResolvers<void>();
  const client = {
    execute() {
      asked.push(asked.length);
      looked.resolve();
      looked = Promise.withResolvers();
      return Promise.reject(new Error("no such table"));
    },
  } as unknown as Parameters<typeof watchStop>[0]["client"];
  const keepAlive = setTimeout(() => {}, 60_000);
  const watch = watchStop({ client }, "1", { onStop: () => {}, everyMs: 1 });

  for (let looks = 0; looks < 3; looks++) await looked.promise;
  watch[Symbol.dispose]();
  const before = asked.length;
  for (let turns = 0; turns < 20; turns++) await new Promise((resolve) => setTimeout(resolve, 1));

  clearTimeout(keepAlive);
  equal(asked.length, before);
  equal(watch.signal.aborted, false);
});
