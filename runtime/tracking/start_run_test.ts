import { deepEqual, equal, ok, rejects, throws } from "node:assert/strict";
import {
  getRun,
  listRunFiles,
  metricHistory,
  openStore,
  reconcileRuns,
  RUN_TAGS,
} from "../store/mod.ts";
import { openTemporaryStore } from "../store/temporary_store.ts";
import { startRun } from "./start_run.ts";

Deno.test("startRun() logs metrics, params, tags and files of code outside a pipeline", async () => {
  await using store = await openTemporaryStore();
  const parent = await startRun({ experiment: "notebook", runName: "parent", store });
  const file = await Deno.makeTempFile();
  await Deno.writeTextFile(file, "a file");

  const run = await startRun({
    experiment: "notebook",
    tags: { a: "b" },
    parent: parent.id,
    store,
  });
  await run.log.param("lr", 0.1);
  await run.log.params({ train: { epochs: 3, layers: [8, 8] }, note: null });
  await run.log.tag("host", "here");
  for (let step = 0; step < 1234; step++) run.log.metric("loss", 1 / (step + 1), { step });
  run.log.metric("accuracy", NaN);
  await run.log.artifact(file, "files/복사.txt");
  await run.log.artifact(new TextEncoder().encode("bytes"), "bytes.bin");
  await run.finish();
  await run.finish("FAILED");
  await parent.finish("FAILED");

  const found = await getRun(store, run.id);
  deepEqual([found.status, found.experiment, found.runName], ["FINISHED", "notebook", run.name]);
  deepEqual(found.params, {
    lr: "0.1",
    note: "null",
    "train.epochs": "3",
    "train.layers": "[8,8]",
  });
  deepEqual([found.tags.a, found.tags.host], ["b", "here"]);
  equal(found.tags[RUN_TAGS.parent], parent.id);
  ok(Number.isNaN(found.metrics.accuracy?.value));
  deepEqual(
    (await metricHistory(store, run.id, "loss")).map(({ step }) => step),
    Array.from({ length: 1234 }, (_, step) => step),
  );
  deepEqual(
    (await listRunFiles(store, run.id)).map(({ path, size, uploaded }) => [path, size, uploaded]),
    [["bytes.bin", 5, true], ["files/복사.txt", 6, true]],
  );
  equal(await Deno.readTextFile(file), "a file");
  equal((await getRun(store, parent.id)).status, "FAILED");
  await Deno.remove(file);
});

Deno.test("startRun() ends the run when its scope ends", async () => {
  await using store = await openTemporaryStore();
  let id = "";
  {
    await using run = await startRun({ experiment: "notebook", store });
    id = run.id;
    run.log.metric("loss", 1);
  }

  const { status, metrics } = await getRun(store, id);
  deepEqual([status, metrics.loss?.value], ["FINISHED", 1]);
});

Deno.test("what cannot be logged is refused at once, and nothing else is lost", async () => {
  await using store = await openTemporaryStore();
  const run = await startRun({ experiment: "notebook", store });

  run.log.metric("loss", 0.5);
  throws(() => run.log.metric("loss", "0.5" as unknown as number), TypeError);
  throws(() => run.log.metric("f1(macro)", 1), { code: "store/bad-name" });
  const bytes = new TextEncoder().encode("x");
  for (const path of ["../evil", "/abs", "a/../../b", "", "C:\\x", "a\\b", "a//b", "a\0b"]) {
    await rejects(() => run.log.artifact(bytes, path), { code: "store/bad-name" });
  }
  await run.log.artifact(bytes, "한글/노트 1.txt");
  await run.finish();

  const { status, metrics } = await getRun(store, run.id);
  deepEqual([status, metrics.loss?.value], ["FINISHED", 0.5]);
  deepEqual((await listRunFiles(store, run.id)).map(({ path }) => path), ["한글/노트 1.txt"]);
  throws(() => run.log.metric("late", 1), { code: "run/finished" });
  await rejects(() => run.log.param("late", 1), { code: "run/finished" });
  await run.finish();
});

Deno.test("finish() ends the run, also when what was logged cannot be written", async () => {
  await using store = await openTemporaryStore();
  const run = await startRun({ experiment: "notebook", store });
  await store.client.execute(
    "CREATE TRIGGER full BEFORE INSERT ON metrics BEGIN SELECT RAISE(FAIL, 'disk full'); END",
  );
  run.log.metric("loss", 0.5);

  await rejects(() => run.finish(), /disk full/);

  equal((await getRun(store, run.id)).status, "FINISHED");
});

Deno.test("a killed process keeps what it logged, and its run becomes KILLED", async () => {
  const folder = await Deno.makeTempDir();
  const script = new URL("./testdata/log_forever.ts", import.meta.url).pathname;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "-q", script, folder],
    stdout: "piped",
  }).spawn();
  let output = "";
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    output += text;
    if (output.split("\n").length > 4) break; // the id and three steps
  }
  child.kill("SIGKILL");
  await child.status;

  await using store = await openStore({ folder });
  const id = output.split("\n")[0]!;
  deepEqual(await reconcileRuns(store), [id]);

  equal((await getRun(store, id)).status, "KILLED");
  // Whole batches of 500 were written before each tag.
  ok((await metricHistory(store, id, "loss")).length >= 1500);
  await Deno.remove(folder, { recursive: true });
});
