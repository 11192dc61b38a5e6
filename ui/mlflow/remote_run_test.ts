import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { pathToFileURL } from "node:url";
import { Hono } from "hono";
import { ExplainedError } from "../../pipeline/mod.ts";
import { openRemoteServer, REMOTE_TAGS, sendRun } from "../../runtime/remote/mod.ts";
import { findByAlias, registerVersion } from "../../runtime/registry/mod.ts";
import {
  finishRun,
  getRun,
  listRunFiles,
  logInputs,
  logMetrics,
  type NewArtifact,
  recordArtifacts,
  recordRunArtifacts,
  type Store,
} from "../../runtime/store/mod.ts";
import { artifactHash } from "../../runtime/cache/content_hash.ts";
import { beginRun, openTemporaryStore } from "../../runtime/store/temporary_store.ts";
import { mlflowApi } from "./mod.ts";

/** A server on its own store, whose connection can be cut. */
interface FlakyServer extends AsyncDisposable {
  readonly url: string;
  /** The n-th request from now on is answered, but the answer is lost; `undefined`: none. */
  loseAnswer(n: number | undefined): void;
}

function serve(store: Store, artifactRoot?: string): FlakyServer {
  const app = new Hono();
  const root = artifactRoot === undefined ? {} : { artifactRoot };
  app.use(
    mlflowApi({ store, ...root, log: { write: (event) => ok(false, JSON.stringify(event)) } }),
  );
  let left: number | undefined;
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      const response = await app.fetch(request);
      if (left !== undefined && left-- <= 0) {
        await response.body?.cancel();
        return new Response("gone", { status: 502 });
      }
      return response;
    },
  );
  return {
    url: `http://127.0.0.1:${(server.addr as Deno.NetAddr).port}`,
    loseAnswer: (n) => left = n,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

/** A run with params, points, a file, an input and a registered model. */
async function localRun(store: Store): Promise<string> {
  const { runId } = await beginRun(store, {
    runName: "laptop",
    params: { lr: 0.1 },
    tags: { team: "한옥" },
  });
  const points = Array.from({ length: 2500 }, (_, step) => (
    { key: `loss ${step % 2}`, value: step === 7 ? NaN : 1 / (step + 1), timestamp: step, step }
  ));
  await logMetrics(store, runId, points);
  const input = { name: "data", digest: "d1", sourceType: "local", source: "{}" };
  await logInputs(store, runId, [{ ...input, tags: { "mlflow.data.context": "training" } }]);
  const files = [];
  for (const path of ["model.onnx", "signature.json"]) {
    files.push({ path, ...await store.blobs.put(new TextEncoder().encode(`of ${path}`)) });
  }
  const model: NewArtifact = { hash: await artifactHash("model", files), kind: "model", files };
  await recordArtifacts(store, [model]);
  const log = await store.blobs.put(new TextEncoder().encode("a log"));
  await recordRunArtifacts(store, runId, [
    { path: "train/model", artifact: model.hash },
    { path: "notes/로그.txt", blob: log.hash, size: log.size },
  ]);
  await registerVersion(store, {
    name: "it's/a model",
    modelArtifact: model.hash,
    runId,
    metrics: { accuracy: 0.9 },
    promote: "auto",
    idempotencyKey: "key'1",
    user: "mina",
    at: 5,
  });
  await finishRun(store, runId, { status: "FINISHED", endTime: 9000 });
  return runId;
}

Deno.test("sendRun() goes on after every lost answer, and nothing is lost or doubled", async () => {
  await using local = await openTemporaryStore();
  await using remote = await openTemporaryStore();
  await using flaky = serve(remote);
  const runId = await localRun(local);
  const server = openRemoteServer(flaky.url, null);

  // The first attempt loses the first answer, the second one the second, and so on.
  let attempts = 0;
  for (let isSent = false; !isSent; attempts++) {
    flaky.loseAnswer(attempts);
    try {
      await sendRun(local, server, runId);
      isSent = true;
    } catch (error) {
      ok(error instanceof ExplainedError, String(error));
      equal(error.code, "remote/refused");
    }
  }

  ok(attempts > 8, `${attempts} attempts`);
  flaky.loseAnswer(undefined);
  await sendRun(local, server, runId);
  const [count] = await remote.cells(`SELECT (SELECT count(*) FROM runs),
    (SELECT count(*) FROM metrics), (SELECT count(*) FROM model_versions),
    (SELECT count(*) FROM alias_moves)`);
  deepEqual(count, [1, 2500, 1, 2]);
  const here = await getRun(local, runId);
  const there = await getRun(remote, here.tags[REMOTE_TAGS.run]!);
  deepEqual(
    [there.runName, there.experiment, there.status, there.startTime, there.endTime, there.userId],
    [here.runName, here.experiment, here.status, here.startTime, here.endTime, here.userId],
  );
  deepEqual(there.params, here.params);
  deepEqual(there.metrics, here.metrics);
  equal(there.tags.team, "한옥");
  equal(there.tags["hanok.local_run"], runId);
  deepEqual(
    (await listRunFiles(remote, there.runId)).map(({ path }) => path).slice(-3),
    ["notes/로그.txt", "train/model/model.onnx", "train/model/signature.json"],
  );
  const champion = await findByAlias(remote, "it's/a model", "champion");
  deepEqual(
    [champion?.version, champion?.stage, champion?.runId],
    [1, "Production", there.runId],
  );
  const [mine] = await local.cells("SELECT artifact_hash FROM model_versions");
  equal(champion?.artifactHash, mine?.[0], "the server can serve it: it is the same artifact");
});

Deno.test("sendRun() writes into the folder where a server keeps files, and the server serves the model", async () => {
  const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "hanok root 한옥 " }));
  {
    await using local = await openTemporaryStore();
    await using remote = await openTemporaryStore();
    await using server = serve(remote, pathToFileURL(folder).href);
    const runId = await localRun(local);

    await sendRun(local, openRemoteServer(server.url, null), runId);

    const there = await getRun(remote, (await getRun(local, runId)).tags[REMOTE_TAGS.run]!);
    const place = `${folder}/${there.experimentId}/${there.runId}/artifacts`;
    equal(await Deno.readTextFile(`${place}/notes/로그.txt`), "a log");
    const champion = await findByAlias(remote, "it's/a model", "champion");
    const [mine] = await local.cells("SELECT artifact_hash FROM model_versions");
    equal(champion?.artifactHash, mine?.[0], "the server can serve it: it is the same artifact");
  }
  await Deno.remove(folder, { recursive: true });
});

Deno.test("sendRun() makes no version champion that was judged against another champion", async () => {
  await using local = await openTemporaryStore();
  await using remote = await openTemporaryStore();
  await using flaky = serve(remote);
  const server = openRemoteServer(flaky.url, null);
  /** A run that registers a version which was judged against a version of this store. */
  const judged = async (store: Store, against: number | null) => {
    const { runId } = await beginRun(store, {});
    const files = [{
      path: "model.onnx",
      ...await store.blobs.put(crypto.getRandomValues(new Uint8Array(8))),
    }];
    const model: NewArtifact = { hash: await artifactHash("model", files), kind: "model", files };
    await recordArtifacts(store, [model]);
    await registerVersion(store, {
      ...{ name: "taste", modelArtifact: model.hash, runId, metrics: {}, promote: "auto" },
      verdict: { passed: true, reasons: [], champion: { model: "taste", version: against } },
      judgedAgainst: { version: against },
      ...{ idempotencyKey: crypto.randomUUID(), user: "mina", at: 5 },
    });
    await finishRun(store, runId, { status: "FINISHED", endTime: 9000 });
    return runId;
  };
  const champion = async () => (await findByAlias(remote, "taste", "champion"))?.version;

  deepEqual(await sendRun(local, server, await judged(local, null)), []);
  equal(await champion(), 1, "there was none");
  deepEqual(await sendRun(local, server, await judged(local, 1)), []);
  equal(await champion(), 2, "the same as here");
  await judged(remote, 2); // a colleague's
  const remarks = await sendRun(local, server, await judged(local, 2));
  equal(await champion(), 3, "nobody compared it with this one");
  equal((await findByAlias(remote, "taste", "candidate"))?.version, 4);
  match(remarks.join(), /taste version 4 stays candidate at .*: champion there is version 3/);
});

for (const root of ["s3://bucket/runs", "file://elsewhere/runs", "file:///dev/null/runs"]) {
  Deno.test(`sendRun() says that there is no way to files at ${root}`, async () => {
    await using local = await openTemporaryStore();
    await using remote = await openTemporaryStore();
    await using server = serve(remote, root);
    const runId = await localRun(local);

    await rejects(sendRun(local, openRemoteServer(server.url, null), runId), {
      code: "remote/other-storage",
      message: new RegExp(root.replace("file:///", "/")),
    });
  });
}

Deno.test("sendRun() says that a server does not answer, and keeps the run for later", async () => {
  await using local = await openTemporaryStore();
  const runId = await localRun(local);

  const sending = sendRun(local, openRemoteServer("http://127.0.0.1:1", null), runId);

  const problem = await sending.then(() => undefined, (error) => error as ExplainedError);
  equal(problem?.code, "remote/unreachable");
  equal((await getRun(local, runId)).tags[REMOTE_TAGS.sent], undefined);
});
