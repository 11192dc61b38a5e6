import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import {
  createRun,
  finishRun,
  logMetrics,
  openStore,
  recordArtifacts,
  recordLogs,
  recordRunArtifacts,
  recordStepRun,
  recordStepSuccess,
  type Store,
} from "../../runtime/store/mod.ts";
import { registerVersion, rollback } from "../../runtime/registry/mod.ts";
import {
  findModelDetail,
  listModelFacts,
  listOfferedVersions,
  listVersionsOfRun,
} from "./model_facts.ts";
import { getComparedRuns } from "./compared_runs.ts";
import type { RequestError } from "./error_answer.ts";
import { getRunDetail, listRunFacts } from "./run_facts.ts";
import { type FilePreview, getRunFile, readPreview } from "./run_file.ts";
import type { RunFilter } from "./run_filter.ts";
import { artifactHash } from "../../runtime/cache/content_hash.ts";
import { getDatasetFacts } from "./dataset_facts.ts";

async function withStore(use: (store: Store) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "hanok facts 손 " });
  try {
    await using store = await openStore({ folder });
    await use(store);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const id = (digit: string) => digit.repeat(32);

async function begin(store: Store, runId: string, startTime: number): Promise<void> {
  await createRun(store, {
    runId,
    experiment: "digits",
    user: "mina",
    startTime,
    params: { epochs: 5 },
  });
}

Deno.test("listRunFacts() lists the newest first, a page at a time", async () => {
  await withStore(async (store) => {
    for (const [index, digit] of ["1", "2", "3"].entries()) await begin(store, id(digit), index);

    const first = await listRunFacts(store, { limit: 2, offset: 0 });
    const second = await listRunFacts(store, { limit: 2, offset: 2 });

    deepEqual(first.items.map(({ run_id }) => run_id[0]), ["3", "2"]);
    equal(first.has_more, true);
    deepEqual(second.items.map(({ run_id }) => run_id[0]), ["1"]);
    equal(second.has_more, false);
    deepEqual((await listRunFacts(store, { limit: 2, offset: 0, pipeline: "iris" })).items, []);
  });
});

Deno.test("listRunFacts() filters by status and tag, sorts by a metric, and names what is wrong", async () => {
  await withStore(async (store) => {
    const facts = [["1", 0.5, "FINISHED"], ["2", 0.9, "FINISHED"], ["3", 0.7, "FAILED"]] as const;
    for (const [digit, accuracy, status] of facts) {
      await begin(store, id(digit), Number(digit));
      await logMetrics(store, id(digit), [{
        key: "accuracy",
        value: accuracy,
        step: 0,
        timestamp: 1,
      }]);
      const tags = { "hanok.status": digit === "2" ? "gated" : "succeeded", team: digit };
      await finishRun(store, id(digit), { status, endTime: 9, tags });
    }
    const page = { limit: 9, offset: 0 };
    const found = async (filter: RunFilter) =>
      (await listRunFacts(store, { ...page, ...filter })).items.map(({ run_id }) => run_id[0]);

    deepEqual(await found({ sort: "accuracy" }), ["2", "3", "1"]);
    deepEqual(await found({ status: "succeeded" }), ["1"]);
    deepEqual(await found({ status: "gated" }), ["2"]);
    deepEqual(await found({ status: "gated", tag: "team=2" }), ["2"]);
    deepEqual(await found({ status: "gated", tag: "team=1" }), []);
    await rejects(() => found({ status: "failled", tag: "team" }), (error: RequestError) => {
      equal(error.status, 400);
      match(error.why, /there is no status "failled" \(did you mean "failed"\?\)/);
      match(error.why, /the tag "team" has no "key=" in front/);
      return true;
    });
  });
});

Deno.test("getComparedRuns() puts runs side by side, and refuses one or too many", async () => {
  await withStore(async (store) => {
    for (const digit of ["1", "2", "3", "4", "5", "6", "7"]) {
      await begin(store, id(digit), Number(digit));
      await logMetrics(
        store,
        id(digit),
        [1, 2].map((step) => ({ key: "train/loss", value: step, step, timestamp: step })),
      );
      const value = digit === "2" ? NaN : Number(digit);
      await logMetrics(store, id(digit), [{ key: "accuracy", value, step: 0, timestamp: 1 }]);
    }

    const compared = await getComparedRuns(store, [id("1"), id("2"), id("1")], { all: false });

    deepEqual(compared.runs.map(({ run_id }) => run_id[0]), ["1", "2"]);
    deepEqual(compared.metrics, [{ name: "accuracy", values: [1, "NaN"] }]);
    deepEqual(compared.params, []);
    deepEqual(compared.curves, ["train/loss"]);
    const whole = await getComparedRuns(store, [id("1"), id("2")], { all: true });
    const inTime = await getComparedRuns(store, [id("2"), id("1")], { all: true, isInTime: true });
    deepEqual(inTime.runs.map(({ run_id }) => run_id), [id("1"), id("2")]);
    deepEqual(whole.params, [{ name: "epochs", values: ["5", "5"] }]);
    for (const digits of ["1", "1234567"]) {
      await rejects(
        () => getComparedRuns(store, [...digits].map(id), { all: false }),
        { code: "request/bad-comparison" },
      );
    }
    await rejects(() => getComparedRuns(store, [id("1"), "nobody"], { all: false }), {
      code: "run/unknown",
    });
  });
});

for (
  const { status, tags, expected } of [
    { status: "FINISHED", tags: {}, expected: "succeeded" },
    { status: "FINISHED", tags: { "hanok.status": "gated" }, expected: "gated" },
    { status: "FAILED", tags: {}, expected: "failed" },
    { status: "KILLED", tags: {}, expected: "cancelled" },
  ] as const
) {
  Deno.test(`listRunFacts() calls ${status} ${JSON.stringify(tags)} ${expected}`, async () => {
    await withStore(async (store) => {
      await begin(store, id("a"), 1000);
      await finishRun(store, id("a"), { status, endTime: 3500, tags });

      const [run] = (await listRunFacts(store, { limit: 1, offset: 0 })).items;

      equal(run!.status, expected);
      equal(run!.duration_ms, 2500);
      equal(run!.started_at, "1970-01-01T00:00:01.000Z");
    });
  });
}

Deno.test("getRunDetail() tells steps, params, metrics with NaN, curves and log", async () => {
  await withStore(async (store) => {
    await begin(store, id("b"), 1000);
    const at = { timestamp: 1 };
    await logMetrics(store, id("b"), [
      { key: "accuracy", value: 0.5, step: 0, ...at },
      { key: "broken", value: NaN, step: 0, ...at },
      { key: "train/loss", value: 2, step: 1, ...at },
      { key: "train/loss", value: 1, step: 2, ...at },
    ]);
    await recordStepRun(store, {
      runId: id("b"),
      node: "train",
      step: "train",
      status: "running",
      attempt: 1,
      startedAt: 1,
      endedAt: null,
      durationMs: null,
      cacheKey: "k",
      reason: "first run",
      summary: null,
      error: null,
    });
    await recordLogs(store, id("b"), [{ node: "train", at: 5, level: "warning", message: "slow" }]);

    const run = await getRunDetail(store, "bbbbbb");

    equal(run.status, "running");
    equal(run.duration_ms, null);
    deepEqual(run.metrics, { accuracy: 0.5, broken: "NaN" });
    deepEqual(run.node_metrics, { "train/loss": 1 });
    deepEqual(run.curves, ["train/loss"]);
    deepEqual(run.params, { epochs: "5" });
    deepEqual(run.steps.map(({ node, status }) => [node, status]), [["train", "running"]]);
    deepEqual(run.logs.map(({ level, message }) => [level, message]), [["warning", "slow"]]);
  });
});

Deno.test("getRunDetail() explains an unknown run", async () => {
  await withStore(async (store) => {
    await rejects(getRunDetail(store, "nothing"), { code: "run/unknown" });
  });
});

async function register(store: Store, artifact: string, at: number): Promise<void> {
  const blob = await store.blobs.put(new TextEncoder().encode(artifact));
  const modelArtifact = artifact.repeat(64);
  const files = [{ path: "model.onnx", ...blob }];
  await recordArtifacts(store, [{ hash: modelArtifact, kind: "model", files }]);
  await registerVersion(store, {
    name: "team/손글씨",
    modelArtifact,
    runId: id("c"),
    metrics: { accuracy: NaN },
    promote: "auto",
    idempotencyKey: artifact,
    user: "mina",
    at,
    why: "registered by a run",
  });
}

const FIRST = { limit: 50, offset: 0 };

Deno.test("findModelDetail() tells versions, aliases and every move with its version", async () => {
  await withStore(async (store) => {
    await begin(store, id("c"), 1000);
    await register(store, "1", 2000);
    await register(store, "2", 3000);
    await rollback(store, "team/손글씨", { user: "jun", why: "worse on sevens", at: 4000 });

    const model = await findModelDetail(store, "team/손글씨", { versions: FIRST, history: FIRST });

    deepEqual(model!.aliases, { candidate: 2, champion: 1 });
    deepEqual(model!.versions.items.map(({ version, state }) => [version, state]), [
      [2, "archived"],
      [1, "approved"],
    ]);
    equal(model!.shown!.version, 1);
    deepEqual(model!.shown!.metrics, { accuracy: "NaN" });
    const rolledBack = model!.history.items.filter(({ user }) => user === "jun");
    ok(rolledBack.some(({ alias, from, to }) => alias === "champion" && from === 2 && to === 1));
    ok(rolledBack.some(({ version, to }) => version === 2 && to === "archived"));
    equal(model!.history.items[0]!.at, "1970-01-01T00:00:04.000Z");
  });
});

Deno.test("findModelDetail() gives versions and history a page at a time, and forms what stands out", async () => {
  await withStore(async (store) => {
    await begin(store, id("c"), 1000);
    for (const [index, artifact] of ["1", "2", "3"].entries()) {
      await register(store, artifact, 2000 + index);
    }
    const page = async (versions: number, history: number) =>
      (await findModelDetail(store, "team/손글씨", {
        versions: { limit: 2, offset: versions },
        history: { limit: 5, offset: history },
      }))!;

    const [first, second] = [await page(0, 0), await page(2, 5)];

    deepEqual(
      [first, second].map(({ versions }) => versions.items.map(({ version }) => version)),
      [[3, 2], [1]],
    );
    deepEqual([first, second].map(({ versions }) => versions.has_more), [true, false]);
    equal(second.shown!.version, 3, "the champion speaks for the model on every page");
    equal(first.change_count, 14);
    const all = await findModelDetail(store, "team/손글씨", { versions: FIRST, history: FIRST });
    deepEqual(
      [...first.history.items, ...second.history.items],
      all!.history.items.slice(0, 10),
      "no change is told twice or left out",
    );
    deepEqual([first.history.has_more, all!.history.has_more], [true, false]);
    equal(all!.history.items.length, 14);
    deepEqual(
      (await listOfferedVersions(store, "team/손글씨", [1, 9])).map(({ version }) => version),
      [3, 2, 1],
    );
  });
});

Deno.test("findModelDetail() tells whether there is a champion to go back to", async () => {
  await withStore(async (store) => {
    await begin(store, id("c"), 1000);
    const canRollBack = async () =>
      (await findModelDetail(store, "team/손글씨", { versions: FIRST, history: FIRST }))!
        .can_roll_back;

    await register(store, "1", 2000);
    equal(await canRollBack(), false);

    await register(store, "2", 3000);
    equal(await canRollBack(), true);
  });
});

Deno.test("listModelFacts() and listVersionsOfRun() find what a run registered", async () => {
  await withStore(async (store) => {
    await begin(store, id("c"), 1000);
    await register(store, "1", 2000);

    deepEqual((await listModelFacts(store, FIRST)).items.map(({ name }) => name), ["team/손글씨"]);
    deepEqual((await listVersionsOfRun(store, id("c"))).map(({ version }) => version), [1]);
    deepEqual(await listVersionsOfRun(store, id("d")), []);
    equal(await findModelDetail(store, "team", { versions: FIRST, history: FIRST }), undefined);
  });
});

Deno.test("getDatasetFacts() shows columns, statistics and first rows of what a run made", async () => {
  await withStore(async (store) => {
    const rows = "size,plan\n1,a\n2,\n";
    const schema = {
      columns: [
        { name: "size", type: "integer", nullable: false },
        { name: "plan", type: "string", nullable: true },
      ],
      rowCount: 2,
    };
    const statistics = { rows: 2, duplicates: 0, duplicatesIsExact: true, columns: [] };
    const report = { passed: true, anomalies: [], statistics, label: "plan" };
    const [data, found] = await Promise.all([
      putFiles(store, "dataset", { "data.csv": rows, "schema.json": JSON.stringify(schema) }),
      putFiles(store, "json", { "value.json": JSON.stringify(report) }),
    ]);
    await begin(store, id("d"), 1);
    const edge = (direction: "consumed" | "produced", slot: string, artifact: string) => ({
      direction,
      slot,
      artifact,
    });
    await recordStepSuccess(store, {
      stepRun: stepRun(id("d"), "read"),
      edges: [edge("produced", "dataset", data.hash)],
      artifacts: [data],
      runArtifacts: [],
      metrics: [],
    });
    await recordStepSuccess(store, {
      stepRun: stepRun(id("d"), "check"),
      edges: [edge("consumed", "dataset", data.hash), edge("produced", "report", found.hash)],
      artifacts: [found],
      runArtifacts: [],
      metrics: [],
    });

    const facts = await getDatasetFacts(store, id("d"), "read.dataset");

    deepEqual(facts.sample, [{ size: 1, plan: "a" }, { size: 2, plan: null }]);
    equal(facts.statistics?.label, "plan");
    equal(facts.row_count, 2);
    deepEqual((await getRunDetail(store, id("d"))).made_datasets, [
      { address: "read.dataset", artifact: data.hash },
    ]);
    for (const address of ["read.datase", "check.report", ""]) {
      await rejects(() => getDatasetFacts(store, id("d"), address), { code: "data/unknown" });
    }
    await store.blobs.delete(data.files[0]!.hash);
    await rejects(() => getDatasetFacts(store, id("d"), "read.dataset"), {
      code: "data/collected",
    });
  });
});

const paths = [
  "../../store.db",
  "/etc/hostname",
  "a/../secret.txt",
  "a%2F..%2Fnotes.md",
  "notes.md\0.png",
  "",
];

Deno.test("getRunFile() finds files of the run's own list, and nothing else", async () => {
  await withStore(async (store) => {
    await begin(store, id("f"), 1);
    const text = `# 한글 노트\n${"가".repeat(100_000)}`;
    const blobs = await Promise.all(
      [text, '{"a":[1]}', "\x00\x01"].map((each) =>
        store.blobs.put(new TextEncoder().encode(each))
      ),
    );
    const names = ["notes.md", "a/b.json", "model.onnx"];
    await recordRunArtifacts(
      store,
      id("f"),
      blobs.map(({ hash, size }, place) => ({ path: names[place]!, blob: hash, size })),
    );

    const previews = await Promise.all(
      names.map(async (name) => await readPreview(await getRunFile(store, id("f"), name))),
    );

    deepEqual(previews.map(({ kind }) => kind), ["text", "text", "none"]);
    const [long, json] = previews as [FilePreview & { text: string; isCut: boolean }, never];
    equal(long.isCut, true);
    ok(long.text.startsWith("# 한글 노트\n가") && !long.text.includes("\ufffd"));
    equal((json as { text: string }).text, '{\n  "a": [\n    1\n  ]\n}');
    for (const path of paths) {
      await rejects(() => getRunFile(store, id("f"), path), { code: "run/unknown-file" });
    }
  });
});

async function putFiles(store: Store, kind: string, files: Readonly<Record<string, string>>) {
  const put = await Promise.all(
    Object.entries(files).map(async ([path, text]) => {
      const { hash, size } = await store.blobs.put(new TextEncoder().encode(text));
      return { path, hash, size };
    }),
  );
  return { kind, hash: await artifactHash(kind, put), files: put };
}

function stepRun(runId: string, node: string) {
  return {
    runId,
    node,
    step: node,
    status: "succeeded",
    attempt: 1,
    startedAt: 1,
    endedAt: 2,
    durationMs: 1,
    cacheKey: null,
    reason: "",
    summary: null,
    error: null,
  } as const;
}
