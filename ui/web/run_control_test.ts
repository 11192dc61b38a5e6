import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { createRun, openStore, processTags, requestStop } from "../../runtime/store/mod.ts";
import {
  check,
  LOOKS,
  openBrowser,
  openPictures,
  openTab,
  seriousFaults,
  testInBrowser,
} from "./_browser.ts";
import { openKeyboard } from "./_keyboard.ts";
import { type Json, openTestStore, post, type TestStore } from "./_served_store.ts";

/** More epochs than anybody waits for. */
const ENDLESS = ["run", "iris", "--set", "epochs=100000000", "--no-cache", "--name"];

/** Starts a run as a person in another terminal does; settles with its exit code. */
async function startRun(store: TestStore, origin: string, name: string): Promise<Json> {
  const ended = store.cli(...ENDLESS, name).then(() => "0", ({ message }) => message as string);
  const find = async (): Promise<Json> =>
    (await (await fetch(`${origin}/api/runs`)).json()).runs
      .find(({ run_name }: Json) => run_name === name);
  for (;;) {
    const run = await find();
    if (run !== undefined) return { ended, run_id: run.run_id };
  }
}

/** Whether the page is sound in every look; leaves a picture of each. */
async function checkLooks(page: Page, name: string, folder: string): Promise<void> {
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
  equal(await check(page, "sidewaysScroll"), 0, `${name} scrolls sideways`);
  deepEqual(await check(page, "unnamedControls"), []);
  deepEqual(await seriousFaults(page), []);
  deepEqual(await check(page, "faintTexts"), []);
}

Deno.test("startServer() stops runs for programs, and tells why one cannot be stopped", async () => {
  await using store = await openTestStore();
  await using server = await store.serve();
  const stop = (run: string, body: unknown = {}) =>
    post(`${server.origin}/api/runs/${run}/stop`, body);
  const { run_id, ended } = await startRun(store, server.origin, "endless");

  const asked = await stop("endless", { why: "the loss is NaN" });
  const again = await stop(run_id);

  equal(asked.status, 202);
  deepEqual(again.json, asked.json);
  const { run_name, by, why } = asked.json;
  deepEqual([run_name, by, why], ["endless", "mina", "the loss is NaN"]);
  match(await ended, /ended with 130: [^]*mina stopped the run: the loss is NaN/);
  const run = await (await fetch(`${server.origin}/api/runs/${run_id}`)).json() as Json;
  equal(run.status, "cancelled");
  equal(run.stop.why, "the loss is NaN");
  ok(run.logs.some(({ message, node }: Json) => node === null && /^mina stopped/.test(message)));
  ok(run.steps.some(({ status }: Json) => status === "succeeded"), "what was done is kept");

  const over = await stop(run_id);
  equal(over.status, 409);
  equal(over.json.error.code, "run/over");
  match(
    over.json.error.why,
    /^it has been cancelled at .*: mina stopped the run: the loss is NaN$/,
  );
  equal((await stop("nothing")).status, 404);
  equal((await stop(run_id, { why: 3 })).status, 400);
  const elsewhere = await fetch(`${server.origin}/runs/${run_id}/stop`, {
    method: "POST",
    headers: { origin: "http://evil.example" },
  });
  equal((await elsewhere.body?.cancel(), elsewhere.status), 403);
});

Deno.test("startServer() runs pipelines of its project for programs, and tells why one does not begin", async () => {
  await using store = await openTestStore();
  await using server = await store.serve();
  const pipelines = `${server.origin}/api/pipelines`;
  const start = (name: string, wish: unknown) => post(`${pipelines}/${name}/run`, wish);
  const runOf = async (id: string): Promise<Json> =>
    await (await fetch(`${server.origin}/api/runs/${id}`)).json();

  const { json: listed } = { json: await (await fetch(pipelines)).json() as Json };
  deepEqual(listed.pipelines.map(({ name }: Json) => name), ["churn", "digits", "iris", "nsmc"]);
  equal(listed.pipelines[2].last_run, null);
  deepEqual(listed.pipelines[3].configs, ["compact", "kcbert", "small-bert"]);
  const { values } = await (await fetch(`${pipelines}/iris`)).json() as Json;
  deepEqual(values.default[1], { key: "epochs", kind: "number", text: "60", hint: "" });

  for (
    const [title, name, wish, status, code, why] of [
      ["a name that is near", "irs", {}, 404, "pipeline/unknown", /did you mean "iris"/],
      ["another config", "nsmc", { config: "compct" }, 400, "config/unknown", /"compact"/],
      [
        "a wrong value",
        "iris",
        { set: ["epochs=-1", "sed=3"] },
        400,
        "config/invalid",
        /seed[^]*epochs|epochs[^]*seed/,
      ],
      ["no value", "iris", { set: ["epochs"] }, 400, "config/invalid", /name\.part=value/],
      ["a secret", "iris", { set: ["data=${HOME}"] }, 400, "config/secret-from-outside", /HOME/],
      ["no list", "iris", { set: "epochs=3" }, 400, "request/bad-body", /type/],
    ] as const
  ) {
    const { status: answered, json: { error } } = await start(name, wish);
    equal(answered, status, `${title}: ${JSON.stringify(error)}`);
    equal(error.code, code, title);
    match(error.why, why, title);
  }

  const first = await start("iris", { config: "default", set: ["epochs=3"] });
  equal(first.status, 202, JSON.stringify(first.json));
  const events = await (await fetch(`${server.origin}/runs/${first.json.run_id}/events`)).text();
  match(events, /event: ended/);
  const run = await runOf(first.json.run_id);
  deepEqual([run.pipeline, run.user, run.params.epochs], ["iris", "mina", "3"]);
  const { last_run } = await (await fetch(`${pipelines}/iris`)).json() as Json;
  equal(last_run.run_id, run.run_id);

  // Nothing has changed then, and a process that looks at files alone is over before anybody looks for it.
  const unchanged = [
    await start("iris", { config: "default", set: ["epochs=3"] }),
    await post(`${server.origin}/api/runs/${first.json.run_id}/rerun`, {}),
  ];
  for (const { status, json } of unchanged) {
    equal(status, 202, JSON.stringify(json));
    await (await fetch(`${server.origin}/runs/${json.run_id}/events`)).text();
    const { status: ended, steps } = await runOf(json.run_id);
    equal(ended, run.status);
    ok(steps.every(({ status }: Json) => status === "cached" || status === "skipped"));
  }
  equal(new Set([first, ...unchanged].map(({ json }) => json.run_id)).size, 3);

  const endless = { set: ["epochs=100000000"], fresh: true };
  const going = [await start("iris", endless), await start("iris", endless)];
  const third = await start("digits", {});
  deepEqual([...going, third].map(({ status }) => status), [202, 202, 409]);
  equal(third.json.error.code, "run/not-started");
  for (const { json: { run_id } } of going) {
    await post(`${server.origin}/api/runs/${run_id}/stop`, "");
  }
  for (const { json: { run_id } } of going) {
    await (await fetch(`${server.origin}/runs/${run_id}/events`)).text();
    equal((await runOf(run_id)).status, "cancelled");
  }
});

Deno.test("startServer() runs pipelines into the database that it serves, whatever its name", async () => {
  await using store = await openTestStore();
  await using server = await store.serve("--store", join(store.folder, "team.db"));

  const { status, json } = await post(`${server.origin}/api/pipelines/iris/run`, {
    set: ["epochs=1"],
  });

  equal(status, 202, JSON.stringify(json));
  match(await (await fetch(`${server.origin}/runs/${json.run_id}/events`)).text(), /event: ended/);
  deepEqual(
    await Array.fromAsync(Deno.readDir(store.folder), ({ name }) => name)
      .then((names) => names.filter((name) => name.endsWith(".db"))),
    ["team.db"],
  );
});

testInBrowser("pipelines are run from their pages", async (test) => {
  await using pictures = await openPictures();
  await using store = await openTestStore();
  await using server = await store.serve();
  await using browser = await openBrowser();

  await test.step("one that was never run is run with a changed value, by keyboard", async () => {
    await using tab = await openTab(browser, server);
    const { page } = tab;
    await page.goto("/runs");
    const keys = openKeyboard(page);
    await keys.tabTo("Run a pipeline");
    await keys.follow();
    await keys.tabTo("iris");
    await keys.follow();
    await keys.tabTo("epochs");
    await keys.press("Control+a");
    await keys.type("many");
    await keys.press("Enter");
    await page.getByRole("alert").waitFor();

    match(await page.getByRole("alert").innerText(), /epochs/);
    equal(await page.getByLabel("epochs").inputValue(), "many");
    for (const [look, options] of Object.entries(LOOKS)) {
      await page.setViewportSize(
        "viewport" in options ? options.viewport : { width: 1280, height: 720 },
      );
      await page.emulateMedia({ colorScheme: look === "in dark" ? "dark" : "light" });
      await checkLooks(page, `not run ${look}`, pictures.folder);
    }
    await page.getByLabel("epochs").fill("5");
    await page.getByRole("button", { name: "Run", exact: true }).click();
    await page.locator("h1 + .facts").waitFor();
    await page.evaluate('document.body.dataset.kept = "yes"');
    await page.locator("h1 + .facts").getByText(/succeeded|gated/).waitFor();

    equal(await page.evaluate("document.body.dataset.kept"), "yes");
    match(await page.locator("main").innerText(), /started just now by mina/);
    // The form that was refused was one; nothing else is a fault of the pages.
    deepEqual(tab.complaints.filter((each) => !/status of 400/.test(each)), []);
  });

  await test.step("one is run without JavaScript, with a value that its file does not name", async () => {
    await using tab = await openTab(browser, server, { javaScriptEnabled: false });
    const { page } = tab;
    await page.goto("/pipelines/nsmc");
    await page.getByRole("link", { name: "small-bert" }).click();
    match(page.url(), /config=small-bert$/);
    await page.goto("/pipelines/iris");
    await page.getByLabel("More values").fill("data=nothing.csv\n");
    await page.getByRole("button", { name: "Run", exact: true }).click();

    match(await page.locator("h1").innerText(), /^\w+-\w+-\d+$/);
    const { runs: [{ run_id }] } = await (await fetch(`${server.origin}/api/runs`))
      .json() as Json;
    await (await fetch(`${server.origin}/runs/${run_id}/events`)).text();
    await page.reload();
    match(await page.locator("h1 + .facts").innerText(), /failed/);
    match(await page.locator("main").innerText(), /nothing\.csv/);
  });

  for (const [look, options] of Object.entries(LOOKS)) {
    await test.step(`the pages are sound ${look}`, async () => {
      await using tab = await openTab(browser, server, options);
      const { page } = tab;
      for (
        const [name, address] of [
          ["runs with a button", "/runs"],
          ["pipelines", "/pipelines"],
          ["pipeline", "/pipelines/digits"],
          ["pipeline with configs", "/pipelines/nsmc?config=kcbert"],
        ] as const
      ) {
        await page.goto(address);
        await checkLooks(page, `${name} ${look}`, pictures.folder);
      }
      deepEqual(tab.complaints, []);
    });
  }
});

testInBrowser("runs are stopped from their pages", async (test) => {
  await using pictures = await openPictures();
  await using store = await openTestStore();
  await using server = await store.serve();
  await using browser = await openBrowser();
  const first = await startRun(store, server.origin, "brave-heron-12");
  const address = `/runs/${first.run_id}`;

  for (const [look, options] of Object.entries(LOOKS)) {
    await test.step(`the page of a run that goes on is sound ${look}`, async () => {
      await using tab = await openTab(browser, server, options);
      await tab.page.goto(address);
      await checkLooks(tab.page, `running ${look}`, pictures.folder);
      await tab.page.getByText("Stop…").click();
      await checkLooks(tab.page, `stop ${look}`, pictures.folder);
      deepEqual(tab.complaints, []);
    });
  }

  await test.step("a run of a terminal is stopped with the keyboard, and its end seen without a reload", async () => {
    await using tab = await openTab(browser, server);
    const { page } = tab;
    await page.goto(address);
    const keys = openKeyboard(page);
    await keys.tabTo("Stop…");
    await page.keyboard.press("Enter");
    await keys.tabTo("Reason, if you like");
    const reason = "나쁜 학습률 <b>";
    for (const letter of reason) {
      await keys.type(letter);
      // What is typed stays while the page around it is brought up to date.
      if (letter === " ") await page.waitForResponse((answer) => answer.url().endsWith(address));
    }
    equal(await page.getByLabel("Reason, if you like").inputValue(), reason);
    await keys.follow();
    await page.evaluate('document.body.dataset.kept = "yes"');

    await page.locator("h1 + .facts").getByText("cancelled").waitFor();

    equal(await page.evaluate("document.body.dataset.kept"), "yes");
    await page.getByText("mina stopped this run").waitFor();
    ok(await page.locator(".notice").getByText(reason).isVisible());
    match(await page.locator(".log").innerText(), /mina stopped the run: 나쁜 학습률 <b>/);
    match(await first.ended, /ended with 130/);
    deepEqual(tab.complaints, []);
  });

  await test.step("a run that the server started is stopped without JavaScript", async () => {
    await using tab = await openTab(browser, server, { javaScriptEnabled: false });
    const { page } = tab;
    await page.goto(address);
    await page.getByRole("button", { name: "Run again" }).click();
    await page.getByText("Stop…").click();
    await page.getByRole("button", { name: "Stop this run" }).click();
    for (let looks = 0; looks < 100; looks++) {
      if (await page.locator("h1 + .facts").getByText("cancelled").count() > 0) break;
      await page.reload();
    }

    match(await page.locator("h1 + .facts").innerText(), /cancelled/);
    ok(page.url() !== server.origin + address);
    equal(await page.getByText("Stop…").count(), 0);
  });

  await using opened = await openStore({ folder: store.folder });
  const deaf = await createRun(opened, {
    runId: "d".repeat(32),
    experiment: "iris",
    user: "mina",
    startTime: Date.now(),
    // Of this process, which looks for no wish.
    tags: { "hanok.config": "{}", ...await processTags() },
  });
  await requestStop(opened, deaf.runId, { userId: "jun", why: "too slow", at: Date.now() });

  for (const [look, options] of Object.entries(LOOKS)) {
    await test.step(`the page of a run that is to stop is sound ${look}`, async () => {
      await using tab = await openTab(browser, server, options);
      await tab.page.goto(`/runs/${deaf.runId}`);
      match(await tab.page.getByRole("status").innerText(), /Stopping: jun[^]*too slow/);
      equal(await tab.page.getByText("Stop…").count(), 0);
      await checkLooks(tab.page, `stopping ${look}`, pictures.folder);
    });
  }

  for (const [look, options] of Object.entries(LOOKS)) {
    await test.step(`the page of a stopped run is sound ${look}`, async () => {
      await using tab = await openTab(browser, server, options);
      await tab.page.goto(address);
      await checkLooks(tab.page, `stopped ${look}`, pictures.folder);
    });
  }
});
