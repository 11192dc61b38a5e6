import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { registerVersion } from "../registry/mod.ts";
import { collectGarbage, finishRun, recordStepSuccess, type Store } from "../store/mod.ts";
import { beginRun, openTemporaryStore, putArtifact, successOf } from "../store/temporary_store.ts";
import { type LineageGraph, renderLineageMermaid } from "./lineage_graph.ts";
import { trace } from "./trace.ts";

/** data → split → train → model; the second run takes data and split from the cache. */
async function runTwice(store: Store): Promise<{ data: string; models: string[]; runs: string[] }> {
  const data = await putArtifact(store, "digits.csv", "dataset");
  const part = await putArtifact(store, "training part", "dataset");
  const models: string[] = [];
  const runs: string[] = [];
  for (const seed of [1, 2]) {
    const { runId } = await beginRun(store, { startTime: seed, params: { "train.seed": seed } });
    const status = seed === 1 ? "succeeded" : "cached";
    const model = await putArtifact(store, `model ${seed}`, "model");
    await recordStepSuccess(store, successOf(runId, "data", { made: data, status }));
    await recordStepSuccess(store, successOf(runId, "split", { made: part, read: [data], status }));
    await recordStepSuccess(
      store,
      successOf(runId, "train", { made: model, read: [part], cacheKey: `seed ${seed}` }),
    );
    await finishRun(store, runId, { status: "FINISHED", endTime: 9 });
    await registerVersion(store, {
      name: "digits",
      modelArtifact: model.hash,
      runId,
      metrics: {},
      promote: "auto",
      idempotencyKey: `seed ${seed}`,
      user: "kim",
      at: seed,
    });
    models.push(model.hash);
    runs.push(runId);
  }
  return { data: data.hash, models, runs };
}

/** A graph as short names: `data@1` is the step run of node data in the first run. */
function picture(graph: LineageGraph, runs: readonly string[]): string[] {
  const names = new Map(graph.nodes.map((node) => {
    if (node.type === "version") return [node.id, `${node.name}/${node.version}`];
    if (node.type === "artifact") return [node.id, `${node.kind} ${node.hash.slice(0, 4)}`];
    return [node.id, `${node.stepRun.node}@${runs.indexOf(node.stepRun.runId) + 1}`];
  }));
  return graph.arrows.map(({ from, to }) => `${names.get(from)} → ${names.get(to)}`).sort();
}

Deno.test("trace() leads from a version back to the bytes of the data, code and config", async () => {
  await using store = await openTemporaryStore();
  const { data, models, runs } = await runTwice(store);

  const graph = await trace(store, "digits/2", "ancestors");

  equal(graph.root, "version:digits/2");
  const part = (await putArtifact(store, "training part", "dataset")).hash;
  const [d, p, m] = [data, part, models[1]!].map((hash) => hash.slice(0, 4));
  deepEqual(
    picture(graph, runs),
    [
      `data@2 → dataset ${d}`,
      `dataset ${d} → split@2`,
      `dataset ${p} → train@2`,
      `model ${m} → digits/2`,
      `split@2 → dataset ${p}`,
      `train@2 → model ${m}`,
    ].sort(),
  );
  const steps = graph.nodes.filter((node) => node.type === "step-run");
  deepEqual(
    steps.map(({ stepRun, parts }) => [stepRun.node, stepRun.status, Object.keys(parts ?? {})]),
    ["train", "split", "data"].map((node) => [
      node,
      node === "train" ? "succeeded" : "cached",
      ["step", "code", "params"],
    ]),
  );
  const source = graph.nodes.find((node) => node.type === "artifact" && node.hash === data);
  ok(source?.type === "artifact" && source.files[0]?.size === "digits.csv".length);
  deepEqual(graph.runs.map(({ runId, params }) => [runId, params]), [
    [runs[1], { "train.seed": "2" }],
  ]);
});

Deno.test("trace() leads from data forward to every model, cached step runs folded", async () => {
  await using store = await openTemporaryStore();
  const { data, runs } = await runTwice(store);

  const graph = await trace(store, data.slice(0, 12), "descendants");

  equal(graph.root, `artifact:${data}`);
  const names = picture(graph, runs).join("\n");
  for (const expected of ["split@1", "train@1", "train@2", "digits/1", "digits/2"]) {
    ok(names.includes(`→ ${expected}`), expected);
  }
  ok(!names.includes("split@2"), "the cached one is folded into the one that did the work");
  ok(!names.includes("data@"), "no ancestors");
});

Deno.test("trace() both ways from the middle holds ancestors and descendants", async () => {
  await using store = await openTemporaryStore();
  const { runs } = await runTwice(store);
  const part = (await putArtifact(store, "training part", "dataset")).hash;

  const both = picture(await trace(store, part, "both"), runs);

  const back = picture(await trace(store, part, "ancestors"), runs);
  const forth = picture(await trace(store, part, "descendants"), runs);
  deepEqual(both, [...new Set([...back, ...forth])].sort());
});

Deno.test("trace() still knows code and data when the bytes were collected", async () => {
  await using store = await openTemporaryStore();
  const { runs } = await runTwice(store);
  const before = await trace(store, "digits@champion", "ancestors");

  const freed = await collectGarbage(store, { keepRuns: 0, dryRun: false, graceMs: -1000 });

  equal(freed.blobs, 2); // the data; the models stay
  const after = await trace(store, "digits@champion", "ancestors");
  deepEqual(picture(after, runs), picture(before, runs));
  deepEqual(after.nodes, before.nodes);
});

Deno.test("trace() of an artifact that nobody made or read is that artifact alone", async () => {
  await using store = await openTemporaryStore();
  const made = await putArtifact(store, "alone", "model");
  const { runId } = await beginRun(store);
  const { edges: _, ...success } = successOf(runId, "x", { made });
  await recordStepSuccess(store, { ...success, edges: [] });

  const graph = await trace(store, made.hash, "both");

  deepEqual(graph.nodes.map(({ id }) => id), [`artifact:${made.hash}`]);
  deepEqual([graph.arrows, graph.runs], [[], []]);
});

Deno.test("trace() starts at a data file, by its name or its hash", async () => {
  await using store = await openTemporaryStore();
  const { data } = await runTwice(store);
  await store.client.execute({
    sql: `UPDATE cache_entries SET parts = ? WHERE outputs LIKE '%' || ? || '%'`,
    args: [JSON.stringify({ reads: { "file digits.csv": "8f3a2b1c".repeat(8) } }), data],
  });

  for (const subject of ["digits.csv", "8f3a2b", "8f3a2b1c".repeat(8)]) {
    const graph = await trace(store, subject, "descendants");
    equal(graph.root, `artifact:${data}`);
    equal(graph.nodes.filter(({ type }) => type === "version").length, 2);
  }
});

Deno.test("trace() says what it cannot find", async () => {
  await using store = await openTemporaryStore();
  await runTwice(store);

  await rejects(() => trace(store, "abcdef99", "both"), { code: "lineage/unknown" });
  await rejects(() => trace(store, "digit", "both"), {
    code: "lineage/unknown",
    message: /did you mean "digits"/,
  });
  await rejects(() => trace(store, "digits@none", "both"), { code: "registry/unknown-alias" });
});

Deno.test("renderLineageMermaid() draws names that Mermaid would trip over", async (test) => {
  await using store = await openTemporaryStore();
  const made = await putArtifact(store, "m", "model");
  const { runId } = await beginRun(store);
  await recordStepSuccess(store, successOf(runId, "train", { made, step: 'my "step" #1' }));
  await registerVersion(store, {
    name: 'a"b<c>; 한글',
    modelArtifact: made.hash,
    runId,
    metrics: {},
    promote: "auto",
    idempotencyKey: "k",
    user: "kim",
    at: 1,
  });

  const text = renderLineageMermaid(await trace(store, made.hash, "both"));

  equal(
    text,
    [
      "flowchart LR",
      `  n0(["model ${made.hash.slice(0, 8)}"])`,
      '  n1["train (my #34;step#34; #35;1)"]',
      '  n2{{"a#34;b#60;c#62;#59; 한글/1 @candidate @champion"}}',
      '  n1 -->|"out"| n0',
      '  n0 -->|"model"| n2',
      "  style n0 stroke-width:3px",
      "",
    ].join("\n"),
  );
  await test.step("and is plain JSON as a graph", async () => {
    const graph = await trace(store, made.hash, "both");
    deepEqual(JSON.parse(JSON.stringify(graph)), graph);
  });
});
