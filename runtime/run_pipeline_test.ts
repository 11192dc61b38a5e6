import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { z } from "zod";
import { champion, defineStep, ExplainedError, file } from "../pipeline/mod.ts";
import { add, constant, openSandbox, pipelineOf, statuses } from "./_toy_runs.ts";
import { getRun, listLogs, listStepRuns, openStore } from "./store/mod.ts";

/** A step whose body is given by the test; counts its calls. */
function stepOf<Params>(body: (call: number) => unknown, more: object = {}) {
  let calls = 0;
  const step = defineStep({
    module: import.meta.url,
    name: "body",
    inputs: {},
    outputs: { value: "json" },
    run: async () => ({ value: await body(++calls) as number }),
    ...more,
  });
  return { step, calls: () => calls };
}

const gate = defineStep({
  module: import.meta.url,
  name: "gate",
  inputs: { value: "json" },
  outputs: { verdict: "verdict" },
  params: z.object({ atLeast: z.number() }),
  run: (_context, { value }, { atLeast }) => {
    const met = value as number >= atLeast;
    const text = `value is ${value}, must be >= ${atLeast}`;
    const reason = { met, text, metric: "value", value: value as number, demand: atLeast };
    return Promise.resolve({ verdict: { passed: met, reasons: [reason] } });
  },
});

const after = defineStep({
  module: import.meta.url,
  name: "after",
  inputs: { verdict: "verdict" },
  outputs: { value: "json" },
  run: () => Promise.resolve({ value: "done" }),
});

Deno.test("runPipeline() runs everything once and then takes it from the cache", async () => {
  await using sandbox = await openSandbox();
  const pipeline = pipelineOf(() => {
    const { value } = constant("one", { params: { value: 1 } });
    return add("two", { inputs: { value } });
  });

  const first = await sandbox.run(pipeline);
  const second = await sandbox.run(pipeline);

  deepEqual(statuses(first), ["one:succeeded", "two:succeeded"]);
  deepEqual(statuses(second), ["one:cached", "two:cached"]);
  equal(second.summary.status, "succeeded");
  equal(second.exitCode, 0);
  equal(second.summary.steps[0]?.cache_key, first.summary.steps[0]?.cache_key);
  match(first.summary.run_id, /^[0-9a-f]{32}$/);
});

Deno.test("a changed param re-runs its node; an equal result stops there (early cut-off)", async () => {
  await using sandbox = await openSandbox();
  const build = (one: number, by: number) =>
    pipelineOf(() => {
      const { value } = constant("one", { params: { value: one } });
      const sum = add("sum", { inputs: { value }, params: { by } });
      return add("last", { inputs: { value: sum.value } });
    });
  await sandbox.run(build(1, 3));

  const changed = await sandbox.run(build(2, 2));

  deepEqual(statuses(changed), ["one:succeeded", "sum:succeeded", "last:cached"]);
  equal(changed.summary.steps[0]?.reason, "param value 1 → 2");
  equal(changed.summary.steps[1]?.reason, "param by 3 → 2, input value changed");
});

Deno.test("--force, --from, --only and --no-cache choose what runs anew", async () => {
  await using sandbox = await openSandbox();
  const pipeline = pipelineOf(() => {
    const { value } = constant("one", { params: { value: 1 } });
    const two = add("two", { inputs: { value } });
    return add("three", { inputs: { value: two.value } });
  });
  await rejects(() => sandbox.run(pipeline, { only: ["two"] }), (error: ExplainedError) => {
    equal(error.code, "run/not-cached");
    equal(error.why, 'the result of "one" is needed and not cached');
    return true;
  });
  await rejects(() => sandbox.run(pipeline, { only: ["two"], from: ["one"] }), {
    code: "config/selection",
  });
  await sandbox.run(pipeline);

  const forced = await sandbox.run(pipeline, { force: ["two"] });
  const from = await sandbox.run(pipeline, { from: ["two"] });
  const only = await sandbox.run(pipeline, { only: ["two"], force: ["two"] });
  const all = await sandbox.run(pipeline, { noCache: true });

  deepEqual(statuses(forced), ["one:cached", "two:succeeded", "three:cached"]);
  deepEqual(statuses(from), ["one:cached", "two:succeeded", "three:succeeded"]);
  deepEqual(statuses(only), ["one:cached", "two:succeeded", "three:cached"]);
  deepEqual(statuses(all), ["one:succeeded", "two:succeeded", "three:succeeded"]);
  await rejects(() => sandbox.run(pipeline, { force: ["tow"] }), (error: ExplainedError) => {
    equal(error.code, "run/unknown-node");
    equal(error.why, '--force tow: no such node (did you mean "two"?)');
    return true;
  });
});

Deno.test("ready nodes overlap, up to the limit", async () => {
  await using sandbox = await openSandbox();
  let open = 0;
  let most = 0;
  const waiting: (() => void)[] = [];
  const { step } = stepOf(() => {
    most = Math.max(most, ++open);
    // Everyone waits until three are open: this ends only if three can be.
    return new Promise((resolve) => {
      waiting.push(() => resolve(open--));
      if (waiting.length === 3) waiting.forEach((go) => go());
    });
  }, { cache: false });
  const limited = { ...sandbox.settings, parallelNodes: 3 };
  equal(limited.parallelNodes, 3);

  const done = await sandbox.run(
    pipelineOf(() => ["a", "b", "c"].map((id) => step(id, {}))),
  );

  equal(done.summary.status, "succeeded");
  equal(most, 3);
});

Deno.test("a failing step stops only what depends on it, and says what, why and fix", async () => {
  await using sandbox = await openSandbox();
  const { step: bad } = stepOf(() => {
    throw new ExplainedError("toy/broken", { what: "Cannot toy", why: "it broke", fix: "Mend it" });
  });
  const pipeline = pipelineOf(() => {
    const broken = bad("broken", {});
    const fine = constant("fine", { params: { value: 1 } });
    return [add("lost", { inputs: { value: broken.value } }), fine];
  });

  const done = await sandbox.run(pipeline);

  deepEqual(statuses(done), ["broken:failed", "fine:succeeded", "lost:skipped"]);
  equal(done.exitCode, 1);
  deepEqual(done.summary.steps[0]?.error, {
    what: "Cannot toy",
    why: "it broke",
    fix: "Mend it",
    code: "toy/broken",
  });
  equal(done.summary.steps[2]?.reason, '"broken" failed');
});

Deno.test("a step is tried again as often as it declares", async () => {
  await using sandbox = await openSandbox();
  const { step, calls } = stepOf((call) => {
    if (call < 3) throw new Error(`attempt ${call}`);
    return call;
  }, { retry: { attempts: 3, delayMs: 1 } });

  const done = await sandbox.run(pipelineOf(() => step("flaky", {})));

  equal(done.summary.status, "succeeded");
  equal(calls(), 3);
  deepEqual(
    done.events.flatMap((event) => event.type === "step-retried" ? [event.delayMs] : []),
    [1, 2],
  );
});

Deno.test("a step that takes too long fails with its timeout", async () => {
  await using sandbox = await openSandbox();
  const step = defineStep({
    module: import.meta.url,
    name: "slow",
    inputs: {},
    outputs: { value: "json" },
    timeoutMs: 20,
    run: ({ signal }) =>
      new Promise((_, reject) =>
        signal.addEventListener("abort", () => reject(new Error("stopped")))
      ),
  });

  const done = await sandbox.run(pipelineOf(() => step("slow", {})));

  equal(done.summary.steps[0]?.error?.code, "step/timeout");
});

Deno.test("a cancelled run leaves a consistent record", async () => {
  await using sandbox = await openSandbox();
  const controller = new AbortController();
  const step = defineStep({
    module: import.meta.url,
    name: "patient",
    inputs: {},
    outputs: { value: "json" },
    run: async ({ signal }) => {
      controller.abort(new DOMException("stop", "AbortError"));
      await new Promise((_, reject) => {
        if (signal.aborted) reject(signal.reason);
      });
      return { value: 1 };
    },
  });
  const pipeline = pipelineOf(() => {
    const { value } = step("patient", {});
    return add("never", { inputs: { value } });
  });

  const done = await sandbox.run(pipeline, { signal: controller.signal });

  deepEqual(statuses(done), ["patient:cancelled", "never:cancelled"]);
  equal(done.exitCode, 130);
  await using store = await openStore({ folder: sandbox.settings.storeFolder });
  const row = await getRun(store, done.summary.run_id);
  equal(row.status, "KILLED");
  equal(row.tags["hanok.status"], "cancelled");
  deepEqual((await listStepRuns(store, row.runId)).map(({ status }) => status), [
    "cancelled",
    "cancelled",
  ]);
});

Deno.test("a closed gate skips what depends on it, also when it is cached", async () => {
  await using sandbox = await openSandbox();
  const pipeline = pipelineOf(() => {
    const { value } = constant("one", { params: { value: 0.5 } });
    const { verdict } = gate("gate", { inputs: { value }, params: { atLeast: 0.9 } });
    return after("after", { inputs: { verdict } });
  });

  for (const gateStatus of ["succeeded", "cached"]) {
    const done = await sandbox.run(pipeline);
    equal(done.summary.status, "gated");
    equal(done.exitCode, 3);
    deepEqual(statuses(done).slice(1), [`gate:${gateStatus}`, "after:skipped"]);
    deepEqual(done.summary.gates, [
      { node: "gate", passed: false, reasons: ["value is 0.5, must be >= 0.9"] },
    ]);
    equal(done.summary.steps[2]?.reason, 'gate "gate" said no');
  }
});

Deno.test("a changed file that a step reads re-runs it; an untouched one does not", async () => {
  await using sandbox = await openSandbox();
  const read = defineStep({
    module: import.meta.url,
    name: "read",
    inputs: {},
    outputs: { value: "json" },
    reads: () => [file("한글 file.txt")],
    run: async (context) => ({
      value: await Deno.readTextFile(context.resolvePath("한글 file.txt")),
    }),
  });
  const path = `${sandbox.folder}/한글 file.txt`;
  const pipeline = pipelineOf(() => read("read", {}));
  await Deno.writeTextFile(path, "one");

  equal(statuses(await sandbox.run(pipeline))[0], "read:succeeded");
  equal(statuses(await sandbox.run(pipeline))[0], "read:cached");
  await Deno.writeTextFile(path, "two");
  const changed = await sandbox.run(pipeline);
  equal(statuses(changed)[0], "read:succeeded");
  match(changed.summary.steps[0]!.reason, /^file 한글 file\.txt [0-9a-f]{8} → [0-9a-f]{8}$/);
  await Deno.writeTextFile(path, "one");
  equal(statuses(await sandbox.run(pipeline))[0], "read:cached");
});

Deno.test("a deleted blob is a miss; a flipped byte is one with --verify", async () => {
  await using sandbox = await openSandbox();
  const pipeline = pipelineOf(() => constant("one", { params: { value: "some bytes" } }));
  const blobs = `${sandbox.settings.storeFolder}/blobs`;
  const findBlob = async () => {
    for await (const { name: folder } of Deno.readDir(blobs)) {
      for await (const { name } of Deno.readDir(`${blobs}/${folder}`)) {
        const path = `${blobs}/${folder}/${name}`;
        if ((await Deno.readTextFile(path)) === '"some bytes"') return path;
      }
    }
    throw new Error("There is no blob");
  };
  await sandbox.run(pipeline);
  const path = await findBlob();

  await Deno.remove(path);
  const deleted = await sandbox.run(pipeline);
  equal(statuses(deleted)[0], "one:succeeded");
  match(deleted.summary.steps[0]!.reason, /value\/value\.json is missing/);

  await Deno.writeTextFile(path, '"some bytez"');
  equal(statuses(await sandbox.run(pipeline))[0], "one:cached");
  const verified = await sandbox.run(pipeline, { verify: true });
  equal(statuses(verified)[0], "one:succeeded");
  match(verified.summary.steps[0]!.reason, /has other bytes/);
  equal(await Deno.readTextFile(path), '"some bytes"');
});

Deno.test("cache: false runs every time; a ttl runs again when it is over", async () => {
  await using sandbox = await openSandbox();
  const never = stepOf((call) => call, { cache: false });
  const expired = stepOf((call) => call, { name: "expired", cache: { ttlSeconds: -1 } });
  const lasting = stepOf((call) => call, { name: "lasting", cache: { ttlSeconds: 1000 } });
  const pipeline = pipelineOf(() => [
    never.step("never", {}),
    expired.step("expired", {}),
    lasting.step("lasting", {}),
  ]);

  await sandbox.run(pipeline);
  const second = await sandbox.run(pipeline);

  deepEqual(statuses(second), ["never:succeeded", "expired:succeeded", "lasting:cached"]);
});

Deno.test("a step gets no port, champion or address that it does not declare", async () => {
  await using sandbox = await openSandbox();
  const asking = (name: string, ask: (context: never) => unknown) =>
    defineStep({
      module: import.meta.url,
      name,
      inputs: {},
      outputs: { value: "json" },
      run: async (context) => ({ value: await ask(context as never) as number }),
    });
  const pipeline = pipelineOf(() => [
    asking("engine", ({ engine }) => engine)("engine", {}),
    asking("registry", ({ registry }) => registry)("registry", {}),
    asking("champion", (context: { champion(name: string): unknown }) => context.champion("m"))(
      "champion",
      {},
    ),
    asking("fetch", (context: { fetch(url: string): unknown }) => context.fetch("http://x"))(
      "fetch",
      {},
    ),
  ]);

  const { summary } = await sandbox.run(pipeline);

  deepEqual(summary.steps.map(({ error }) => error?.code), Array(4).fill("step/undeclared-port"));
  match(summary.steps[0]!.error!.fix, /uses: \["engine"\]/);
});

Deno.test("a champion that a step declares to read is part of its key", async () => {
  await using sandbox = await openSandbox();
  const reading = defineStep({
    module: import.meta.url,
    name: "reading",
    inputs: {},
    outputs: { value: "json" },
    reads: () => [champion("toy")],
    run: (context) => Promise.resolve({ value: context.champion("toy")?.version ?? null }),
  });
  const producing = defineStep({
    module: import.meta.url,
    name: "producing",
    inputs: {},
    outputs: { model: "model", version: "version" },
    params: z.object({ text: z.string() }),
    effects: true,
    run: async (context, _inputs, { text }) => {
      const model = await context.artifacts.folder({ "model.onnx": text });
      const request = { name: "toy", model, metrics: { accuracy: 1 }, promote: "auto" } as const;
      const { name, version } = await context.registry.register(request);
      return { model, version: { name, version } };
    },
  });
  const reader = pipelineOf(() => reading("reading", {}), "reader");
  const producer = (text: string) =>
    pipelineOf(() => producing("producing", { params: { text } }), "producer");

  await sandbox.run(reader);
  const registered = await sandbox.run(producer("a"));
  deepEqual(registered.summary.model, {
    name: "toy",
    version: 1,
    aliases: ["candidate", "champion"],
  });
  const moved = await sandbox.run(reader);
  equal(moved.summary.steps[0]?.reason, "champion toy none → version 1");
  equal(statuses(await sandbox.run(reader))[0], "reading:cached");
  equal(statuses(await sandbox.run(producer("a")))[0], "producing:cached");
  await sandbox.run(producer("a"), { force: ["producing"] });
  deepEqual((await sandbox.run(producer("b"))).summary.model?.version, 2);
});

Deno.test("secrets reach the step, and neither key, log, error nor database", async () => {
  await using sandbox = await openSandbox();
  await Deno.writeTextFile(`${sandbox.folder}/.env`, "TOY_TOKEN=very-hidden-value\n");
  await Deno.writeTextFile(`${sandbox.folder}/deno.json`, "{}");
  let seen = "";
  const step = defineStep({
    module: import.meta.url,
    name: "secretive",
    inputs: {},
    outputs: { value: "json" },
    params: z.object({ token: z.string() }),
    run: (context, _inputs, { token }) => {
      seen = token;
      context.log(`connecting with ${token}`);
      throw new Error(`refused ${token}`);
    },
  });
  const { definePipeline } = await import("../pipeline/mod.ts");
  const pipeline = definePipeline({
    name: "secretive",
    config: z.object({ token: z.string() }),
    build: ({ token }) => step("secretive", { params: { token } }),
  });

  const done = await sandbox.run(pipeline as never, { config: { token: "${TOY_TOKEN}" } });

  equal(seen, "very-hidden-value");
  equal(done.summary.status, "failed");
  match(done.summary.steps[0]!.error!.why, /refused \$\{TOY_TOKEN\}/);
  await using store = await openStore({ folder: sandbox.settings.storeFolder });
  match(
    (await listLogs(store, done.summary.run_id))[0]!.message,
    /connecting with \$\{TOY_TOKEN\}/,
  );
  await store.client.execute("PRAGMA wal_checkpoint(TRUNCATE)");
  for (const path of ["store.db", `${done.summary.run_id}/events.jsonl`]) {
    const bytes = await Deno.readFile(`${sandbox.settings.storeFolder}/${path}`);
    equal(new TextDecoder("latin1").decode(bytes).includes("very-hidden-value"), false, path);
  }
});

Deno.test("a metric that is NaN survives the cache", async () => {
  await using sandbox = await openSandbox();
  const step = defineStep({
    module: import.meta.url,
    name: "odd",
    inputs: {},
    outputs: { metrics: "metrics" },
    run: () => Promise.resolve({ metrics: { loss: NaN, accuracy: 0.5 } }),
  });
  const pipeline = pipelineOf(() => step("odd", {}));

  for (const _ of ["run", "cached"]) {
    deepEqual((await sandbox.run(pipeline)).summary.metrics, { loss: "NaN", accuracy: 0.5 });
  }
});
