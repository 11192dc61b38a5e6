import { deepEqual, equal } from "node:assert/strict";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { loadPipeline } from "../pipelines/load_pipeline.ts";
import type { RunEvent } from "../executor/run_event.ts";
import { moveAlias } from "../registry/mod.ts";
import { runPipeline } from "../run_pipeline.ts";
import type { Settings } from "../settings.ts";
import { createRun, getRun, listStepRuns, openStore } from "../store/mod.ts";
import type { ManifestKey } from "./manifest.ts";
import { repeatRun } from "./repeat_run.ts";

const language = pathToFileURL(join(import.meta.dirname!, "../../pipeline/mod.ts")).href;
const PIPELINE = `
import { z } from "zod";
import { champion, definePipeline, defineStep, file } from ${JSON.stringify(language)};
import { offset } from "./offset.ts";
import { setting } from "./setting.ts";

const read = defineStep({
  module: import.meta.url, name: "read", inputs: {}, outputs: { value: "json" },
  reads: () => [file("data.txt"), file("maybe.txt"), file("folder"), champion("toy")],
  run: async (context) => ({
    value: offset + Number(await Deno.readTextFile(context.resolvePath("data.txt"))),
  }),
});
const measure = defineStep({
  module: import.meta.url, name: "measure", inputs: { value: "json" }, outputs: { metrics: "metrics" },
  params: z.object({ scale: z.number() }),
  run: (_context, { value }, { scale }) => Promise.resolve({ metrics: { odd: NaN, size: Number(value) * scale } }),
});
const register = defineStep({
  module: import.meta.url, name: "register", inputs: {}, outputs: { version: "version" }, effects: true,
  run: async (context) => {
    const model = await context.artifacts.folder({ "model.onnx": "x" });
    const request = { name: "other", model, metrics: {}, promote: "auto" } as const;
    const { name, version } = await context.registry.register(request);
    return { version: { name, version } };
  },
});
export default definePipeline({
  name: "toy",
  config: z.object({ scale: z.number().default(setting) }),
  build: ({ scale }) => {
    const { value } = read("read", {});
    return [measure("measure", { inputs: { value }, params: { scale } }), register("register", {})];
  },
});
`;

async function openProject() {
  const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "hanok-test-" }));
  const write = (name: string, text: string) => Deno.writeTextFile(join(folder, name), text);
  await write("deno.json", '{ "imports": { "zod": "npm:zod@4.6.7" } }');
  await write("pipeline.ts", PIPELINE);
  await write("offset.ts", "export const offset = 1;");
  await write("setting.ts", "export const setting = 1;");
  await write("data.txt", "41");
  await Deno.mkdir(join(folder, "folder"));
  await write("folder/one.txt", "1");
  await write("default.yaml", "scale: 2\n");
  const settings: Settings = {
    cwd: folder,
    storeFolder: join(folder, "runs"),
    storeUrl: null,
    storeAuthToken: null,
    server: null,
    serverToken: null,
    deploymentsTarget: null,
    threads: 1,
    parallelNodes: 2,
    user: "tester",
    hostname: Deno.hostname(),
  };
  const key: ManifestKey = {
    cwd: folder,
    target: null,
    config: null,
    set: [],
    engine: "auto",
    threads: 1,
  };
  return {
    folder,
    write,
    settings,
    async run() {
      const loaded = await loadPipeline(undefined, settings);
      return await runPipeline(loaded, {}, { settings, repeatAs: key });
    },
    async repeat(more: Partial<ManifestKey> = {}) {
      const events: RunEvent[] = [];
      const run = await repeatRun(
        { ...key, ...more },
        settings,
        (event) => void events.push(event),
      );
      return run === undefined ? undefined : { ...run, events };
    },
    openStore: () => openStore({ folder: settings.storeFolder }),
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

Deno.test("repeatRun() records an unchanged run like the long way does", async () => {
  await using project = await openProject();
  equal(await project.repeat(), undefined);
  await project.run();

  const long = await project.run();
  const short = await project.repeat();

  const told = (
    { run_id: _id, run_name: _name, duration_ms: _ms, ...rest }: typeof long.summary,
  ) => ({ ...rest, steps: rest.steps.map((step) => ({ ...step, duration_ms: 0 })) });
  deepEqual(told(short!.summary), told(long.summary));
  deepEqual(short!.summary.metrics, { odd: "NaN", size: 84 });
  equal(short!.exitCode, 0);
  equal(short!.events.at(-1)?.type, "run-finished");
  await using store = await project.openStore();
  const rows = await Promise.all([long, short!].map(async ({ summary }) => {
    const { params, metrics, status, tags } = await getRun(store, summary.run_id);
    const steps = await listStepRuns(store, summary.run_id);
    return {
      params,
      metrics: Object.fromEntries(
        Object.entries(metrics).filter(([name]) => !name.startsWith("system/"))
          .map(([name, { value }]) => [name, value]),
      ),
      status,
      // Which process it was, and what it is called, differs.
      tags: Object.fromEntries(
        Object.entries(tags).filter(([key]) =>
          !["hanok.pid", "hanok.process_start", "hanok.lock", "mlflow.runName"].includes(key)
        ),
      ),
      steps: steps.map(({ node, status, cacheKey, summary }) => ({
        node,
        status,
        cacheKey,
        summary,
      })),
    };
  }));
  deepEqual(rows[1], rows[0]);
});

/** What makes the short way impossible. */
const changes: Record<string, (project: Awaited<ReturnType<typeof openProject>>) => Promise<void>> =
  {
    "a module that a step imports": (project) =>
      project.write("offset.ts", "export const offset = 2;"),
    "the pipeline's module": (project) => project.write("pipeline.ts", `${PIPELINE}// more`),
    "a module that only the pipeline imports": (project) =>
      project.write("setting.ts", "export const setting = 3;"),
    "a file that a step reads": (project) => project.write("data.txt", "42"),
    "a file that was missing": (project) => project.write("maybe.txt", "here"),
    "a file that is new in a folder that a step reads": (project) =>
      project.write("folder/two.txt", "2"),
    "the config": (project) => project.write("default.yaml", "scale: 3\n"),
    "deno.json": (project) =>
      project.write("deno.json", '{ "imports": { "zod": "npm:zod@4.6.7" }, "name": "x" }'),
    "a config that appears": (project) => project.write("another.yaml", ""),
    "a blob that is gone": async ({ folder }) => {
      for await (const { name } of Deno.readDir(join(folder, "runs/blobs"))) {
        await Deno.remove(join(folder, "runs/blobs", name), { recursive: true });
      }
    },
    "a champion that moved": async (project) => {
      await using store = await project.openStore();
      await store.client.execute(
        "INSERT INTO registered_models (name, creation_time, last_updated_time) VALUES ('toy', 0, 0)",
      );
      await store.client.execute(
        `INSERT INTO model_versions (name, version, creation_time, last_updated_time, state, source, metrics)
       VALUES ('toy', 1, 0, 0, 'approved', 'here', '{}')`,
      );
      await moveAlias(store, { name: "toy", version: 1 }, "champion", {
        user: "tester",
        why: "test",
        at: 1,
      });
    },
    "a cache entry that was collected": async (project) => {
      await using store = await project.openStore();
      await store.client.execute("UPDATE cache_entries SET collected_at = 1 WHERE node = 'read'");
    },
  };

for (const [title, change] of Object.entries(changes)) {
  Deno.test(`repeatRun() leaves the short way for ${title}`, async () => {
    await using project = await openProject();
    await project.run();
    equal((await project.repeat())?.summary.status, "succeeded");

    await change(project);

    equal(await project.repeat(), undefined);
  });
}

Deno.test("repeatRun() belongs to one command, and shows aliases as they are now", async () => {
  await using project = await openProject();
  await project.run();
  equal(await project.repeat({ set: ["scale=2"] }), undefined);
  equal(await project.repeat({ engine: "wasm" }), undefined);
  equal(await project.repeat({ cwd: "/" }), undefined);

  await using store = await project.openStore();
  await store.client.execute("DELETE FROM model_aliases WHERE alias = 'candidate'");

  deepEqual((await project.repeat())?.summary.model, {
    name: "other",
    version: 1,
    aliases: ["champion"],
  });
});

Deno.test("repeatRun() sees that another run was killed", async () => {
  await using project = await openProject();
  await project.run();
  await using store = await project.openStore();
  const runId = "d".repeat(32);
  const tags = {
    "hanok.host": Deno.hostname(),
    "hanok.pid": "999999999",
    "hanok.process_start": "1",
  };
  await createRun(store, { runId, experiment: "toy", user: "tester", startTime: 1, tags });

  equal((await project.repeat())?.summary.status, "succeeded");

  equal((await getRun(store, runId)).status, "KILLED");
});

Deno.test("repeatRun() ignores a damaged manifest", async () => {
  await using project = await openProject();
  await project.run();
  for await (const { name } of Deno.readDir(join(project.folder, "runs/manifests"))) {
    await project.write(`runs/manifests/${name}`, '{"form":1,');
  }

  equal(await project.repeat(), undefined);
});
