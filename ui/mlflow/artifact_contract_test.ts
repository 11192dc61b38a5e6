import { deepEqual, equal, ok } from "node:assert/strict";
import { pathToFileURL } from "node:url";
import { type ContractServer, openContractServer, testContract } from "./_contract.ts";
import { registerChampion } from "../../runtime/registry/_register_champion.ts";
import { collectGarbage, listRunFiles } from "../../runtime/store/mod.ts";
import type { Exchange, Scenario } from "./_contract.ts";

const PROXY = "/api/2.0/mlflow-artifacts/artifacts";
const BAD = "INVALID_PARAMETER_VALUE";
const NONE = "RESOURCE_DOES_NOT_EXIST";

const begin: readonly Exchange[] = [
  {
    ask: "POST runs/create",
    send: {},
    gives: {
      run: {
        info: {
          run_id: "$run",
          run_uuid: "$run",
          run_name: "*",
          experiment_id: "0",
          user_id: "",
          status: "RUNNING",
          start_time: "*",
          artifact_uri: "mlflow-artifacts:/0/$run/artifacts",
          lifecycle_stage: "active",
        },
        data: "*",
        inputs: {},
      },
    },
  },
];
const file = (path: string, size: number) => ({ path, is_dir: false, file_size: size });
const folder = (path: string) => ({ path, is_dir: true });

/** Ways out of the folder that have opened other servers. */
const ESCAPES = [
  "../x",
  "a/../../x",
  "..%2fx",
  "%2e%2e/x",
  "%252e%252e%252fx",
  "/etc/passwd",
  "%2fetc%2fpasswd",
  "c:\\x",
  "..\\x",
  "a%00b",
  "file:///etc/passwd",
];

const scenarios: readonly Scenario[] = [
  {
    title: "keeps files through the proxy, in the folder of the run",
    exchanges: [
      ...begin,
      { ask: `PUT ${PROXY}/0/$run/artifacts/my.file`, send: "hello", type: null, gives: {} },
      { ask: `PUT ${PROXY}/0/$run/artifacts/dir/100%25%20%ED%95%9C.txt`, send: "x", gives: {} },
      { ask: `PUT ${PROXY}/0/$run/artifacts/dir/sub/empty`, send: "", gives: {} },
      {
        ask: `GET ${PROXY}?path=0/$run/artifacts`,
        gives: { files: [folder("dir"), file("my.file", 5)] },
      },
      {
        ask: `GET ${PROXY}?path=0/$run/artifacts/dir`,
        gives: { files: [file("100% 한.txt", 1), folder("sub")] },
      },
      { ask: `GET ${PROXY}?path=0/$run/artifacts/my.file`, gives: {} },
      { ask: `GET ${PROXY}?path=0/$run/artifacts/nothing`, gives: {} },
      {
        ask: "GET artifacts/list?run_id=$run&path=dir",
        gives: {
          root_uri: "mlflow-artifacts:/0/$run/artifacts",
          files: [file("dir/100% 한.txt", 1), folder("dir/sub")],
        },
      },
      { ask: `GET ${PROXY}/0/$run/artifacts/my.file`, gives: "hello" },
      { ask: "GET /get-artifact?run_id=$run&path=dir/100%25%20%ED%95%9C.txt", gives: "x" },
      { ask: `GET ${PROXY}/0/$run/artifacts/dir`, status: 404, error: NONE },
      { ask: `PUT ${PROXY}/0/$run/artifacts/my.file`, send: "again", type: null, gives: {} },
      { ask: `GET ${PROXY}/0/$run/artifacts/my.file`, gives: "again" },
      { ask: `DELETE ${PROXY}/0/$run/artifacts/dir`, gives: {} },
      { ask: `DELETE ${PROXY}/0/$run/artifacts/dir`, gives: {} },
      {
        ask: "GET artifacts/list?run_id=$run",
        gives: { root_uri: "*", files: [file("my.file", 5)] },
      },
      { ask: `PUT ${PROXY}/elsewhere/a/b`, send: "loose", type: null, gives: {} },
      { ask: `GET ${PROXY}?path=elsewhere`, gives: { files: [folder("a")] } },
      { ask: `GET ${PROXY}/elsewhere/a/b`, gives: "loose" },
      ...["create", "complete", "abort"].map((part) => ({
        ask: `POST /api/2.0/mlflow-artifacts/mpu/${part}/0/x`,
        send: { path: "x", num_parts: 2 },
        status: 501,
        error: "NOT_IMPLEMENTED",
      })),
      { ask: "GET artifacts/list?run_id=nobody", status: 404, error: NONE },
      {
        ask: "POST /ajax-api/2.0/mlflow/upload-artifact?run_uuid=$run&path=up/test.txt",
        send: "hello world",
        type: "text/plain",
        gives: {},
      },
      { ask: "GET /get-artifact?run_uuid=$run&path=up/test.txt", gives: "hello world" },
      ...([
        ["", "Request must specify run_uuid."],
        ["?run_uuid=$run", "Request must specify path."],
        ["?run_uuid=$run&path=", "Request must specify path."],
        ["?run_uuid=$run&path=../test.txt", "Invalid path"],
        ["?run_uuid=$run&path=test.txt", "Request must specify data."],
      ] as const).map(([query, says]) => ({
        ask: `POST /ajax-api/2.0/mlflow/upload-artifact${query}`,
        error: BAD,
        says,
      })),
    ],
  },
  {
    title: "lets no path lead elsewhere",
    exchanges: [
      ...begin,
      ...ESCAPES.flatMap((path): Exchange[] => {
        const asked = encodeURIComponent(path);
        const exact = { status: 400, gives: { error_code: BAD, message: "Invalid path" } };
        return [
          { ask: `GET artifacts/list?run_id=$run&path=${asked}`, ...exact },
          { ask: `GET /get-artifact?run_id=$run&path=${asked}`, ...exact },
          { ask: `GET //model-versions/get-artifact?name=m&version=1&path=${asked}`, ...exact },
          { ask: `POST upload-artifact?run_uuid=$run&path=${asked}`, send: "x", ...exact },
          { ask: `GET ${PROXY}?path=${asked}`, ...exact },
          ...["GET", "PUT", "DELETE"].map((method) => (
            { ask: `${method} ${PROXY}/${asked}`, ...exact }
          )),
        ];
      }),
    ],
  },
  {
    title: "knows the logged models of MLflow 3",
    exchanges: [
      ...begin,
      { ask: "POST logged-models/search", send: { experiment_ids: ["0"] }, gives: {} },
      {
        ask: "POST logged-models",
        send: {
          experiment_id: "0",
          name: "model",
          source_run_id: "$run",
          model_type: "t",
          tags: [{ key: "a", value: "b" }],
          params: [{ key: "depth", value: "3" }],
        },
        gives: {
          model: {
            info: {
              model_id: "$model",
              experiment_id: "0",
              name: "model",
              creation_timestamp_ms: "*",
              last_updated_timestamp_ms: "*",
              artifact_uri: "mlflow-artifacts:/0/models/$model/artifacts",
              status: "LOGGED_MODEL_PENDING",
              model_type: "t",
              source_run_id: "$run",
              tags: [{ key: "a", value: "b" }],
            },
            data: { params: [{ key: "depth", value: "3" }] },
          },
        },
      },
      {
        ask: "POST runs/outputs",
        send: { run_id: "$run", models: [{ model_id: "$model", step: "2" }] },
        gives: {},
      },
      {
        ask: `PUT ${PROXY}/0/models/$model/artifacts/MLmodel`,
        send: "a: b",
        type: null,
        gives: {},
      },
      {
        ask: "PATCH logged-models/$model",
        send: { model_id: "$model", status: "LOGGED_MODEL_READY" },
        gives: "*",
      },
      {
        ask: "PATCH logged-models/$model/tags",
        send: { tags: [{ key: "c", value: "d" }] },
        gives: "*",
      },
      { ask: "DELETE logged-models/$model/tags/a", gives: {} },
      { ask: "DELETE logged-models/$model/tags/a", status: 404, error: NONE },
      {
        ask: "POST logged-models/$model/params",
        send: { params: [{ key: "p", value: "q" }] },
        gives: {},
      },
      {
        ask: "POST runs/log-metric",
        send: {
          run_id: "$run",
          key: "acc",
          value: 0.5,
          timestamp: 1,
          model_id: "$model",
          dataset_name: "d",
          dataset_digest: "e",
        },
        gives: {},
      },
      ...["metrics.acc >= 0.5", "name = 'model'", "status = 'READY'", "params.p = 'q'"].map((
        filter,
      ) => ({
        ask: "POST logged-models/search",
        send: { experiment_ids: ["0"], filter, order_by: [{ field_name: "name" }] },
        gives: {
          models: [{
            info: {
              model_id: "$model",
              experiment_id: "0",
              name: "model",
              creation_timestamp_ms: "*",
              last_updated_timestamp_ms: "*",
              artifact_uri: "*",
              status: "LOGGED_MODEL_READY",
              model_type: "t",
              source_run_id: "$run",
              tags: [{ key: "c", value: "d" }],
            },
            data: {
              params: [{ key: "depth", value: "3" }, { key: "p", value: "q" }],
              metrics: [{
                key: "acc",
                value: 0.5,
                timestamp: 1,
                step: 0,
                model_id: "$model",
                dataset_name: "d",
                dataset_digest: "e",
                run_id: "$run",
              }],
            },
          }],
        },
      })),
      {
        ask: "POST logged-models/search",
        send: { experiment_ids: ["0"], datasets: [{ dataset_name: "other" }] },
        gives: {},
      },
      {
        ask: "GET logged-models/$model/artifacts/directories",
        gives: { root_uri: "*", files: [file("MLmodel", 4)] },
      },
      {
        ask: "GET runs/get?run_id=$run",
        gives: {
          run: {
            info: "*",
            data: "*",
            inputs: {},
            outputs: { model_outputs: [{ model_id: "$model", step: 2 }] },
          },
        },
      },
      {
        ask: "GET logged-models/m-none",
        status: 404,
        error: NONE,
        says: "Logged model with ID 'm-none' not found.",
      },
      { ask: "DELETE logged-models/$model", gives: {} },
      { ask: "GET logged-models/$model", status: 404, error: NONE },
      { ask: "POST logged-models/search", send: { experiment_ids: ["0"] }, gives: {} },
    ],
  },
];

testContract(scenarios);

Deno.test("the proxy streams files as downloads, and the garbage collector spares them", async () => {
  await using server = await openContractServer();
  const run = await beginRun(server);
  const bytes = crypto.getRandomValues(new Uint8Array(65_536));
  const chunks = new ReadableStream<Uint8Array>({
    start(controller) {
      for (let i = 0; i < 32; i++) controller.enqueue(bytes);
      controller.close();
    },
  });

  const path = `${PROXY}/0/${run}/artifacts/data/한.png`;
  const put = await server.request(path, { method: "PUT", body: chunks });
  equal(put.status, 200, await put.text());
  await server.request(`${PROXY}/loose`, { method: "PUT", body: "loose" });
  await collectGarbage(server.store, { keepRuns: 1, dryRun: false, graceMs: 0 });

  const got = await server.request(path);
  deepEqual(
    ["content-type", "content-length", "content-disposition", "x-content-type-options"]
      .map((name) => got.headers.get(name)),
    [
      "image/png",
      String(32 * 65_536),
      `attachment; filename="_.png"; filename*=UTF-8''%ED%95%9C.png`,
      "nosniff",
    ],
  );
  deepEqual((await got.bytes()).slice(-65_536), bytes);
  equal(await (await server.request(`${PROXY}/loose`)).text(), "loose");
  deepEqual((await listRunFiles(server.store, run)).map(({ path }) => path), ["data/한.png"]);
});

Deno.test("files under --artifact-root are read from the disk, and nothing outside of it", async () => {
  const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "hanok root 한옥 " }));
  const artifactRoot = pathToFileURL(`${folder}/root`).href;
  {
    await using server = await openContractServer({ artifactRoot });
    const { experiment_id } = await send(server, "experiments/create", { name: "local" });
    const run = await beginRun(server, { experiment_id });
    const place = `${folder}/root/${experiment_id}/${run}/artifacts`;
    await Deno.mkdir(`${place}/dir`, { recursive: true });
    await Deno.writeTextFile(`${place}/dir/a.txt`, "on the disk");
    await Deno.writeTextFile(`${folder}/secret`, "secret");
    await Deno.symlink(`${folder}/secret`, `${place}/link`);

    const list = await server.request(`/api/2.0/mlflow/artifacts/list?run_id=${run}&path=dir`);
    deepEqual(await list.json(), {
      root_uri: `${artifactRoot}/${experiment_id}/${run}/artifacts`,
      files: [{ path: "dir/a.txt", is_dir: false, file_size: 11 }],
    });
    const get = (path: string) => server.request(`/get-artifact?run_id=${run}&path=${path}`);
    equal(await (await get("dir/a.txt")).text(), "on the disk");
    equal((await (await get("link")).json()).error_code, "PERMISSION_DENIED");
    equal((await (await get("none")).json()).error_code, "RESOURCE_DOES_NOT_EXIST");

    const elsewhere = await send(server, "experiments/create", {
      name: "elsewhere",
      artifact_location: folder,
    });
    const other = await beginRun(server, elsewhere);
    await send(server, "registered-models/create", { name: "local" });
    const hashOf = async (runId: string, place: string) => {
      for (const file of ["model.onnx", "signature.json", "code/load.py"]) {
        await Deno.mkdir(`${place}/model/code`, { recursive: true });
        await Deno.writeTextFile(`${place}/model/${file}`, `of ${file}`);
      }
      const { model_version: made } = await send(server, "model-versions/create", {
        name: "local",
        source: `${place}/model`,
        run_id: runId,
      });
      const [row] = await server.store.cells(
        "SELECT artifact_hash FROM model_versions WHERE version = ?",
        [Number(made.version)],
      );
      return row![0];
    };
    ok(await hashOf(run, place), "below the root it is taken in, and can be served");
    equal(await hashOf(other, `${folder}/${other}/artifacts`), null);
    await Deno.remove(`${place}/model/code/load.py`);
    await Deno.symlink(`${folder}/secret`, `${place}/model/code/load.py`);
    const linked = await send(server, "model-versions/create", {
      name: "local",
      source: `${place}/model`,
      run_id: run,
    });
    equal(linked.model_version.version, "3");
    deepEqual(
      await server.store.cells("SELECT artifact_hash FROM model_versions WHERE version = 3"),
      [[null]],
    );
    const asked = await server.request(`/get-artifact?run_id=${other}&path=x`);
    deepEqual([asked.status, (await asked.json()).error_code], [403, "PERMISSION_DENIED"]);
  }
  await Deno.remove(folder, { recursive: true });
});

Deno.test("a registered model of a pipeline is listed and downloaded, and cannot be changed", async () => {
  await using server = await openContractServer();
  const { store } = server;
  await registerChampion(store, "digits", "weights");
  const get = (path: string) => server.request(path);
  const api = "/api/2.0/mlflow";

  const alias = await (await get(`${api}/registered-models/alias?name=digits&alias=champion`))
    .json();
  const { version } = alias.model_version;
  const { artifact_uri } = await (await get(
    `${api}/model-versions/get-download-uri?name=digits&version=${version}`,
  )).json();
  const path = artifact_uri.replace(/^mlflow-artifacts:\//, "");
  deepEqual(await (await get(`${PROXY}?path=${path}`)).json(), {
    files: [{ path: "content.txt", is_dir: false, file_size: 7 }],
  });
  equal(await (await get(`${PROXY}/${path}/content.txt`)).text(), "weights");
  equal(
    await (await get(`/model-versions/get-artifact?name=digits&version=1&path=content.txt`)).text(),
    "weights",
  );
  for (const method of ["PUT", "DELETE"]) {
    const init = method === "PUT" ? { method, body: "other" } : { method };
    const answer = await server.request(`${PROXY}/${path}/content.txt`, init);
    deepEqual([answer.status, (await answer.json()).error_code], [403, "PERMISSION_DENIED"]);
  }
});

async function beginRun(server: ContractServer, run: object = {}): Promise<string> {
  return (await send(server, "runs/create", run)).run.info.run_id;
}

// deno-lint-ignore no-explicit-any -- a test reads what it expects, and fails where it is not
async function send(server: ContractServer, path: string, body: object): Promise<any> {
  const response = await server.request(`/api/2.0/mlflow/${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return await response.json();
}
