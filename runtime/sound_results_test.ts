import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { join } from "node:path";
import { z } from "zod";
import { defineStep, type ExplainedError, file, type StepContext, url } from "../pipeline/mod.ts";
import { add, openSandbox, pipelineOf, statuses } from "./_toy_runs.ts";
import { explainNode } from "./executor/explain_node.ts";
import { loadPipeline } from "./pipelines/load_pipeline.ts";
import { runPipeline } from "./run_pipeline.ts";
import { getRun, listRuns, listStepRuns, openStore } from "./store/mod.ts";

// A result is kept under a key only if it was made from what the key names.

/** A step that reads a file while a body of the test goes on. */
function readerOf(body: (context: StepContext) => Promise<void>) {
  return defineStep({
    module: import.meta.url,
    name: "reader",
    inputs: {},
    outputs: { value: "json" },
    reads: () => [file("data.txt")],
    run: async (context) => {
      const text = await Deno.readTextFile(context.resolvePath("data.txt"));
      await body(context);
      return { value: text };
    },
  });
}

Deno.test("a result of a file that changed meanwhile is used, told and not cached", async () => {
  await using sandbox = await openSandbox();
  const path = join(sandbox.folder, "data.txt");
  await Deno.writeTextFile(path, "old");
  let edits = 0;
  const step = readerOf(async () => {
    if (edits++ === 0) await Deno.writeTextFile(path, "new and longer");
  });
  const pipeline = pipelineOf(() => step("read", {}));

  const first = await sandbox.run(pipeline);
  await Deno.writeTextFile(path, "old");
  const second = await sandbox.run(pipeline);
  const third = await sandbox.run(pipeline);

  deepEqual([first, second, third].flatMap(statuses), [
    "read:succeeded",
    "read:succeeded",
    "read:cached",
  ]);
  const warnings = first.events.flatMap((event) =>
    event.type === "log" && event.level === "warning" ? [event.message] : []
  );
  deepEqual(warnings, [
    'A file that "read" reads changed while it ran: its result is not cached.',
  ]);
});

Deno.test("code that was edited after it was imported is refused", async () => {
  await using sandbox = await openSandbox();
  const language = new URL("../pipeline/mod.ts", import.meta.url).href;
  const path = join(sandbox.folder, "pipeline.ts");
  await Deno.writeTextFile(
    path,
    `import { z } from "zod";
    import { definePipeline, defineStep } from ${JSON.stringify(language)};
    const one = defineStep({
      module: import.meta.url, name: "one", inputs: {}, outputs: { value: "json" },
      run: () => Promise.resolve({ value: 1 }),
    });
    export default definePipeline({ name: "edited", config: z.object({}), build: () => one("one", {}) });`,
  );
  const loaded = await loadPipeline(path, { cwd: sandbox.folder });
  const later = new Date(loaded.importedAt + 5000);
  await Deno.utime(path, later, later);

  await rejects(
    runPipeline(loaded, {}, { settings: sandbox.settings }),
    (error: ExplainedError) => {
      equal(error.code, "code/edited");
      match(error.why, /pipeline\.ts changed while the pipeline was being started/);
      return true;
    },
  );
});

Deno.test("a failed step can be explained, and says how often it was tried", async () => {
  await using sandbox = await openSandbox();
  let isBroken = false;
  const step = defineStep({
    module: import.meta.url,
    name: "scaled",
    inputs: {},
    outputs: { value: "json" },
    params: z.object({ scale: z.number() }),
    retry: { attempts: 3, delayMs: 1 },
    run: (_context, _inputs, { scale }) =>
      isBroken ? Promise.reject(new Error("broken")) : Promise.resolve({ value: scale }),
  });
  const build = (scale: number) => pipelineOf(() => step("scaled", { params: { scale } }));
  await sandbox.run(build(1));
  isBroken = true;

  const failed = await sandbox.run(build(2));
  isBroken = false;
  const again = await sandbox.run(build(2));

  deepEqual(statuses(failed), ["scaled:failed"]);
  deepEqual(statuses(again), ["scaled:succeeded"]);
  await using store = await openStore({ folder: sandbox.settings.storeFolder });
  const run = failed.summary.run_id;
  deepEqual((await listStepRuns(store, run)).map(({ attempt }) => attempt), [3]);
  const { differences } = await explainNode(store, { node: "scaled", run });
  deepEqual(differences.map(({ part, name, before, after }) => [part, name, before, after]), [
    ["params", "scale", 1, 2],
  ]);
});

Deno.test("a secret without a value is refused before anything runs, wherever it is mentioned", async () => {
  await using sandbox = await openSandbox();
  const step = defineStep({
    module: import.meta.url,
    name: "secretive",
    inputs: {},
    outputs: { value: "json" },
    params: z.object({ token: z.string() }),
    run: () => Promise.resolve({ value: 1 }),
  });
  const pipeline = pipelineOf(() => step("secretive", { params: { token: "${NO_SUCH_SECRET}" } }));

  await rejects(sandbox.run(pipeline), (error: ExplainedError) => {
    equal(error.code, "config/missing-secret");
    match(error.why, /\$\{NO_SUCH_SECRET\} has no value/);
    return true;
  });
  await using store = await openStore({ folder: sandbox.settings.storeFolder });
  deepEqual(await listRuns(store, {}), []);
});

Deno.test("a store that can no longer be written ends the run, and it is recorded as failed", async () => {
  await using sandbox = await openSandbox();
  const step = defineStep({
    module: import.meta.url,
    name: "saw",
    inputs: {},
    outputs: { value: "json" },
    run: async () => {
      await using store = await openStore({ folder: sandbox.settings.storeFolder });
      // Stands for a disk that is full: rows of steps cannot be written from here on.
      await store.client.execute(
        `CREATE TRIGGER full BEFORE UPDATE ON step_runs BEGIN SELECT RAISE(FAIL, 'disk full'); END`,
      );
      await store.client.execute(
        `CREATE TRIGGER fuller BEFORE INSERT ON step_runs BEGIN SELECT RAISE(FAIL, 'disk full'); END`,
      );
      return { value: 1 };
    },
  });
  const pipeline = pipelineOf(() => {
    const { value } = step("saw", {});
    return add("after", { inputs: { value } });
  });

  await rejects(sandbox.run(pipeline), /disk full/);

  await using store = await openStore({ folder: sandbox.settings.storeFolder });
  const [run] = await listRuns(store, {});
  equal((await getRun(store, run!.runId)).status, "FAILED");
});

Deno.test("a run that is cancelled does not wait for a server that never answers", async () => {
  await using sandbox = await openSandbox();
  const controller = new AbortController();
  const open: ((response: Response) => void)[] = [];
  await using server = Deno.serve({ port: 0, onListen: () => {} }, () => {
    controller.abort(new DOMException("stop", "AbortError"));
    return new Promise<Response>((resolve) => open.push(resolve));
  });
  const address = `http://localhost:${server.addr.port}/data`;
  const step = defineStep({
    module: import.meta.url,
    name: "download",
    inputs: {},
    outputs: { value: "json" },
    reads: () => [url(address)],
    run: () => Promise.resolve({ value: 1 }),
  });

  const done = await sandbox.run(pipelineOf(() => step("download", {})), {
    signal: controller.signal,
  });

  deepEqual(statuses(done), ["download:cancelled"]);
  for (const answer of open) answer(new Response());
});
