import { deepEqual, equal, match } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { getRun } from "./find_run.ts";
import { listLiveRuns, processTags, reconcileRuns } from "./reconcile.ts";
import { RUN_TAGS, type Texts } from "./run.ts";
import { holdRunLock } from "./run_lock.ts";
import { createRun } from "./run_store.ts";
import { listStepRuns, recordStepRuns } from "./step_run_store.ts";
import { beginRun, openTemporaryStore, putArtifact, successOf } from "./temporary_store.ts";

/** The id of a process that has ended. */
async function endedProcess(): Promise<string> {
  const child = new Deno.Command(Deno.execPath(), { args: ["--version"], stdout: "null" }).spawn();
  await child.status;
  return String(child.pid);
}

Deno.test("reconcileRuns() ends the runs of dead processes and cancels their open steps", async () => {
  await using store = await openTemporaryStore();
  const here = await processTags();
  const dead = await beginRun(store, { tags: { ...here, [RUN_TAGS.pid]: await endedProcess() } });
  const made = await putArtifact(store, "x");
  const statuses = ["succeeded", "running", "pending"] as const;
  await recordStepRuns(
    store,
    statuses.map((status) => successOf(dead.runId, status, { made, status }).stepRun),
  );

  deepEqual(await reconcileRuns(store, 5000), [dead.runId]);

  const run = await getRun(store, dead.runId);
  deepEqual([run.status, run.endTime], ["KILLED", 5000]);
  match(run.tags[RUN_TAGS.killed]!, /process \d+ ended/);
  const after = await listStepRuns(store, dead.runId);
  deepEqual(after.map(({ status }) => status), ["succeeded", "cancelled", "cancelled"]);
  deepEqual(await reconcileRuns(store), []);
});

Deno.test("reconcileRuns() leaves living processes, other hosts and foreign clients alone", async () => {
  await using store = await openTemporaryStore();
  const here = await processTags();
  const pid = await endedProcess();
  const alive = await beginRun(store, { runName: "alive", tags: here });
  await beginRun(store, { tags: { ...here, [RUN_TAGS.host]: "elsewhere", [RUN_TAGS.pid]: pid } });
  await beginRun(store, { tags: {} });

  deepEqual(await reconcileRuns(store), []);

  equal((await getRun(store, alive.runId)).status, "RUNNING");
  deepEqual(await listLiveRuns(store.client), ["alive"]);
});

Deno.test({
  name: "reconcileRuns() is not deceived by a process id that is used again",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using store = await openTemporaryStore();
    const here = await processTags();
    const run = await beginRun(store, { tags: { ...here, [RUN_TAGS.processStart]: "1" } });

    deepEqual(await reconcileRuns(store), [run.runId]);
  },
});

Deno.test("reconcileRuns() sees a dead process where the system does not tell starts", async () => {
  await using store = await openTemporaryStore();
  const tags = { ...await processTags(), [RUN_TAGS.processStart]: "" };
  await beginRun(store, { tags });
  const dead = await beginRun(store, { tags: { ...tags, [RUN_TAGS.pid]: await endedProcess() } });

  deepEqual(await reconcileRuns(store), [dead.runId]);
});

Deno.test("reconcileRuns() of a server with narrow permissions ends the runs of killed processes, and no others", async () => {
  await using store = await openTemporaryStore();
  const begin = async (letter: string, tags: Texts): Promise<string> => {
    const runId = letter.repeat(32);
    await createRun(store, { runId, experiment: "e", user: "mina", startTime: 1, tags });
    return runId;
  };
  const here = await processTags();
  await using lock = await holdRunLock(store.folder);
  await begin("a", here);
  await begin("b", { ...here, ...lock.tags });
  await begin("c", { ...here, [RUN_TAGS.lock]: "../store.db" });
  const killed = await begin("d", { ...here, [RUN_TAGS.lock]: await lockOfKilled(store.folder) });

  deepEqual(await reconcileAsServer(store.folder), [killed]);

  deepEqual(await reconcileAsServer(store.folder), []);
  equal((await Deno.stat(`${store.folder}/store.db`)).isFile, true);
});

/** The lock of a process that was killed while it held it. */
async function lockOfKilled(folder: string): Promise<string> {
  const door = import.meta.resolve("./mod.ts");
  const script = `
    const { holdRunLock } = await import(${JSON.stringify(door)});
    const { tags } = await holdRunLock(${JSON.stringify(folder)});
    console.log(tags["hanok.lock"]);
    setInterval(() => {}, 1000);`;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["eval", "--config", CONFIG, script],
    stdout: "piped",
    env: { NO_COLOR: "1" },
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let name = "";
  while (!name.endsWith("\n")) name += (await reader.read()).value ?? "";
  child.kill("SIGKILL");
  await child.status;
  await reader.cancel();
  return name.trim();
}

const CONFIG = fileURLToPath(new URL("../../deno.json", import.meta.url));
const RUNTIME = fileURLToPath(new URL("../", import.meta.url));

async function reconcileAsServer(folder: string): Promise<string[]> {
  const script = `
    const { openStore, reconcileRuns } = await import(${
    JSON.stringify(import.meta.resolve("./mod.ts"))
  });
    await using store = await openStore({ folder: ${JSON.stringify(folder)} });
    console.log(JSON.stringify(await reconcileRuns(store)));`;
  const module = `${folder}/look.ts`;
  await Deno.writeTextFile(module, script);
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-q", "--no-check", "--no-prompt", "--config", CONFIG, "-P=server"].concat(
      `--allow-read=${folder},${RUNTIME}`,
      `--allow-write=${folder}`,
      "--allow-ffi",
      module,
    ),
    env: { NO_COLOR: "1" },
  }).output();

  const printed = new TextDecoder().decode(stdout);
  equal(printed.startsWith("["), true, new TextDecoder().decode(stderr));
  return JSON.parse(printed);
}
