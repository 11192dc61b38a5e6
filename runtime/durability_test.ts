import { createClient } from "@libsql/client";
import { deepEqual, equal } from "node:assert/strict";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { listRuns, listStepRuns, openStore, type Store } from "./store/mod.ts";
import { verifyCache } from "./store/verify_cache.ts";
import { listVersions } from "./registry/mod.ts";
import type { RunSummary } from "./executor/run_summary.ts";

const root = join(import.meta.dirname!, "..");

/**
 * A program with a pipeline prepare → work → publish over a store in its folder. With HANG it
 * stops for ever inside that step, after saying so in a file.
 */
const PROGRAM = `
import { z } from "zod";
import { definePipeline, defineStep } from ${JSON.stringify(moduleUrl("pipeline/mod.ts"))};
import { runPipeline } from ${JSON.stringify(moduleUrl("runtime/run_pipeline.ts"))};
import { readSettings } from ${JSON.stringify(moduleUrl("runtime/settings.ts"))};

async function maybeHang(place: string): Promise<void> {
  if (Deno.env.get("HANG") !== place) return;
  await Deno.writeTextFile("hanging", place);
  await new Promise((resolve) => setTimeout(resolve, 1e9));
}

const prepare = defineStep({
  module: import.meta.url, name: "prepare", inputs: {}, outputs: { value: "json" },
  params: z.object({ value: z.number() }),
  run: (_context, _inputs, { value }) => Promise.resolve({ value }),
});
const work = defineStep({
  module: import.meta.url, name: "work", inputs: { value: "json" }, outputs: { model: "model" },
  run: async (context, { value }) => {
    const model = await context.artifacts.folder({ "model.onnx": String(value) });
    await maybeHang("work");
    return { model };
  },
});
const publish = defineStep({
  module: import.meta.url, name: "publish", inputs: { model: "model" }, outputs: { version: "version" },
  effects: true,
  run: async (context, { model }) => {
    const request = { name: "toy", model, metrics: {}, promote: "auto" } as const;
    const { name, version } = await context.registry.register(request);
    await maybeHang("publish");
    return { version: { name, version } };
  },
});
const pipeline = definePipeline({
  name: "durable",
  config: z.object({ value: z.number().default(41) }),
  build: (config) => {
    const { value } = prepare("prepare", { params: config });
    const { model } = work("work", { inputs: { value } });
    return publish("publish", { inputs: { model } });
  },
});
const set = [\`value=\${Deno.env.get("VALUE") ?? 41}\`];
const { summary } = await runPipeline({ pipeline }, { set }, { settings: readSettings() });
console.log(JSON.stringify(summary));
`;

function moduleUrl(path: string): string {
  return pathToFileURL(join(root, path)).href;
}

async function openProgram() {
  const folder = await Deno.makeTempDir({ prefix: "hanok-test-" });
  await Deno.writeTextFile(join(folder, "program.ts"), PROGRAM);
  const command = (env: Record<string, string> = {}) =>
    new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", "--config", join(root, "deno.json"), "program.ts"],
      cwd: folder,
      env: { HANOK_STORE: join(folder, "runs"), INIT_CWD: folder, ...env },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    });
  return {
    folder,
    async run(env: Record<string, string> = {}): Promise<RunSummary> {
      const { code, stdout, stderr } = await command(env).output();
      equal(code, 0, new TextDecoder().decode(stderr));
      return JSON.parse(new TextDecoder().decode(stdout));
    },
    /** Starts it, waits until it is stuck in a transaction, and kills it there. */
    async killWriting(env: Record<string, string>): Promise<void> {
      await using child = command(env).spawn();
      const drained = Promise.all([child.stdout.cancel(), child.stderr.cancel()]);
      await using store = await openStore({ folder: join(folder, "runs") });
      // A lock that is held this often in a row is that of a transaction which does not end.
      for (let held = 0; held < 20;) {
        await new Promise((resolve) => setTimeout(resolve, 10));
        held = await isWriteLocked(store) ? held + 1 : 0;
      }
      child.kill("SIGKILL");
      await child.status;
      await drained;
    },
    /** Starts it, waits until it hangs in a step, and kills it without a word. */
    async killIn(step: string): Promise<void> {
      await using child = command({ HANG: step }).spawn();
      const output = child.stderr.text();
      let hasEnded = false;
      child.status.then(() => hasEnded = true);
      for (;;) {
        const place = await Deno.readTextFile(join(folder, "hanging")).catch(() => "");
        if (place === step) break;
        if (hasEnded) throw new Error(`It ended by itself: ${await output}`);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      child.kill("SIGKILL");
      await child.status;
      await Promise.all([output, child.stdout.cancel()]);
      await Deno.remove(join(folder, "hanging"));
    },
    openStore: () => openStore({ folder: join(folder, "runs") }),
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

function statuses({ steps }: RunSummary): string[] {
  return steps.map(({ node, status }) => `${node}:${status}`);
}

Deno.test("a run killed in the middle of a step goes on where it was", async () => {
  await using program = await openProgram();

  await program.killIn("work");
  const again = await program.run();

  deepEqual(statuses(again), ["prepare:cached", "work:succeeded", "publish:succeeded"]);
  await using store = await program.openStore();
  const killed = (await listRuns(store, { experiment: "durable" }))
    .find(({ runId }) => runId !== again.run_id)!;
  equal(killed.status, "KILLED");
  deepEqual(
    (await listStepRuns(store, killed.runId)).map(({ node, status }) => `${node}:${status}`),
    ["prepare:succeeded", "work:cancelled", "publish:cancelled"],
  );
});

Deno.test("a run killed after it registered does not register again", async () => {
  await using program = await openProgram();

  await program.killIn("publish");
  const again = await program.run();

  deepEqual(statuses(again), ["prepare:cached", "work:cached", "publish:succeeded"]);
  deepEqual(again.model, { name: "toy", version: 1, aliases: ["candidate", "champion"] });
  await using store = await program.openStore();
  equal((await listVersions(store, "toy")).length, 1);
});

for (const write of ["INSERT ON model_versions", "UPDATE ON model_aliases"]) {
  Deno.test(`a run killed in its ${write} has registered nothing, and does so once later`, async () => {
    await using program = await openProgram();
    await program.run();
    {
      await using store = await program.openStore();
      // The write of that table never ends: 10^15 rows are counted first.
      await store.client.executeMultiple(`
        CREATE TABLE slow (x INTEGER);
        INSERT INTO slow SELECT value FROM json_each('[${Array(1000).fill(1)}]');
        CREATE TRIGGER stuck AFTER ${write} BEGIN
          SELECT count(*) FROM slow a, slow b, slow c, slow d, slow e WHERE a.x + b.x + c.x + d.x + e.x < 0;
        END;`);
    }

    await program.killWriting({ VALUE: "42" });

    await using store = await program.openStore();
    await store.client.executeMultiple("DROP TRIGGER stuck; DROP TABLE slow;");
    deepEqual(await aliasesOf(store), [[1, ["candidate", "champion"]]]);
    const again = await program.run({ VALUE: "42" });
    deepEqual(statuses(again), ["prepare:cached", "work:cached", "publish:succeeded"]);
    deepEqual(await aliasesOf(store), [[2, ["candidate", "champion"]], [1, []]]);
    deepEqual((await listVersions(store, "toy")).map(({ state }) => state), [
      "approved",
      "archived",
    ]);
    deepEqual((await verifyCache(store)).damaged, []);
  });
}

async function aliasesOf(store: Store) {
  return (await listVersions(store, "toy")).map(({ version, aliases }) => [version, aliases]);
}

/** Whether another process is writing just now. */
async function isWriteLocked({ folder }: Store): Promise<boolean> {
  const client = createClient({ url: pathToFileURL(join(folder, "store.db")).href });
  try {
    const transaction = await client.transaction("write");
    await transaction.rollback();
    return false;
  } catch (error) {
    if (!String(error).includes("SQLITE_BUSY")) throw error;
    return true;
  } finally {
    client.close();
  }
}

Deno.test("several runs of one pipeline at the same time all succeed, and register once", async () => {
  await using program = await openProgram();

  const summaries = await Promise.all([program.run(), program.run(), program.run()]);

  for (const { status, model } of summaries) {
    equal(status, "succeeded");
    equal(model?.version, 1);
  }
  await using store = await program.openStore();
  equal((await listVersions(store, "toy")).length, 1);
  equal((await listRuns(store, { experiment: "durable" })).length, 3);
});
