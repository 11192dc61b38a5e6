import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { openStore } from "./open_store.ts";
import { processTags } from "./reconcile.ts";
import { RUN_TAGS, type Texts } from "./run.ts";
import { finishRun } from "./run_store.ts";
import { findStop, requestStop, stopSentence } from "./run_stop.ts";
import { beginRun, openTemporaryStore } from "./temporary_store.ts";
import { serveDatabase } from "./testdata/hrana_server.ts";

const WISH = { userId: "mina", why: " the loss is NaN\n", at: 1000 };
const OF_PIPELINE: Texts = { "hanok.config": "{}" };

Deno.test("requestStop() keeps who asked first, when and why", async () => {
  await using store = await openTemporaryStore();
  const run = await beginRun(store, { tags: { ...OF_PIPELINE, ...await processTags() } });

  equal(await findStop(store.client, run.runId), undefined);
  const first = await requestStop(store, run.runId, WISH);
  const second = await requestStop(store, run.runName, { userId: "jun", why: "", at: 2000 });

  const kept = { userId: "mina", why: "the loss is NaN", at: 1000 };
  deepEqual({ ...first.wish }, kept);
  deepEqual({ ...second.wish }, kept);
  deepEqual({ ...await findStop(store.client, run.runId) }, kept);
  equal(first.run.runId, run.runId);
  equal(stopSentence(kept), "mina stopped the run: the loss is NaN");
  equal(stopSentence({ ...kept, why: "" }), "mina stopped the run");
});

Deno.test("requestStop() reaches a run whose database is elsewhere", async () => {
  await using server = serveDatabase("secret");
  const url = `http://127.0.0.1:${server.addr.port}`;
  const open = async () => {
    const folder = await Deno.makeTempDir({ prefix: "hanok test " });
    return { folder, store: await openStore({ folder, url, authToken: "secret" }) };
  };
  const [here, there] = [await open(), await open()];
  const { runId } = await beginRun(here.store, { tags: OF_PIPELINE });

  await requestStop(there.store, runId, WISH);

  equal((await findStop(here.store.client, runId))?.userId, "mina");
  for (const { folder, store } of [here, there]) {
    await store[Symbol.asyncDispose]();
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("requestStop() tells why a run cannot be stopped, and keeps no wish", async (t) => {
  await using store = await openTemporaryStore();
  const child = new Deno.Command(Deno.execPath(), { args: ["--version"], stdout: "null" }).spawn();
  await child.status;
  const dead = { ...OF_PIPELINE, ...await processTags(), [RUN_TAGS.pid]: String(child.pid) };
  for (
    const [title, tags, end, code, why] of [
      ["it has finished", OF_PIPELINE, "FINISHED", "run/over", /^it has finished at 1970-/],
      ["it has failed", OF_PIPELINE, "FAILED", "run/over", /^it has failed at/],
      ["its process died", dead, undefined, "run/over", /: process \d+ ended without saying so$/],
      ["other code records it", {}, undefined, "run/not-stoppable", /code of its own/],
      [
        "it goes on in another store",
        { ...OF_PIPELINE, "hanok.local_run": "1", [RUN_TAGS.host]: "gpu-1" },
        undefined,
        "run/not-stoppable",
        /a store of its own on gpu-1/,
      ],
    ] as const
  ) {
    await t.step(title, async () => {
      const { runId } = await beginRun(store, { tags });
      if (end !== undefined) await finishRun(store, runId, { status: end, endTime: 5000 });

      await rejects(() => requestStop(store, runId, WISH), (error: Error & { why: string }) => {
        match(error.why, why);
        return "code" in error && error.code === code;
      });
      equal(await findStop(store.client, runId), undefined);
    });
  }
});
