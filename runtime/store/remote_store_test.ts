import { deepEqual, equal, rejects } from "node:assert/strict";
import { listRuns } from "./find_run.ts";
import { logMetrics, metricHistory } from "./metric_store.ts";
import { openStore } from "./open_store.ts";
import { recordStepSuccess } from "./step_run_store.ts";
import { beginRun, putArtifact, successOf } from "./temporary_store.ts";
import { serveDatabase } from "./testdata/hrana_server.ts";

Deno.test("openStore() takes a remote database with a token; the bytes stay in the folder", async () => {
  await using server = serveDatabase("secret");
  const url = `http://127.0.0.1:${server.addr.port}`;
  const folder = await Deno.makeTempDir();
  {
    await using store = await openStore({ folder, url, authToken: "secret" });
    const { runId } = await beginRun(store);
    const made = await putArtifact(store, "model");
    await recordStepSuccess(store, successOf(runId, "train", { made }));
    await logMetrics(store, runId, [{ key: "loss", value: NaN, timestamp: 1, step: 2 }]);
    await rejects(() => store.write(() => Promise.reject(new Error("stop"))), /stop/);
  }

  await using store = await openStore({ folder, url, authToken: "secret" });

  const [run] = await listRuns(store, { experiment: "digits" });
  equal(run?.status, "RUNNING");
  deepEqual(await metricHistory(store, run.runId, "loss"), [
    { key: "loss", value: NaN, timestamp: 1, step: 2 },
  ]);
  deepEqual(await store.cells("SELECT run_id, step FROM metrics"), [[run.runId, 2]]);
  const names = await Array.fromAsync(Deno.readDir(folder), ({ name }) => name);
  deepEqual(names.sort(), ["blobs", "tmp"]);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("openStore() says that a remote database refused the token", async () => {
  await using server = serveDatabase("secret");
  const folder = await Deno.makeTempDir();
  const url = `http://127.0.0.1:${server.addr.port}`;

  await rejects(() => openStore({ folder, url, authToken: "wrong" }), {
    code: "store/unreachable",
    message: /401/,
  });
  await Deno.remove(folder, { recursive: true });
});

Deno.test("openStore() says that a remote database does not answer", async () => {
  const folder = await Deno.makeTempDir();
  const url = "http://127.0.0.1:9"; // nobody serves the discard port

  await rejects(() => openStore({ folder, url }), { code: "store/unreachable" });
  await Deno.remove(folder, { recursive: true });
});
