import { deepEqual, equal, match, ok } from "node:assert/strict";
import { type Json, openTestStore, post } from "./_served_store.ts";

const DIGITS = new URL("../../configs/digits/digits.csv", import.meta.url);

type Row = Readonly<Record<string, number>>;

/** Rows of the digits, without the digit; `change` is done to every pixel. */
async function readDigits(count: number, change = (ink: number) => ink): Promise<readonly Row[]> {
  const [header = "", ...lines] = (await Deno.readTextFile(DIGITS)).trim().split("\n");
  const names = header.split(",");
  return Array.from({ length: count }, (_, place) => {
    const cells = lines[place * 5 % lines.length]!.split(",");
    const row = names.map((name, column) => [name, change(Number(cells[column]))] as const);
    return Object.fromEntries(row.filter(([name]) => name !== "digit"));
  });
}

Deno.test("startServer() tells how far requests are from what a version was trained on", async (test) => {
  await using store = await openTestStore();
  const quick = ["--set", "gate.min_accuracy=0", "--set"];
  await store.cli("run", "digits", ...quick, "training.epochs=5");
  await store.cli("run", "digits", ...quick, "training.epochs=4");
  await using server = await store.serve("--sample-rate", "1");
  const { origin } = server;
  const text = async (path: string) => await (await fetch(origin + path)).text();
  const driftOf = async (version: number): Promise<Json> =>
    JSON.parse(await text(`/api/models/digits/versions/${version}/drift`));
  /** Asks in requests of ten rows, and waits until as many rows are kept. */
  const ask = async (version: number, rows: readonly Row[], kept: number): Promise<Json> => {
    for (let from = 0; from < rows.length; from += 10) {
      const path = `/models/digits/versions/${version}/predict`;
      equal((await post(origin + path, { rows: rows.slice(from, from + 10) })).status, 200);
    }
    const start = performance.now();
    for (;;) {
      const drift = await driftOf(version);
      if (drift.current.rows === kept) return drift;
      ok(performance.now() - start < 20_000, "the requests were not kept");
    }
  };

  await test.step("nothing is said of too few requests", async () => {
    const drift = await ask(1, await readDigits(20), 20);

    deepEqual([drift.status, drift.detected, drift.features], ["too-few", null, []]);
    match(drift.why, /^20 rows of requests were kept, and at least 30/);
    match(await text("/models/digits?drift=1"), /Too few requests to tell/);
  });

  await test.step("requests like the training data have not drifted", async () => {
    const drift = await ask(1, (await readDigits(320)).slice(20), 320);

    deepEqual([drift.status, drift.detected, drift.share], ["compared", false, 0]);
    deepEqual([drift.prediction.detected, drift.reference.prediction], [false, "evaluation"]);
    equal(drift.features.length, 64);
    equal(drift.reference.dataset, "split.training");
    deepEqual(drift.current.requests, 32);
  });

  await test.step("faint digits have, as the page tells, too", async () => {
    const drift = await ask(2, await readDigits(100, (ink) => Math.round(ink / 2)), 100);

    ok(drift.detected && drift.share > 0.5, `${drift.share}`);
    const worst = drift.features[0];
    equal(worst.method, "wasserstein");
    ok(worst.detected && worst.score > 1 && worst.score > worst.threshold);
    const page = await text("/models/digits");
    match(page, /Version 2 is asked about other data than it was trained on/);
    match(page, /href="\/models\/digits\?drift=1#drift"/);
    match(await text("/models/digits?drift=1"), /Version 1 is asked about data like those/);
  });

  await test.step("GET /metrics tells the features furthest away, as Grafana asks for them", async () => {
    const metrics = await text("/metrics");

    match(metrics, /^data_drift_share\{model="digits",version="1"\} 0$/m);
    match(metrics, /^data_drift_share\{model="digits",version="2"\} 0\.[5-9]\d*$/m);
    match(metrics, /^data_drift_detected\{model="digits",version="1",feature="prediction"\} 0$/m);
    match(
      metrics,
      /^data_drift_score\{model="digits",version="2",feature="pixel_\d_\d",method="wasserstein"\} 1\.\d+$/m,
    );
    const told = (version: number) =>
      metrics.match(
        new RegExp(`^data_drift_detected{model="digits",version="${version}".*$`, "gm"),
      );
    deepEqual([told(1)?.length, told(2)?.length], [51, 51]);
    equal(told(1)!.every((line) => line.endsWith(" 0")), true);
    equal(told(2)!.filter((line) => line.endsWith(" 1")).length > 32, true);
    const asked = (await text("/static/grafana.json")).match(/\bdata_drift_\w+/g)!;
    deepEqual([...new Set(asked)].filter((name) => !metrics.includes(`\n${name}{`)), []);
  });

  await test.step("the command line tells the same", async () => {
    const { features, ...rest } = await driftOf(2);

    deepEqual(JSON.parse(await store.cli("models", "drift", "digits/2", "--json")), {
      features,
      ...rest,
    });
    const lines = await store.cli("models", "drift", "digits@champion");
    match(lines, /drift +yes, in the data as a whole\n/);
    match(lines, /and 54 more: --all/);
    match(await store.cli("models", "drift", "digits/1", "--all"), /pixel_0_0 .*✓ alike\n/);
  });

  await test.step("an unknown version is told", async () => {
    equal((await fetch(`${origin}/api/models/digits/versions/9/drift`)).status, 404);
    equal((await fetch(`${origin}/api/models/digits/versions/one/drift`)).status, 400);
    equal((await fetch(`${origin}/models/digits?drift=x`)).status, 400);
  });
});
