import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { serveDatabase } from "../../runtime/store/testdata/hrana_server.ts";
import { openTestStore } from "../web/_served_store.ts";

/** The number of the process that serves, which says it in its store. */
async function serverPid(folder: string): Promise<number> {
  return JSON.parse(await Deno.readTextFile(join(folder, "server.json"))).pid;
}

/** Settles when nobody listens at an address any more. */
async function untilSilent(origin: string): Promise<void> {
  for (;;) {
    try {
      await (await fetch(`${origin}/healthz`)).body?.cancel();
    } catch {
      return;
    }
  }
}

Deno.test("launchServer() serves from a process with few permissions, which ends with it", async () => {
  await using store = await openTestStore();
  await using server = await store.serve();
  const pid = await serverPid(store.folder);

  ok(pid !== server.pid);
  if (Deno.build.os === "linux") {
    const words = (await Deno.readTextFile(`/proc/${pid}/cmdline`)).split("\0");
    ok(words.includes("-P=server") && words.includes("--allow-net=127.0.0.1:0"));
    equal(
      words.some((word) => /^(?:-A|--allow-(?:all|run|import|read$|write$|ffi$))/.test(word)),
      false,
    );
  }

  const { code } = await server.stop();
  equal(code, 0);
  await untilSilent(server.origin);
});

Deno.test("launchServer() lets the server work with a slow model, which has a thread of its own", async () => {
  await using store = await openTestStore();
  // A model of more than 64 MiB is never tried in the own thread of the server.
  const wide = [
    "training.hidden=[4096,4096]",
    "training.epochs=1",
    "gate.min_accuracy=0",
    "dataset.sampling_rate=0.05",
    "training.batch_size=128",
  ];
  await store.cli("run", "digits", "--engine", "cpu", ...wide.flatMap((each) => ["--set", each]));
  await using server = await store.serve();

  const answer = await fetch(`${server.origin}/models/digits/predict`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ rows: [Array.from({ length: 64 }, () => 0)] }),
  });
  const body = await answer.json();

  equal(answer.status, 200, JSON.stringify(body));
  equal(body.predictions.length, 1);
});

Deno.test("launchServer() takes the server with it when it is killed", async () => {
  await using store = await openTestStore();
  await using server = await store.serve();

  await server.stop("SIGKILL");

  await untilSilent(server.origin);
});

Deno.test("launchServer() says so when the server's process dies", async () => {
  await using store = await openTestStore();
  await using server = await store.serve();

  Deno.kill(await serverPid(store.folder), "SIGKILL");
  const { code, printed } = await server.ended;

  equal(code, 1);
  match(printed, /server\/ended/);
});

Deno.test("launchServer() lets the server reach its remote database, and shows no one the way in", async () => {
  await using database = serveDatabase("secret");
  await using store = await openTestStore({
    HANOK_STORE_URL: `http://127.0.0.1:${database.addr.port}`,
    HANOK_STORE_TOKEN: "secret",
  });
  await using server = await store.serve();

  const { runs } = await (await fetch(`${server.origin}/api/runs`)).json();

  deepEqual(runs, []);
  if (Deno.build.os === "linux") {
    const words = await Deno.readTextFile(`/proc/${await serverPid(store.folder)}/cmdline`);
    match(
      words,
      new RegExp(`--allow-net=127\\.0\\.0\\.1:0,127\\.0\\.0\\.1:${database.addr.port}\0`),
    );
    equal(words.includes("secret"), false);
  }
});
