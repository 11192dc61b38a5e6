import { deepEqual, equal, match, ok } from "node:assert/strict";
import { type Json, openTestStore } from "./_served_store.ts";

const MEGABYTE = 1_000_000;
const FILE = "/api/2.0/mlflow-artifacts/artifacts/0/big.bin";
const JSON_TYPE = { "content-type": "application/json" };

/** A body whose length is not announced. */
function inPieces(bytes: number): ReadableStream<Uint8Array<ArrayBuffer>> {
  const piece = new Uint8Array(64_000).fill(32);
  let left = bytes;
  return new ReadableStream({
    pull(controller) {
      if (left <= 0) return controller.close();
      controller.enqueue(piece.subarray(0, Math.min(left, piece.length)));
      left -= piece.length;
    },
  });
}

Deno.test("startServer() reads no body further than its limit, however it is sent", async (test) => {
  await using store = await openTestStore();
  await store.cli("run", "iris");
  await using server = await store.serve("--upload-limit", "2");
  const send = async (method: string, path: string, body: BodyInit, headers = {}) => {
    const response = await fetch(server.origin + path, { method, headers, body });
    return { status: response.status, text: await response.text() };
  };

  for (
    const [title, method, path, bytes, headers] of [
      ["a prediction", "POST", "/predict", 9 * MEGABYTE, JSON_TYPE],
      ["a prediction of MLflow's", "POST", "/invocations", 9 * MEGABYTE, JSON_TYPE],
      ["a form to predict", "POST", "/?model=iris", 9 * MEGABYTE, {}],
      ["a decision", "POST", "/models/iris/decide", MEGABYTE, {}],
      ["a decision of a program", "POST", "/api/models/iris/rollback", 9 * MEGABYTE, JSON_TYPE],
      ["a run to do again", "POST", "/api/runs/x/rerun", MEGABYTE, JSON_TYPE],
      ["a run to stop", "POST", "/api/runs/x/stop", MEGABYTE, JSON_TYPE],
      ["a run to start", "POST", "/api/pipelines/iris/run", MEGABYTE, JSON_TYPE],
      ["values of a pipeline", "POST", "/pipelines/iris/run", MEGABYTE, {}],
      ["what was right", "POST", "/feedback", 9 * MEGABYTE, JSON_TYPE],
      ["a request of MLflow's", "POST", "/api/2.0/mlflow/runs/create", 65 * MEGABYTE, JSON_TYPE],
      ["a file", "PUT", FILE, 3 * MEGABYTE, {}],
    ] as const
  ) {
    await test.step(`${title} that is too large is answered 413`, async () => {
      const announced = await send(method, path, new Uint8Array(bytes).fill(32), headers);
      const counted = await send(method, path, inPieces(bytes), headers);

      deepEqual([announced.status, counted.status], [413, 413], counted.text);
      match(announced.text, /larger than [\d.]+ MiB/);
    });
  }

  await test.step("a file within the limit is kept, and one beyond it leaves nothing", async () => {
    equal((await send("PUT", FILE, inPieces(MEGABYTE))).status, 200);
    const temporary: string[] = [];
    for await (const { name } of Deno.readDir(`${store.folder}/tmp`)) temporary.push(name);

    deepEqual(temporary, []);
    const list = "/api/2.0/mlflow-artifacts/artifacts?path=0";
    const { files } = await (await fetch(server.origin + list)).json() as Json;
    deepEqual(files.map(({ path, file_size }: Json) => [path, file_size]), [["big.bin", MEGABYTE]]);
  });

  await test.step("the server lives on", async () => {
    ok((await fetch(`${server.origin}/healthz`)).ok);
  });
});
