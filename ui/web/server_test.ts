import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import fc from "fast-check";
import { importModel, moveAlias } from "../../runtime/registry/mod.ts";
import { listRunFiles, openStore } from "../../runtime/store/mod.ts";
import { type Json, openTestStore, post, type TestStore } from "./_served_store.ts";

const FLOWER = { sepal_length: 5.1, sepal_width: 3.5, petal_length: 1.4, petal_width: 0.2 };
const BIG_FLOWER = { sepal_length: 6.7, sepal_width: 3, petal_length: 5.2, petal_width: 2.3 };

// One store and one server for all that changes nothing: starting processes is what takes time here.
Deno.test("startServer() serves a registered model over HTTP", async (test) => {
  await using store = await openTestStore();
  await store.cli("run", "iris");
  await using server = await store.serve();
  const { origin } = server;
  const predict = `${origin}/predict`;

  await test.step("POST /predict answers one row with one answer", async () => {
    const { status, json, headers } = await post(predict, FLOWER);

    equal(status, 200);
    equal(json.model, "iris");
    equal(json.version, 1);
    equal(json.label, "setosa");
    ok(json.confidence > 0.9 && json.confidence <= 1);
    deepEqual(Object.keys(json.probabilities), ["setosa", "versicolor", "virginica"]);
    equal(headers.get("x-content-type-options"), "nosniff");
  });

  await test.step("POST /predict answers rows by name and by place alike, in their order", async () => {
    const signature = (await (await fetch(`${origin}/api/models/iris`)).json()) as Json;
    ok(signature.versions.length === 1);
    const names = await inputNames(store);
    const byPlace = (row: Record<string, number>) => names.map((name) => row[name]);

    const named = await post(predict, { rows: [FLOWER, BIG_FLOWER] });
    const placed = await post(predict, { rows: [byPlace(FLOWER), byPlace(BIG_FLOWER)] });
    const instances = await post(predict, { instances: [byPlace(FLOWER), byPlace(BIG_FLOWER)] });

    const labels = named.json.predictions.map(({ label }: Json) => label);
    deepEqual(labels, ["setosa", "virginica"]);
    deepEqual(placed.json, named.json);
    deepEqual(instances.json, named.json);
  });

  for (
    const path of [
      "/models/iris/predict",
      "/models/iris/aliases/champion/predict",
      "/models/iris/aliases/candidate/predict",
      "/models/iris/versions/1/predict",
    ]
  ) {
    await test.step(`POST ${path} answers`, async () => {
      const { status, json } = await post(origin + path, FLOWER);

      equal(status, 200);
      equal(json.label, "setosa");
    });
  }

  for (
    const [path, code] of [
      ["/models/rose/predict", "serving/unknown-model"],
      ["/models/iris/aliases/shadow/predict", "serving/unknown-alias"],
      ["/models/iris/versions/7/predict", "serving/unknown-version"],
      ["/models/iris/versions/one/predict", "serving/unknown-version"],
      [`/models/${encodeURIComponent("../../etc/passwd\0")}/predict`, "serving/unknown-model"],
    ] as const
  ) {
    await test.step(`POST ${path} answers 404 with ${code}`, async () => {
      const { status, json } = await post(origin + path, FLOWER);

      equal(status, 404);
      equal(json.error.code, code);
      ok(json.error.fix !== "");
    });
  }

  await test.step("POST /predict answers 400 with every problem", async () => {
    const { status, json } = await post(predict, {
      rows: [{ ...FLOWER, petal_width: "wide" }, { sepal_lenght: 1, petal_length: null }],
    });

    equal(status, 400);
    equal(json.error.code, "serving/bad-input");
    deepEqual(json.error.problems.slice(0, 2), [
      'row 1: "petal_width" is the text "wide", and must be a number',
      'row 2: "sepal_lenght" is not an input of the model (did you mean "sepal_length"?)',
    ]);
    equal(json.error.problems.length, 6);
  });

  for (
    const { title, body, headers, status } of [
      { title: "no JSON", body: "{", headers: undefined, status: 400 },
      { title: "a form", body: "a=1", headers: { "content-type": "text/plain" }, status: 415 },
      { title: "9 MB", body: `[${"1,".repeat(4_500_000)}1]`, headers: undefined, status: 413 },
    ]
  ) {
    await test.step(`POST /predict answers ${status} to ${title}`, async () => {
      equal((await post(predict, body, headers)).status, status);
    });
  }

  await test.step("POST /predict says what is wrong with the bytes of a body", async () => {
    const send = async (bytes: Uint8Array<ArrayBuffer>) => {
      const headers = { "content-type": "application/json" };
      const response = await fetch(predict, { method: "POST", headers, body: bytes });
      return [response.status, (await response.json() as Json).error.why];
    };
    const broken = new TextEncoder().encode('{"sepal_length":"?"}');
    broken[17] = 0xff;

    // A model that takes no text is asked without a look at every byte: what is no number is told as that.
    const [status, why] = await send(broken);
    equal(status, 400);
    match(why, /"sepal_length" is the text "\ufffd", and must be a number/);
    deepEqual(await send(new Uint8Array([0xef, 0xbb, 0xbf, 0x7b, 0x7d])), [
      400,
      "it begins with a byte order mark",
    ]);
    // However deep it is, it is looked at no deeper than a row.
    const deep = new TextEncoder().encode("[".repeat(100_000) + "]".repeat(100_000));
    deepEqual(await send(deep), [400, "row 1: has 1 value, and the model takes 4"]);
  });

  await test.step("POST /predict takes a body that comes in pieces", async () => {
    const stream = new Blob([JSON.stringify(FLOWER)]).stream();
    const headers = { "content-type": "application/json" };
    const response = await fetch(predict, { method: "POST", headers, body: stream });

    equal((await response.json() as Json).label, "setosa");
  });

  await test.step("POST /invocations answers in MLflow's scoring format", async () => {
    const invoke = (body: unknown) => post(`${origin}/invocations`, body);
    const columns = Object.keys(FLOWER);
    const data = [Object.values(FLOWER), Object.values(BIG_FLOWER)];

    const split = await invoke({ dataframe_split: { columns, data } });
    const full = await invoke({ dataframe_records: [FLOWER], params: { probabilities: true } });
    const wrong = await invoke({ instances: [{ ...FLOWER, petal_width: "wide" }] });
    const missing = await invoke({ dataframe_records: [{ petal_width: 1 }] });
    const csv = await post(
      `${origin}/invocations`,
      [columns, ...data].map((line) => line.join()).join("\n"),
      { "content-type": "text/csv" },
    );

    deepEqual(split.json, { predictions: ["setosa", "virginica"] });
    deepEqual(csv.json, split.json);
    equal(full.json.predictions[0].label, "setosa");
    deepEqual([wrong.status, wrong.json.error_code], [400, "INVALID_PARAMETER_VALUE"]);
    deepEqual([missing.status, missing.json.error_code], [400, "INVALID_PARAMETER_VALUE"]);
    equal((await fetch(`${origin}/invocations`, { method: "POST", body: "x" })).status, 415);
    const ping = await fetch(`${origin}/ping`);
    deepEqual([ping.status, await ping.text()], [200, "\n"]);
  });

  await test.step("GET /predict answers 405", async () => {
    const response = await fetch(predict);

    equal(response.status, 405);
    equal((await response.json() as Json).error.code, "request/wrong-method");
  });

  await test.step("requests for a foreign host are refused", async () => {
    const status = await rawStatus(origin, "GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n");

    equal(status, 403);
  });

  await test.step("many requests at once get their own answers", async () => {
    const answers = await Promise.all(
      Array.from(
        { length: 200 },
        (_, index) => post(predict, index % 2 === 0 ? FLOWER : BIG_FLOWER),
      ),
    );

    const expected = answers.map((_, index) => index % 2 === 0 ? "setosa" : "virginica");
    deepEqual(answers.map(({ json }) => json.label), expected);
  });

  await test.step("nothing that is sent brings the server down", async () => {
    const paths = fc.constantFrom(
      "/predict",
      "/models/iris/predict",
      "/models/%E0%A4%A/predict",
      "/models/iris/versions/99999999999999999999/predict",
      "/?model=%00",
      "/runs/../../etc/passwd",
      "/runs?offset=-1",
      "/api/runs?limit=1e9",
      "/lineage?of=",
      "/static/%2e%2e%2fstart_server.ts",
    );
    const body = fc.oneof(fc.string(), fc.json(), fc.constant('{"rows":[[[[[[]]]]]]}'));
    await fc.assert(
      fc.asyncProperty(
        paths,
        fc.constantFrom("GET", "POST", "PUT", "DELETE"),
        body,
        async (path, method, text) => {
          const response = await fetch(origin + path, {
            method,
            headers: { "content-type": "application/json" },
            ...(method === "GET" ? {} : { body: text }),
          });
          await response.body?.cancel();

          ok(response.status < 500, `${method} ${path} ${text} answered ${response.status}`);
        },
      ),
      { seed: 7, numRuns: 150 },
    );

    equal((await fetch(`${origin}/healthz`)).status, 200);
  });

  await test.step("broken HTTP gets an answer or a closed line, and the server lives", async () => {
    await rawStatus(origin, "NONSENSE\r\n\r\n");
    await rawStatus(origin, `GET /${"a".repeat(70_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`);

    equal((await fetch(`${origin}/healthz`)).status, 200);
  });

  await test.step("GET /healthz tells what is served", async () => {
    const json = await (await fetch(`${origin}/healthz`)).json() as Json;

    equal(json.status, "ok");
    deepEqual(json.models.map(({ alias, serving }: Json) => [alias, serving]), [
      ["candidate", 1],
      ["champion", 1],
    ]);
  });

  await test.step("the facts of runs and models are there as JSON", async () => {
    const { runs, has_more } = await (await fetch(`${origin}/api/runs?limit=1`)).json() as Json;
    const run = await (await fetch(`${origin}/api/runs/${runs[0].run_id}`)).json() as Json;
    const { models } = await (await fetch(`${origin}/api/models`)).json() as Json;
    const lineage = await (await fetch(`${origin}/api/lineage?of=iris/1`)).json() as Json;

    equal(runs[0].status, "succeeded");
    equal(has_more, false);
    ok(run.steps.length > 5 && run.curves.includes("train/loss"));
    ok(models[0].shown.metrics.accuracy > 0.9);
    equal(lineage.steps.at(-1).node, "train");
  });

  await test.step("GET /metrics counts what the Grafana dashboard shows", async () => {
    await post(predict, FLOWER);
    const text = await (await fetch(`${origin}/metrics`)).text();
    const dashboard = await (await fetch(`${origin}/static/grafana.json`)).json() as Json;

    match(text, /^http_requests_total\{route="\/predict",method="POST",status="200"\} \d+$/m);
    match(text, /^model_predictions_total\{model="iris",version="1",class="setosa"\} \d+$/m);
    match(text, /^model_loaded\{model="iris",version="1",alias="champion"\} 1$/m);
    const asked = JSON.stringify(dashboard.panels)
      .match(/\b(?:http|model|process)_\w+/g)!.filter((name) => !/^model_?$/.test(name));
    const known = new Set([...text.matchAll(/^(\w+)[{ ]/gm)].map(([, name]) => name));
    ok(asked.length > 9);
    deepEqual(asked.filter((name) => !known.has(name)), []);
  });

  await test.step("every answer has an id, which stands in the access log", async () => {
    const { headers } = await post(predict, FLOWER, {
      "content-type": "application/json",
      "x-request-id": "mine-1",
    });
    const page = await fetch(`${origin}/runs?token=secret`);
    await page.body?.cancel();
    const id = page.headers.get("x-request-id")!;
    const log = join(store.folder, "access.jsonl");
    const line = async () =>
      (await Deno.readTextFile(log)).split("\n").find((each) => each.includes(`"${id}"`));
    await until(async () => await line() !== undefined, 20_000);

    equal(headers.get("x-request-id"), "mine-1");
    const { method, path, status } = JSON.parse((await line())!);
    deepEqual({ method, path, status }, { method: "GET", path: "/runs", status: 200 });
  });

  await test.step("GET /openapi.json describes the model's own inputs", async () => {
    const { paths } = await (await fetch(`${origin}/openapi.json`)).json() as Json;
    const content = paths["/models/iris/predict"].post.requestBody.content["application/json"];

    deepEqual(content.schema.anyOf[1].required.toSorted(), Object.keys(FLOWER).toSorted());
  });

  for (const path of ["/", "/runs", "/models", "/models/iris", "/lineage?of=iris/1"]) {
    await test.step(`GET ${path} is a page with a strict policy`, async () => {
      const response = await fetch(origin + path);

      equal(response.status, 200);
      match(await response.text(), /^<!doctype html><html lang="en">/);
      const policy = response.headers.get("content-security-policy")!;
      match(policy, /default-src 'self'/);
      equal(/unsafe/.test(policy), false);
      equal(response.headers.get("x-frame-options"), "DENY");
    });
  }

  await test.step("GET /lineage without a subject leads to that of the newest model", async () => {
    const response = await fetch(`${origin}/lineage`, { redirect: "manual" });
    await response.body?.cancel();

    equal(response.status, 302);
    equal(response.headers.get("location"), "/lineage?of=iris%2F1");
  });

  await test.step("an unknown page is a page for people and JSON for programs", async () => {
    const page = await fetch(`${origin}/nothing`, { headers: { accept: "text/html" } });
    const json = await fetch(`${origin}/nothing`);

    equal(page.status, 404);
    match(await page.text(), /Not found/);
    equal((await json.json() as Json).error.code, "server/unknown-path");
  });

  await test.step("POST / is a page that works without JavaScript", async () => {
    const form = new URLSearchParams(
      Object.entries(BIG_FLOWER).map(([name, value]) => [`f.${name}`, String(value)]),
    );
    const response = await fetch(`${origin}/?model=iris`, { method: "POST", body: form });
    const html = await response.text();

    equal(response.status, 200);
    match(html, /<output class="">virginica<\/output>/);
    match(html, /name="f\.petal_length" value="5\.2"/);
  });

  await test.step("POST / with a wrong value keeps it and names the problem", async () => {
    const form = new URLSearchParams({ "f.petal_length": "long" });
    const response = await fetch(`${origin}/?model=iris`, { method: "POST", body: form });
    const html = await response.text();

    equal(response.status, 400);
    match(html, /&quot;petal_length&quot; is the text &quot;long&quot;/);
    match(html, /value="long"/);
  });

  await test.step("everything that the pages need comes from the server, and is cached", async () => {
    const page = await (await fetch(`${origin}/?model=iris`)).text();
    const addresses = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address]) => address!);
    const files = addresses.filter((address) => address.startsWith("/static/"));
    ok(files.length >= 4);
    equal(addresses.some((address) => /^(https?:)?\/\//.test(address)), false);
    for (const file of files) {
      const response = await fetch(origin + file);
      await response.body?.cancel();
      equal(response.status, 200, file);
      const again = await fetch(origin + file, {
        headers: { "if-none-match": response.headers.get("etag")! },
      });
      equal(again.status, 304, file);
    }
  });
});

Deno.test("startServer() with several models asks which one is meant, unless --model says it", async () => {
  await using store = await openTestStore();
  await store.cli("run", "iris");
  await copyModel(store, "iris", "team/손글씨 @ 2");
  await using server = await store.serve();

  const asked = await post(`${server.origin}/predict`, FLOWER);
  equal(asked.status, 409);
  equal(asked.json.error.code, "serving/which-model");
  deepEqual(asked.json.error.choices, ["iris", "team/손글씨 @ 2"]);

  const path = `/models/${encodeURIComponent("team/손글씨 @ 2")}/versions/1/predict`;
  const named = await post(server.origin + path, FLOWER);
  equal(named.json.label, "setosa");
  equal(named.json.model, "team/손글씨 @ 2");
  const page = await fetch(`${server.origin}/models/${encodeURIComponent("team/손글씨 @ 2")}`);
  match(await page.text(), /<h1>team\/손글씨 @ 2<\/h1>/);
  await server.stop();

  await using chosen = await store.serve("--model", "team/손글씨 @ 2/1");
  equal((await post(`${chosen.origin}/predict`, FLOWER)).json.model, "team/손글씨 @ 2");
});

Deno.test("startServer() serves an alias that another process moves, without a failed request", async () => {
  await using store = await openTestStore();
  await store.cli("run", "iris");
  await store.cli("run", "iris", "--set", "seed=2");
  await using server = await store.serve();
  const predict = `${server.origin}/models/iris/predict`;
  equal((await post(predict, FLOWER)).json.version, 2);

  let asking = true;
  const statuses = new Set<number>();
  const caller = async () => {
    while (asking) statuses.add((await post(predict, FLOWER)).status);
  };
  const callers = [caller(), caller(), caller()];
  for (const version of [1, 2, 1]) {
    await moveChampion(store, version);
    await until(async () => (await post(predict, FLOWER)).json.version === version, 20_000);
  }
  asking = false;
  await Promise.all(callers);

  deepEqual([...statuses], [200]);
});

Deno.test("startServer() keeps the old version when the new one does not load, and says so", async () => {
  await using store = await openTestStore();
  await store.cli("run", "iris");
  await importDamaged(store, "iris");
  await using server = await store.serve();
  equal((await post(`${server.origin}/predict`, FLOWER)).json.version, 1);

  await moveChampion(store, 2);
  const champion = async () => {
    const { models } = await (await fetch(`${server.origin}/healthz`)).json() as Json;
    return models.find(({ alias }: Json) => alias === "champion");
  };
  await until(async () => (await champion()).problem !== null, 20_000);

  deepEqual([(await champion()).wanted, (await champion()).serving], [2, 1]);
  equal((await post(`${server.origin}/predict`, FLOWER)).json.version, 1);
  match(await (await fetch(`${server.origin}/models/iris`)).text(), /cannot be loaded/);
  match(await (await fetch(`${server.origin}/`)).text(), /does not answer yet/);
  const log = await Deno.readTextFile(join(store.folder, "server.jsonl"));
  match(log, /"type":"model-failed","name":"iris","version":2/);
});

Deno.test("startServer() lets a person approve, reject and roll back, and keeps the reason", async () => {
  await using store = await openTestStore();
  await store.cli("run", "iris");
  await store.cli("run", "iris", "--set", "seed=2");
  await using server = await store.serve();
  const model = async () => await (await fetch(`${server.origin}/api/models/iris`)).json() as Json;
  const decide = (form: Record<string, string>) =>
    fetch(`${server.origin}/models/iris/decide`, {
      method: "POST",
      body: new URLSearchParams(form),
      redirect: "manual",
    });
  equal((await model()).aliases.champion, 2);

  const approved = await decide({ action: "approve", version: "1", why: "checked <b>by hand</b>" });
  await approved.body?.cancel();
  equal(approved.status, 303);
  const page = await (await fetch(server.origin + approved.headers.get("location")!)).text();
  match(page, /Version 1 is approved, and the champion/);
  match(page, /checked &lt;b&gt;by hand&lt;\/b&gt;/);
  equal((await model()).aliases.champion, 1);

  const impossible = await fetch(`${server.origin}/models/iris/decide`, {
    method: "POST",
    headers: { accept: "text/html" },
    body: new URLSearchParams({ action: "reject", version: "1", why: "no" }),
  });
  equal(impossible.status, 409);
  const answer = await impossible.text();
  match(answer, /^<!doctype html>[^]*Cannot set iris\/1 to rejected[^]*href="\/models\/iris"/);

  const rolled = await post(`${server.origin}/api/models/iris/rollback`, { why: "too slow" });
  deepEqual([rolled.status, rolled.json.version], [200, 2]);
  const refused = await post(`${server.origin}/api/models/iris/versions/2/reject`, { why: "no" });
  deepEqual([refused.status, refused.json.error.code], [409, "registry/is-champion"]);
  const silent = await post(`${server.origin}/api/models/iris/versions/1/archive`, { why: " " });
  deepEqual([silent.status, silent.json.error.code], [400, "request/no-reason"]);
  equal(
    (await post(`${server.origin}/api/models/iris/versions/9/archive`, { why: "x" })).status,
    404,
  );
  const reasons = (await model()).history.map(({ why }: Json) => why);
  ok(reasons.includes("too slow") && reasons.includes("checked <b>by hand</b>"));
});

Deno.test("startServer() shows two versions side by side on one input", async () => {
  await using store = await openTestStore();
  await store.cli("run", "iris");
  await store.cli("run", "iris", "--set", "seed=2");
  await using server = await store.serve();
  const form = new URLSearchParams(
    Object.entries(BIG_FLOWER).map(([name, value]) => [`f.${name}`, String(value)]),
  );

  const html = await (await fetch(`${server.origin}/?model=iris&beside=iris/1`, {
    method: "POST",
    body: form,
  })).text();

  equal([...html.matchAll(/<output class="">virginica<\/output>/g)].length, 2);
  match(html, /answered by iris, version 2/);
  match(html, /answered by iris, version 1/);
});

Deno.test("startServer() lets out no file that is not a run's, however its path is written", async () => {
  await using store = await openTestStore();
  await store.cli("run", "iris");
  await using server = await store.serve();
  const { runs: [run] } = await (await fetch(`${server.origin}/api/runs`)).json() as Json;
  const known = await fetch(`${server.origin}/runs/${run.run_id}/file?path=train/model/MLmodel`);
  await known.body?.cancel();
  equal(known.status, 200);

  const paths = [
    "../../store.db",
    "..%2f..%2fstore.db",
    "%2e%2e/%2e%2e/store.db",
    "/etc/passwd",
    "train/model/../../../../store.db",
    "train/model/MLmodel%00.txt",
    "..\\..\\store.db",
    "file:///etc/passwd",
  ];
  for (const path of paths) {
    for (
      const address of [
        `/runs/${run.run_id}/file?path=${path}`,
        `/runs/${run.run_id}/file?path=${encodeURIComponent(path)}`,
        `/api/2.0/mlflow-artifacts/artifacts/0/${run.run_id}/artifacts/${path}`,
        `/api/2.0/mlflow-artifacts/artifacts/0/${run.run_id}/artifacts/${encodeURIComponent(path)}`,
        `/static/${path}`,
        `/static/${encodeURIComponent(path)}`,
      ]
    ) {
      const response = await fetch(server.origin + address);
      const text = await response.text();
      ok(response.status >= 400 && response.status < 500, `${address} answered ${response.status}`);
      equal(/root:|SQLite format/.test(text), false, address);
    }
  }
});

Deno.test("startServer() lets out nothing that a link in the store leads to", async () => {
  await using store = await openTestStore();
  await store.cli("run", "iris");
  await using server = await store.serve();
  const { runs: [run] } = await (await fetch(`${server.origin}/api/runs`)).json() as Json;
  const path = "train/model/MLmodel";
  await using opened = await openStore({ folder: store.folder });
  const file = (await listRunFiles(opened, run.run_id)).find((each) => each.path === path)!;
  const secret = `${store.folder}/secret.txt`;
  await Deno.writeTextFile(secret, "secret".padEnd(file.size));
  await Deno.remove(opened.blobs.pathOf(file.hash));
  await Deno.symlink(secret, opened.blobs.pathOf(file.hash));

  for (
    const address of [
      `/runs/${run.run_id}/file?path=${path}`,
      `/runs/${run.run_id}/file?path=${path}&raw=1`,
      `/api/runs/${run.run_id}/file?path=${path}`,
      `/get-artifact?run_id=${run.run_id}&path=${path}`,
    ]
  ) {
    const response = await fetch(server.origin + address);

    ok(!(await response.text()).includes("secret"), address);
    equal(response.status, 404, address);
  }
});

Deno.test("startServer() answers for another host when it is allowed, e.g. behind a port forwarding", async () => {
  await using store = await openTestStore();
  await using server = await store.serve("--allowed-host", "editor.example");
  const ask = (host: string) =>
    rawStatus(server.origin, `GET /healthz HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);

  deepEqual(
    await Promise.all(["editor.example:8000", "EDITOR.example", "evil.example"].map(ask)),
    [200, 200, 403],
  );
});

Deno.test("startServer() shares requests among versions, and counts what was right", async () => {
  await using store = await openTestStore();
  await store.cli("run", "iris");
  await store.cli("run", "iris", "--set", "seed=2");
  await using server = await store.serve("--sample-rate", "1", "--samples-kept", "5");
  const ask = async (headers: Record<string, string> = {}) =>
    await post(`${server.origin}/models/iris/predict`, FLOWER, {
      "content-type": "application/json",
      ...headers,
    });
  const put = await fetch(`${server.origin}/api/models/iris/split`, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      shares: [{ version: 1, weight: 1 }, { version: 2, weight: 1 }],
      why: "to compare",
    }),
  });
  equal((await put.json() as Json).model, "iris");

  const versions = new Set<number>();
  await until(async () => versions.add((await ask()).json.version).size === 2, 20_000);
  const sticky = await Promise.all(
    Array.from({ length: 10 }, () => ask({ "x-hanok-key": "mina" })),
  );
  equal(new Set(sticky.map(({ json }) => json.version)).size, 1);
  equal((await ask({ "x-hanok-version": "1" })).json.version, 1);

  const right = await ask({ "x-hanok-version": "1" });
  const wrong = await ask({ "x-hanok-version": "2" });
  const tell = async (answer: typeof right, label: string) =>
    (await post(`${server.origin}/feedback`, {
      request_id: answer.headers.get("x-request-id"),
      label,
    })).status;
  deepEqual([await tell(right, "setosa"), await tell(wrong, "virginica")], [200, 200]);
  equal((await post(`${server.origin}/feedback`, { request_id: "x", label: "a" })).status, 404);
  equal((await post(`${server.origin}/feedback`, { request_id: "x" })).status, 400);
  const traffic = await (await fetch(`${server.origin}/api/models/iris/traffic`)).json() as Json;
  deepEqual(traffic.feedback, [
    { version: 2, told: 1, right: 0, accuracy: 0 },
    { version: 1, told: 1, right: 1, accuracy: 1 },
  ]);

  const kept = async () =>
    (await (await fetch(`${server.origin}/api/models/iris/samples`)).json() as Json).samples;
  await until(async () => (await kept()).length === 5, 20_000);
  deepEqual((await kept())[0].request, FLOWER);
  match(await (await fetch(`${server.origin}/models/iris`)).text(), /version 1 answers 50\.0 %/);

  match(await store.cli("models", "traffic", "iris"), /Version 1 was right in 1 of 1 answers/);
  await store.cli("models", "split", "iris", "1:1", "2:3");
  deepEqual(JSON.parse(await store.cli("models", "traffic", "iris", "--json")).split, [
    { version: 1, weight: 1 },
    { version: 2, weight: 3 },
  ]);
  await store.cli("models", "split", "iris");
  match(await store.cli("models", "traffic", "iris"), /^The champion answers all requests/);
});

Deno.test("startServer() tells of a run that goes on, and runs it again", async () => {
  await using store = await openTestStore();
  await store.cli("run", "iris");
  await using server = await store.serve();
  const { runs: [first] } = await (await fetch(`${server.origin}/api/runs`)).json() as Json;

  const again = await fetch(`${server.origin}/runs/${first.run_id}/rerun`, {
    method: "POST",
    body: new URLSearchParams({ fresh: "on" }),
    redirect: "manual",
  });
  await again.body?.cancel();
  equal(again.status, 303);
  const page = again.headers.get("location")!;
  const events = await (await fetch(`${server.origin}${page}/events`)).text();

  match(events, /^event: listening\ndata: [0-9a-f]{32}\n\n/);
  match(events, /event: ended\ndata: [0-9a-f]{32}\n\n$/);
  const run = await (await fetch(`${server.origin}/api${page}`)).json() as Json;
  equal(run.status, "succeeded");
  equal(run.pipeline, "iris");
  ok(run.steps.every(({ status }: Json) => status === "succeeded"));
  deepEqual(
    run.params,
    (await (await fetch(`${server.origin}/api/runs/${first.run_id}`)).json()).params,
  );
});

Deno.test("startServer() answers 500 with an id that stands in the log, when a model cannot be loaded", async () => {
  await using store = await openTestStore();
  await store.cli("run", "iris");
  await importDamaged(store, "iris");
  await using server = await store.serve();

  const { status, json } = await post(`${server.origin}/models/iris/versions/2/predict`, FLOWER);

  equal(status, 500);
  const log = await Deno.readTextFile(join(store.folder, "server.jsonl"));
  ok(log.includes(`"id":"${json.error.id}"`));
  equal((await post(`${server.origin}/predict`, FLOWER)).status, 200);
});

Deno.test("startServer() on an empty store says what to do next", async () => {
  await using store = await openTestStore();
  await using server = await store.serve();

  match(await (await fetch(server.origin)).text(), /No model yet/);
  for (const path of ["/runs", "/models"]) {
    match(await (await fetch(server.origin + path)).text(), /deno task pipeline run/);
  }
  const { status, json } = await post(`${server.origin}/predict`, FLOWER);
  equal(status, 404);
  match(json.error.fix, /deno task pipeline run/);
});

Deno.test("startServer() answers what it has taken, and ends with 0, when it is told to stop", async () => {
  await using store = await openTestStore();
  await store.cli("run", "iris");
  await using server = await store.serve();
  const ask = () => post(`${server.origin}/predict`, { rows: [FLOWER, BIG_FLOWER] });
  await ask();

  const asked = Promise.allSettled(Array.from({ length: 100 }, ask));
  const ended = await server.stop();

  const answers = (await asked).filter((each) => each.status === "fulfilled");
  for (const { value: { status, json } } of answers) {
    ok(status === 200 || json.error.code === "request/cut-off", JSON.stringify(json));
  }
  equal(ended.code, 0);
  match(await Deno.readTextFile(join(store.folder, "server.jsonl")), /"type":"server-stopped"/);
});

/** Names of the model's inputs, from the file in the store. */
async function inputNames(store: TestStore): Promise<string[]> {
  const shown = JSON.parse(await store.cli("predict", "iris", "--example", "--json")) as Json;
  ok(shown.predictions.length >= 1);
  await using opened = await openStore({ folder: store.folder });
  const { openVersionFiles } = await import("../../runtime/serving/registry_catalog.ts");
  const files = await openVersionFiles(opened, "iris", 1);
  const signature = await files.readJson("signature.json") as Json;
  return signature.inputs.map(({ name }: Json) => name);
}

/** Puts the model folder of a version, changed by `change`, into the registry under a name. */
async function importCopy(
  store: TestStore,
  { from, name, change }: {
    readonly from: string;
    readonly name: string;
    readonly change: (folder: string) => Promise<void>;
  },
): Promise<void> {
  await using opened = await openStore({ folder: store.folder });
  const { openVersionFiles } = await import("../../runtime/serving/registry_catalog.ts");
  const files = await openVersionFiles(opened, from, 1);
  const folder = await Deno.makeTempDir({ prefix: "hanok model " });
  try {
    for (
      const path of ["model.onnx", "signature.json", "preprocessing.json", "input_example.json"]
    ) {
      await Deno.writeFile(join(folder, path), await files.read(path));
    }
    await change(folder);
    await importModel(opened, folder, name, { user: "mina", at: Date.now() });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function copyModel(store: TestStore, from: string, name: string): Promise<void> {
  return importCopy(store, { from, name, change: () => Promise.resolve() });
}

/** A next version whose ONNX file was cut in the middle. */
function importDamaged(store: TestStore, name: string): Promise<void> {
  return importCopy(store, {
    from: name,
    name,
    change: async (folder) => {
      const path = join(folder, "model.onnx");
      const bytes = await Deno.readFile(path);
      await Deno.writeFile(path, bytes.subarray(0, bytes.length / 2));
    },
  });
}

/** Moves the alias from this process, which is another one than the server's. */
async function moveChampion(store: TestStore, version: number): Promise<void> {
  await using opened = await openStore({ folder: store.folder });
  const act = { user: "mina", why: "a test", at: Date.now() };
  await moveAlias(opened, { name: "iris", version }, "champion", act);
}

/** Asks again until it is so; fails when it never comes. */
async function until(isSo: () => Promise<boolean>, deadlineMs: number): Promise<void> {
  const start = performance.now();
  while (!await isSo()) {
    ok(performance.now() - start < deadlineMs, `it took longer than ${deadlineMs} ms`);
  }
}

/** The status of an answer to raw bytes; 0 when the line was closed without one. */
async function rawStatus(origin: string, text: string): Promise<number> {
  const { hostname, port } = new URL(origin);
  using connection = await Deno.connect({ hostname, port: Number(port) });
  await connection.write(new TextEncoder().encode(text));
  const buffer = new Uint8Array(64);
  const read = await connection.read(buffer).catch(() => null);
  if (read === null) return 0;
  return Number(new TextDecoder().decode(buffer.subarray(0, read)).split(" ")[1]);
}
