import { deepEqual, equal, match, ok } from "node:assert/strict";
import { createToken, revokeToken, type Role } from "../../runtime/access/mod.ts";
import { createRun, finishRun, openStore, processTags } from "../../runtime/store/mod.ts";
import { type Json, openTestStore, post } from "./_served_store.ts";
import { safePath } from "./login_routes.tsx";
import { isLoopback, startServer } from "./start_server.ts";

const JSON_TYPE = { "content-type": "application/json" };

Deno.test("startServer() for other machines asks everybody who they are", async (test) => {
  await using folder = await openTestStore();
  await using store = await openStore({ folder: folder.folder });
  let first = "";
  await using server = await startServer({
    port: 0,
    store,
    requireToken: true,
    onFirstToken: (token) => first = token,
  });
  const origin = server.url.slice(0, -1);
  const ask = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(origin + path, { redirect: "manual", ...init });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text };
  };
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
  const make = async (role: Role) =>
    await createToken(store, { name: role, role, user: "mina", at: Date.now() });

  await test.step("the first start makes one admin token", async () => {
    match(first, /^hanok_/);
    equal((await ask("/api/runs", { headers: bearer(first) })).status, 200);
  });

  for (const path of ["/api/runs", "/metrics", "/version", "/openapi.json", "/nothing"]) {
    await test.step(`GET ${path} without a token answers 401`, async () => {
      const { status, headers } = await ask(path);

      equal(status, 401);
      match(headers.get("www-authenticate")!, /^Bearer/);
    });
  }

  for (const path of ["/predict", "/invocations", "/models/digits/predict"]) {
    await test.step(`POST ${path} without a token answers 401`, async () => {
      equal((await post(origin + path, {})).status, 401);
    });
  }

  await test.step("a page without a token leads to the login, and back", async () => {
    const { status, headers } = await ask("/runs?offset=50", { headers: { accept: "text/html" } });

    equal(status, 303);
    equal(headers.get("location"), "/login?next=%2Fruns%3Foffset%3D50");
  });

  await test.step("the health and the login need no token", async () => {
    deepEqual(
      await Promise.all(
        ["/healthz", "/login", "/static/style.css"].map(async (path) => (await ask(path)).status),
      ),
      [200, 200, 200],
    );
  });

  await test.step("MLflow's clients show the token as bearer or as password, and read refusals", async () => {
    const path = "/api/2.0/mlflow/experiments/get?experiment_id=0";
    const basic = { authorization: `Basic ${btoa(`anybody:${first}`)}` };

    equal((await ask(path, { headers: basic })).status, 200);
    const refused = await ask(path);
    deepEqual(
      [refused.status, JSON.parse(refused.text).error_code],
      [401, "UNAUTHENTICATED"],
    );
  });

  await test.step("a viewer looks and asks, but decides nothing", async () => {
    const { token } = await make("viewer");
    const headers = { ...bearer(token), ...JSON_TYPE };

    equal((await ask("/api/models", { headers })).status, 200);
    equal((await post(`${origin}/predict`, {}, headers)).json.error.code, "serving/unknown-model");
    const approved = await post(`${origin}/models/digits/approve`, {}, headers);
    deepEqual([approved.status, approved.json.error.code], [403, "access/not-allowed"]);
  });

  await test.step("a revoked token is refused", async () => {
    const { token, tokenId } = await make("viewer");
    await revokeToken(store, tokenId, Date.now());

    equal((await ask("/api/runs", { headers: bearer(token) })).status, 401);
  });

  await test.step("only who may run is offered to, and only those who ask with such a token do", async () => {
    const run = await createRun(store, {
      runId: "e".repeat(32),
      experiment: "iris",
      user: "mina",
      startTime: Date.now(),
      tags: { "hanok.config": "{}", ...await processTags() },
    });
    for (const [role, isOffered] of [["viewer", false], ["editor", true]] as const) {
      const { token } = await make(role);
      const login = await ask("/login", { method: "POST", body: new URLSearchParams({ token }) });
      const cookie = login.headers.get("set-cookie")!.split(";")[0]!;
      const page = async (path: string) => (await ask(path, { headers: { cookie } })).text;

      equal((await page(`/runs/${run.runId}`)).includes("Stop this run"), isOffered);
      equal(/<button type="submit">Run/.test(await page("/pipelines/iris")), isOffered);
      const act = (path: string) => ask(path, { method: "POST", headers: bearer(token) });
      equal((await act(`/api/runs/${run.runId}/stop`)).status, isOffered ? 202 : 403);
      equal((await act("/api/pipelines/none/run")).status, isOffered ? 404 : 403);
    }
    await finishRun(store, run.runId, { status: "KILLED", endTime: Date.now() });
  });

  await test.step("a browser logs in with its token once, and out again", async () => {
    const { token } = await make("viewer");
    const body = new URLSearchParams({ token, next: "/models" });
    const login = await ask("/login", { method: "POST", body });
    const cookie = login.headers.get("set-cookie")!;

    deepEqual([login.status, login.headers.get("location")], [303, "/models"]);
    match(cookie, /HttpOnly; SameSite=Strict/);
    equal(cookie.includes(token), false);
    const headers = { cookie: cookie.split(";")[0]! };
    equal((await ask("/runs", { headers })).status, 200);

    await ask("/logout", { method: "POST", headers });
    equal((await ask("/runs", { headers })).status, 401);
  });

  await test.step("another site cannot act with the reader's cookie", async () => {
    const headers = { ...bearer(first), origin: "http://evil.example" };
    const { status, text } = await ask("/logout", { method: "POST", headers });

    equal(status, 403);
    equal((JSON.parse(text) as Json).error.code, "request/other-site");
  });

  await test.step("a token that asks too much has to wait, the others do not", async () => {
    await using strict = await startServer({ port: 0, store, requireToken: true, rateLimit: 1 });
    const [greedy, modest] = [(await make("viewer")).token, (await make("viewer")).token];
    const status = async (token: string) => {
      const response = await fetch(`${strict.url}api/models`, { headers: bearer(token) });
      await response.body?.cancel();
      return response.status;
    };

    const statuses = [await status(greedy), await status(greedy), await status(greedy)];

    deepEqual(statuses, [200, 200, 429]);
    equal(await status(modest), 200);
    // The page that says so is dressed.
    const style = await fetch(`${strict.url}static/style.css`, { headers: bearer(greedy) });
    await style.body?.cancel();
    equal(style.status, 200);
  });

  await test.step("tokens are not guessed: after a few attempts there are no more", async () => {
    const statuses: number[] = [];
    for (let attempt = 0; attempt < 8; attempt++) {
      const body = new URLSearchParams({ token: `hanok_${"a".repeat(43)}` });
      statuses.push((await ask("/login", { method: "POST", body })).status);
    }

    equal(statuses[0], 401);
    equal(statuses.at(-1), 429);
  });

  await test.step("secrets stand in no answer and in no log", async () => {
    const log = await Deno.readTextFile(`${folder.folder}/server.jsonl`);

    equal(log.includes(first), false);
  });
});

for (
  const [next, path] of [
    ["/runs?offset=5", "/runs?offset=5"],
    ["//evil.example", "/"],
    ["/\\evil.example", "/"],
    ["https://evil.example", "/"],
    ["/a\nb", "/"],
    [undefined, "/"],
  ] as const
) {
  Deno.test(`safePath() of ${JSON.stringify(next)} is ${path}`, () => {
    equal(safePath(next), path);
  });
}

Deno.test("isLoopback() knows the addresses that only this machine reaches", () => {
  ok(["127.0.0.1", "127.8.0.1", "::1", "localhost"].every(isLoopback));
  equal(["0.0.0.0", "::", "10.0.0.1", "127.evil.example"].some(isLoopback), false);
});

Deno.test("startServer() tells the first token when it listens, and not before", async () => {
  await using store = await openTestStore();
  const other = Deno.listen({ hostname: "0.0.0.0", port: 0 });
  const { port } = other.addr as Deno.NetAddr;

  const failed = await store.serve("--host", "0.0.0.0", "--port", String(port))
    .then(() => "it listens", ({ message }: Error) => message);
  other.close();
  const tokens = JSON.parse(await store.cli("serve", "token", "list", "--json")) as Json;
  const server = await store.serve("--host", "0.0.0.0", "--port", String(port));
  await server.stop();
  const again = await store.serve("--host", "0.0.0.0");
  await again.stop();

  match(failed, /port \d+ on 0\.0\.0\.0 is in use[^]*server\/port-taken/);
  equal(failed.includes("hanok_"), false, failed);
  deepEqual(tokens, []);
  match((await server.ended).printed, /Admin token, shown this once: hanok_/);
  equal((await again.ended).printed.includes("hanok_"), false);
});
