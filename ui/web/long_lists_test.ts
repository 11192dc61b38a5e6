import { deepEqual, equal, match, ok } from "node:assert/strict";
import { registerVersions } from "../../runtime/registry/_register_versions.ts";
import { moveAlias } from "../../runtime/registry/mod.ts";
import { logMetrics, recordRunArtifacts } from "../../runtime/store/mod.ts";
import { beginRun, openTemporaryStore } from "../../runtime/store/temporary_store.ts";
import type { Json } from "./_served_store.ts";
import { startServer } from "./mod.ts";

const VERSIONS = 45;

Deno.test("startServer() shows a model of many versions a page at a time", async (test) => {
  await using store = await openTemporaryStore();
  await registerVersions(store, "m n", { count: VERSIONS });
  const act = { user: "lee", why: "a test", at: 99_000 };
  await moveAlias(store, { name: "m n", version: 3 }, "shadow", act);
  await using server = await startServer({ port: 0, store, accessLog: false });
  const origin = server.url.slice(0, -1);
  const page = async (path: string) => {
    const answer = await fetch(origin + path);
    equal(answer.status, 200);
    return await answer.text();
  };
  /** Versions in the table, which has a link to try each. */
  const shown = (html: string) =>
    [...html.matchAll(/aria-label="Try version (\d+)"/g)].map(([, version]) => Number(version));
  const link = (html: string, label: string, rel: string) => {
    const nav = new RegExp(`<nav class="pager" aria-label="${label}">(.*?)</nav>`, "s").exec(html);
    return new RegExp(`rel="${rel}" href="([^"]*)"`).exec(nav![1]!)?.[1]?.replaceAll("&amp;", "&");
  };

  await test.step("links without JavaScript lead to every version, newest first", async () => {
    const seen: number[] = [];
    let path: string | undefined = "/models/m%20n";
    let pages = 0;
    while (path !== undefined) {
      const html = await page(path);
      seen.push(...shown(html));
      path = link(html, "Pages of versions", "next");
      pages++;
    }

    deepEqual(seen, Array.from({ length: VERSIONS }, (_, index) => VERSIONS - index));
    equal(pages, 3);
  });

  await test.step("the history has pages of its own", async () => {
    const first = await page("/models/m%20n");
    const older = link(first, "Pages of the history", "next")!;
    const second = await page(older);

    match(older, /^\/models\/m%20n\?history_offset=30#history$/);
    deepEqual(shown(second), shown(first), "the versions stay where they are");
    equal(link(second, "Pages of the history", "prev"), "/models/m%20n#history");
    match(first, /1 to 30 of \d+/);
    match(second, /31 to 60 of \d+/);
  });

  await test.step("a decision offers the newest, those with an alias, and those of the page", async () => {
    const options = (html: string) =>
      [...html.split("decide-action")[0]!.matchAll(/<option value="(\d+)"/g)].map(([, v]) =>
        Number(v)
      );
    const first = options(await page("/models/m%20n"));
    const last = options(await page("/models/m%20n?offset=40"));

    deepEqual(first, [...Array.from({ length: 20 }, (_, index) => VERSIONS - index), 3]);
    deepEqual(last.slice(20), [5, 4, 3, 2, 1]);
  });

  await test.step("past the end the page says so", async () => {
    match(await page("/models/m%20n?offset=500&history_offset=500"), /There are no older versions/);
    equal((await fetch(`${origin}/models/m%20n?offset=x`)).status, 400);
  });

  await test.step("the API answers a page with what comes after it", async () => {
    const json = async (path: string) => JSON.parse(await page(path)) as Json;
    const first = await json("/api/models/m%20n?limit=2");
    const second = await json("/api/models/m%20n?limit=2&offset=44&history_offset=2");

    deepEqual(first.versions.map(({ version }: Json) => version), [45, 44]);
    deepEqual([first.has_more, first.history_has_more, first.version_count], [true, true, 45]);
    deepEqual(second.versions.map(({ version }: Json) => version), [1]);
    deepEqual([second.offset, second.has_more, second.history_offset], [44, false, 2]);
    equal(second.shown.version, 45);
    equal((await fetch(`${origin}/api/models/m%20n?limit=501`)).status, 400);
    const usual = await page("/api/models/m%20n");
    ok(usual.length < 60_000, `${usual.length} characters`);
  });
});

Deno.test("startServer() shows many models a page at a time", async () => {
  await using store = await openTemporaryStore();
  for (let number = 1; number <= 53; number++) {
    await registerVersions(store, `model ${number}`, { count: 1 });
  }
  await using server = await startServer({ port: 0, store, accessLog: false });
  const page = async (path: string) => await (await fetch(server.url.slice(0, -1) + path)).text();
  const rows = (html: string) => html.match(/<th scope="row"/g)?.length ?? 0;

  const [first, second] = [await page("/models"), await page("/models?offset=50")];

  deepEqual([rows(first), rows(second)], [50, 3]);
  match(first, /rel="next" href="\/models\?offset=50"/);
  match(second, /51 to 53 of 53/);
  match(await page("/models?offset=100"), /No more models/);
  const answer = JSON.parse(await page("/api/models?limit=2&offset=51")) as Json;
  deepEqual([answer.models.length, answer.has_more, answer.count], [2, false, 53]);
});

Deno.test("GET /api/runs/:id/metrics answers a long curve a part at a time", async () => {
  await using store = await openTemporaryStore();
  const { runId } = await beginRun(store);
  const points = [1, 2, 3].map((step) => ({ key: "loss", value: step, step, timestamp: 1 }));
  await logMetrics(store, runId, points);
  await using server = await startServer({ port: 0, store, accessLog: false });

  const answer = await fetch(`${server.url}api/runs/${runId}/metrics?key=loss&limit=2&offset=1`);
  const part = await answer.json() as Json;

  deepEqual(part.points.map(({ iteration }: Json) => iteration), [2, 3]);
  deepEqual([part.limit, part.offset, part.has_more], [2, 1, false]);
});

Deno.test("startServer() shows the artifacts of a run a page at a time", async () => {
  await using store = await openTemporaryStore();
  const { runId } = await beginRun(store);
  const { hash, size } = await store.blobs.put(new TextEncoder().encode("picture"));
  const name = (number: number) => `pictures/${String(number).padStart(3, "0")}.png`;
  const paths = Array.from({ length: 103 }, (_, number) => name(number));
  await recordRunArtifacts(store, runId, paths.map((path) => ({ path, blob: hash, size })));
  await using server = await startServer({ port: 0, store, accessLog: false });
  const text = async (path: string) => await (await fetch(server.url + path)).text();
  const shown = (html: string) =>
    paths.filter((path) => html.includes(`file?path=${encodeURIComponent(path)}"`));

  const first = await text(`runs/${runId}`);
  const second = await text(`runs/${runId}?files_offset=50`);

  deepEqual([shown(first), shown(second)], [paths.slice(0, 50), paths.slice(50, 100)]);
  match(first, new RegExp(`rel="next" href="/runs/${runId}\\?files_offset=50#files"`));
  match(second, /51 to 100 of 103/);
  const run = JSON.parse(await text(`api/runs/${runId}?files_offset=101`)) as Json;
  deepEqual(run.files.map(({ path }: Json) => path), paths.slice(101));
  deepEqual([run.file_count, run.files_offset, run.files_has_more], [103, 101, false]);
});
