/** @jsxImportSource hono/jsx */
import { deepEqual, equal, ok } from "node:assert/strict";
import type { ComparedReport, FeatureDrift } from "../../../runtime/drift/mod.ts";
import type { DatasetFacts, ModelDetail, PipelineDetail, RunDetail } from "../../api/mod.ts";
import type { Html } from "../html.ts";
import { ReaderContext } from "../reader.ts";
import { ComparePage } from "./compare.tsx";
import { DatasetPage } from "./dataset.tsx";
import { FilePage } from "./file.tsx";
import { HomePage } from "./home.tsx";
import { flatParams, LineagePage } from "./lineage.tsx";
import { DocsPage } from "./docs.tsx";
import { LoginPage } from "./login.tsx";
import { ErrorPage } from "./message.tsx";
import { ModelPage } from "./model.tsx";
import { ModelsPage } from "./models.tsx";
import { PipelinePage } from "./pipeline.tsx";
import { PipelinesPage } from "./pipelines.tsx";
import { RunPage } from "./run.tsx";
import type { NodeExplanation } from "../../../runtime/executor/explain_node.ts";
import { StepPage } from "./step.tsx";
import { RunsPage } from "./runs.tsx";

/** A name that would do harm if a page did not escape it. */
const EVIL = `<script>alert("1")</script>"' & 손글씨`;

const run: RunDetail = {
  run_id: "0".repeat(32),
  run_name: EVIL,
  pipeline: EVIL,
  status: "failed",
  started_at: "2026-10-14T10:00:00.000Z",
  duration_ms: 1234,
  user: EVIL,
  note: EVIL,
  own_tags: { [EVIL]: EVIL },
  metrics: { [EVIL]: 0.5, broken: "NaN" },
  steps: [{
    node: EVIL,
    step: EVIL,
    status: "failed",
    duration_ms: 12,
    attempt: 2,
    reason: EVIL,
    summary: EVIL,
    cache_key: null,
    error: { what: EVIL, why: EVIL, fix: EVIL, code: "step/failed" },
  }],
  graph: { nodes: [{ id: EVIL, step: EVIL, after: [] }, { id: "b", step: EVIL, after: [EVIL] }] },
  params: { [EVIL]: EVIL },
  tags: { [EVIL]: EVIL },
  node_metrics: { [`train/${EVIL}`]: 0.25 },
  curves: [`train/${EVIL}`],
  datasets: [{ name: EVIL, digest: "abc" }],
  made_datasets: [{ address: EVIL, artifact: "a".repeat(64) }],
  files: { items: [{ path: EVIL, size: 1400 }], offset: 100, limit: 100, has_more: true },
  file_count: 300,
  logs: [{ at: "2026-10-14T10:00:00.000Z", node: EVIL, level: "error", message: EVIL }],
  parent_run_id: null,
  stop: { by: EVIL, why: EVIL, asked_at: "2026-10-14T10:00:00.000Z" },
};

const pipeline: PipelineDetail = {
  name: EVIL,
  path: EVIL,
  configs: [EVIL, "b"],
  default_config: EVIL,
  last_run: run,
  values: { [EVIL]: [{ key: EVIL, kind: "text", text: EVIL, hint: EVIL }] },
};

const version = {
  model: EVIL,
  version: 2,
  state: "approved",
  aliases: ["champion", EVIL],
  created_at: "2026-10-14T10:00:00.000Z",
  user: EVIL,
  run_id: "0".repeat(32),
  description: EVIL,
  metrics: { accuracy: 0.98 },
} as const;

const feature: FeatureDrift = {
  feature: EVIL,
  method: "wasserstein",
  score: 0.4,
  pValue: null,
  threshold: 0.1,
  detected: true,
  referenceValues: 2000,
  currentValues: 40,
  bins: [
    { value: EVIL, range: null, reference: 0.25, current: 1 },
    { value: null, range: [0, 0.5], reference: 0.75, current: 0 },
  ],
};

const drift: ComparedReport = {
  status: "compared",
  reference: {
    dataset: { runId: "0".repeat(32), address: EVIL, artifact: "a".repeat(64), rows: 9000 },
    rows: 5000,
    prediction: "labels",
  },
  current: { requests: 40, rows: 40, from: 1000, to: 2000 },
  features: Array.from({ length: 12 }, () => feature),
  unjudged: [EVIL],
  prediction: { ...feature, method: "chisquare", pValue: 0.5, threshold: 0.05, detected: false },
  share: 1,
  detected: true,
};

const file = { run_id: "0".repeat(32), run_name: EVIL, path: EVIL, size: 12, blob: EVIL };

const explanation: NodeExplanation = {
  run_id: "0".repeat(32),
  run_name: EVIL,
  pipeline: EVIL,
  node: EVIL,
  step: EVIL,
  status: "succeeded",
  reason: EVIL,
  cache_key: "a".repeat(64),
  parts: {
    step: EVIL,
    code: { [EVIL]: "b".repeat(64) },
    params: { [EVIL]: { deep: EVIL } },
    inputs: { [EVIL]: "c".repeat(64) },
    reads: { [EVIL]: EVIL },
    environment: { [EVIL]: EVIL },
  },
  compared_with: "1".repeat(32),
  differences: [{ part: "params", name: EVIL, before: EVIL, after: null }],
};

const spread = {
  mean: 2.5,
  std: 1,
  min: 1,
  max: 4,
  median: 2,
  quantiles: [],
  zeros: 0,
  histogram: { edges: [1, 2.5, 4], counts: [3, 0] },
  sampledEvery: 1,
};

const data: DatasetFacts = {
  run_id: "0".repeat(32),
  run_name: EVIL,
  pipeline: EVIL,
  address: EVIL,
  artifact: "a".repeat(64),
  row_count: 30,
  columns: [
    { name: EVIL, type: "string", nullable: true },
    { name: "size", type: "number", nullable: false },
    { name: "text", type: "string", nullable: false },
  ],
  attribution: { title: EVIL, license: EVIL, url: "https://example.org" },
  notes: {},
  sample: [{ [EVIL]: EVIL, size: null }],
  statistics: {
    duplicates: 2,
    label: EVIL,
    anomalies: [{ type: EVIL, column: null, severity: "warning", reason: EVIL, count: 1 }],
    columns: [
      {
        name: EVIL,
        type: "string",
        count: 20,
        missing: 10,
        unique: 2,
        uniqueIsExact: true,
        top: [{ value: EVIL, count: 15 }, { value: "b", count: 5 }],
      },
      {
        name: "size",
        type: "number",
        count: 30,
        missing: 0,
        unique: 9,
        uniqueIsExact: false,
        top: [],
        numbers: spread,
      },
      {
        name: "text",
        type: "string",
        count: 30,
        missing: 0,
        unique: 30,
        uniqueIsExact: true,
        top: [],
        texts: { empty: 1, lengths: spread },
      },
    ],
  },
};

const model: ModelDetail = {
  name: EVIL,
  description: EVIL,
  aliases: { champion: 2 },
  version_count: 1,
  latest_version: 2,
  updated_at: "2026-10-14T10:00:00.000Z",
  shown: version,
  versions: { items: [version], offset: 20, limit: 1, has_more: true },
  change_count: 3,
  can_roll_back: true,
  history: {
    offset: 1,
    limit: 1,
    has_more: true,
    items: [{
      at: "2026-10-14T10:00:00.000Z",
      user: EVIL,
      why: EVIL,
      alias: EVIL,
      version: null,
      from: 1,
      to: 2,
    }],
  },
};

const error = {
  what: EVIL,
  why: EVIL,
  fix: EVIL,
  code: "serving/bad-input",
  problems: [EVIL, EVIL],
};

const pages: Readonly<Record<string, () => Html>> = {
  "HomePage() with a model": () => (
    <HomePage
      models={[model]}
      runs={[run]}
      tryIt={{
        kind: "ready",
        target: EVIL,
        name: EVIL,
        version: 2,
        alias: "champion",
        description: EVIL,
        signature: {
          task: "classification",
          inputs: [
            { name: EVIL, type: "number", nullable: true },
            { name: "plan", type: "string", nullable: false, categories: [EVIL] },
          ],
          labels: [EVIL],
          tensors: { inputs: [], outputs: [] },
        },
        row: { [EVIL]: EVIL },
        examples: [],
        result: {
          ok: true,
          view: {
            answer: { label: EVIL, confidence: 1, probabilities: { [EVIL]: 1 } },
            model: EVIL,
            version: 2,
          },
        },
        beside: {
          versions: [2, 1],
          version: 1,
          result: { ok: false, error },
        },
        request: EVIL,
        problem: EVIL,
      }}
    />
  ),
  "HomePage() with a problem": () => (
    <HomePage models={[]} runs={[]} tryIt={{ kind: "failed", error }} />
  ),
  "HomePage() of an empty store": () => <HomePage models={[]} runs={[]} tryIt={{ kind: "none" }} />,
  "RunsPage()": () => (
    <RunsPage
      page={{ items: [run], offset: 50, limit: 50, has_more: true }}
      filter={{ pipeline: EVIL, status: EVIL, tag: EVIL, sort: EVIL }}
      pipelines={[EVIL]}
    />
  ),
  "ComparePage()": () => (
    <ComparePage
      compared={{
        runs: [run, run],
        params: [{ name: EVIL, values: [EVIL, null] }],
        metrics: [{ name: EVIL, values: [0.5, "NaN"] }],
        curves: [EVIL],
        all: false,
      }}
    />
  ),
  "PipelinesPage()": () => (
    <PipelinesPage
      pipelines={[pipeline, { ...pipeline, last_run: null }]}
    />
  ),
  "PipelinesPage() of a folder without": () => <PipelinesPage pipelines={[]} />,
  "PipelinePage()": () => (
    <PipelinePage
      pipeline={pipeline}
      config={EVIL}
      sent={new URLSearchParams({ [`v.${EVIL}`]: EVIL, set: EVIL })}
      error={error}
    />
  ),
  "PipelinePage() without a config": () => (
    <PipelinePage pipeline={{ ...pipeline, configs: [], default_config: null }} config={null} />
  ),
  "RunPage() of one that is to stop": () => (
    <RunPage run={{ ...run, status: "running" }} versions={[]} />
  ),
  "RunPage() of one that can be stopped": () => (
    <RunPage
      run={{ ...run, status: "running", stop: null, tags: { "hanok.config": EVIL } }}
      versions={[]}
    />
  ),
  "RunPage() of one whose process died": () => (
    <RunPage
      run={{ ...run, status: "cancelled", stop: null, tags: { "hanok.killed": EVIL } }}
      versions={[]}
    />
  ),
  "RunPage()": () => <RunPage run={run} versions={[version]} />,
  "DocsPage()": () => (
    <DocsPage
      operations={[{
        method: "get",
        path: EVIL,
        summary: EVIL,
        description: EVIL,
        queries: [{ name: EVIL, description: EVIL }],
        fields: [EVIL],
      }]}
    />
  ),
  "LoginPage()": () => <LoginPage next={EVIL} isWrong />,
  "StepPage()": () => <StepPage explanation={explanation} run={run} />,
  "StepPage() of a node without a key": () => (
    <StepPage
      explanation={{ ...explanation, parts: null, differences: [], compared_with: null }}
      run={run}
    />
  ),
  "DatasetPage()": () => <DatasetPage facts={data} />,
  "DatasetPage() without statistics": () => (
    <DatasetPage facts={{ ...data, statistics: null, sample: [] }} />
  ),
  "FilePage()": () => (
    <FilePage file={file} preview={{ kind: "text", text: EVIL, isCut: true }} card={null} />
  ),
  "FilePage() of a picture": () => (
    <FilePage file={file} preview={{ kind: "picture" }} card={null} />
  ),
  "FilePage() of bytes": () => <FilePage file={file} preview={{ kind: "none" }} card={null} />,
  "ModelsPage()": () => (
    <ModelsPage page={{ items: [model], offset: 50, limit: 50, has_more: true }} count={101} />
  ),
  "ModelsPage() past the last": () => (
    <ModelsPage page={{ items: [], offset: 50, limit: 50, has_more: false }} count={1} />
  ),
  "ModelsPage() of an empty store": () => (
    <ModelsPage page={{ items: [], offset: 0, limit: 50, has_more: false }} count={0} />
  ),
  "ModelPage()": () => (
    <ModelPage
      offered={[version]}
      model={model}
      files={{ kind: "failed", error }}
      serving={[{ name: EVIL, alias: EVIL, wanted: 2, serving: 1, problem: EVIL }]}
      drift={{ name: EVIL, version: 2, others: [2, 1], report: drift }}
    />
  ),
  "ModelPage() of a version that came from elsewhere": () => (
    <ModelPage
      offered={[version]}
      model={model}
      files={null}
      serving={[]}
      drift={{
        ...{ name: EVIL, version: 2, others: [2] },
        report: { status: "no-reference", why: EVIL, fix: EVIL, reference: null, current: null },
      }}
    />
  ),
  "LineagePage()": () => (
    <LineagePage
      subject={EVIL}
      steps={[{
        run_id: "0".repeat(32),
        run_name: EVIL,
        node: EVIL,
        step: EVIL,
        summary: EVIL,
        consumed: [{ hash: "abc", kind: EVIL, slot: EVIL }],
        produced: [],
        reads: { [EVIL]: "abc" },
        modules: 3,
        params: { [EVIL]: EVIL },
      }]}
    />
  ),
  "ErrorPage()": () => <ErrorPage status={404} error={error} />,
};

for (const [name, page] of Object.entries(pages)) {
  Deno.test(`${name} escapes every name`, async () => {
    const html = String(await page());

    equal(html.includes('<script>alert("1")'), false);
    equal(/="[^"]*<script>/.test(html), false);
  });

  Deno.test(`${name} has no inline script or style, which its own policy forbids`, async () => {
    const html = String(await page());

    equal(/\sstyle=|\son[a-z]+=|javascript:|<style/i.test(html), false);
    equal(/<script(?![^>]*\ssrc=)/i.test(html), false);
  });

  Deno.test(`${name} has one first heading, a title and a main part`, async () => {
    // Parts of a picture have titles, too.
    const html = String(await page()).replace(/<svg.*?<\/svg>/gs, "");

    equal(html.match(/<h1/g)?.length, 1);
    equal(html.match(/<title>/g)?.length, 1);
    equal(html.match(/<main/g)?.length, 1);
  });
}

Deno.test("HomePage() of an empty store says what to do next", async () => {
  const html = String(await pages["HomePage() of an empty store"]!());

  ok(html.includes("deno task pipeline run"));
});

Deno.test("ModelPage() tells how far requests are from the training data", async () => {
  const html = String(await pages["ModelPage()"]!());

  ok(html.includes("Version 2 is asked about other data than it was trained on"));
  ok(html.includes("12 of 12 features drifted (100.0 %; 50.0 % and more are called drift"));
  ok(html.includes("4 more features"));
  ok(html.includes("0 to 0.5: trained on 75.0 %, asked about 0.0 %"));
});

Deno.test("RunsPage() links to newer and older runs of the same pipeline", async () => {
  const page = { items: [run], offset: 50, limit: 50, has_more: true };

  const html = String(
    await <RunsPage page={page} filter={{ pipeline: "digits" }} pipelines={["digits"]} />,
  );

  ok(html.includes('<a rel="prev" href="/runs?pipeline=digits">'));
  ok(html.includes('<a rel="next" href="/runs?pipeline=digits&amp;offset=100">'));
});

Deno.test("ComparePage() says by how much the second of two runs is better", async () => {
  const compared = {
    runs: [run, run],
    params: [],
    metrics: [
      { name: "accuracy", values: [0.5, 0.75] },
      { name: "loss", values: [2, 0.5] },
      { name: "odd", values: [1, null] },
    ],
    curves: [],
    all: false,
  };

  const html = String(await <ComparePage compared={compared} />);

  ok(html.includes(">+0.25</td>") && html.includes(">−1.5</td>"), html);
  ok(html.includes("do not differ"));
});

Deno.test("RunPage() listens for what is new while the run goes on, and no longer", async () => {
  const running: RunDetail = { ...run, run_name: "a", status: "running", duration_ms: null };

  const live = String(await <RunPage run={running} versions={[]} />);
  const ended = String(await <RunPage run={run} versions={[]} />);

  ok(live.includes(`data-live="/runs/${"0".repeat(32)}/events"`));
  equal(ended.includes("data-live"), false);
});

Deno.test("RunPage() says the state in words, never in colour alone", async () => {
  const html = String(await <RunPage run={run} versions={[]} />);

  ok(/<span class="sign" aria-hidden="true">✗<\/span> failed/.test(html));
});

Deno.test("flatParams() tells nested params by path, and leaves out what is empty", () => {
  deepEqual(
    flatParams({ path: "a.csv", missing: [], label: null, net: { hidden: [64, 32], drop: 0.1 } }),
    [["path", "a.csv"], ["net.hidden", "64, 32"], ["net.drop", 0.1]],
  );
});

Deno.test("ModelPage() and ModelsPage() lead to the newer and the older part of a long list", async () => {
  const items = Array.from({ length: 30 }, (_, i) => ({ ...version, version: 70 - i }));
  const versions = { items, offset: 30, limit: 30, has_more: true };
  const history = { ...model.history, offset: 0, has_more: false };
  const long = { ...model, name: "m", version_count: 100, versions, history };

  const one = String(await <ModelPage model={long} offered={items} files={null} serving={[]} />);
  const page = { items: [model], offset: 50, limit: 50, has_more: false };
  const all = String(await <ModelsPage page={page} count={51} />);

  ok(one.includes('<a rel="prev" href="/models/m#versions">'));
  ok(one.includes('<a rel="next" href="/models/m?offset=60#versions">'));
  ok(one.includes("31 to 60 of 100"));
  ok(all.includes('<a rel="prev" href="/models">') && !all.includes('rel="next"'));
});

Deno.test("RunPage() shows that a gate said no, which is no success", async () => {
  const gate = {
    ...run.steps[0]!,
    node: "gate",
    step: "gate",
    status: "succeeded",
    summary: "failed · accuracy is 0.5, must be >= 0.9",
    error: null,
  } as const;

  const html = String(await <RunPage run={{ ...run, steps: [gate] }} versions={[]} />);

  ok(/<span class="sign" aria-hidden="true">⊘<\/span> said no/.test(html));
});

Deno.test("RunPage() tells of a running step what it measured last", async () => {
  const train = {
    ...run.steps[0]!,
    node: "train",
    status: "running",
    summary: null,
    error: null,
  } as const;
  const going: RunDetail = {
    ...run,
    status: "running",
    steps: [train],
    node_metrics: { "train/loss": 0.25, "train/validation_accuracy": 0.5, "system/cpu": 3 },
  };

  const html = String(await <RunPage run={going} versions={[]} />);

  ok(html.includes("loss 0.25 · validation_accuracy 0.5</td>"), html);
});

Deno.test("DocsPage() tells the inputs of some models, and how many more there are", async () => {
  const operation = { method: "post", summary: "", description: "", queries: [] };
  const models = Array.from({ length: 23 }, (_, i) => ({
    ...operation,
    path: `/models/m${i}/predict`,
    fields: ["size"],
  }));
  const operations = [...models, { ...operation, path: "/metrics", fields: [] }];

  const html = String(await <DocsPage operations={operations} />);

  ok(html.includes("/models/m19/predict") && !html.includes("/models/m20/predict"));
  ok(html.includes("3 more models") && html.includes("<code>/metrics</code>"));
});

Deno.test("RunPage() draws some curves of a run with many, and links to the others", async () => {
  const curves = Array.from({ length: 100 }, (_, i) => `train/loss_${i}`);

  const html = String(await <RunPage run={{ ...run, curves }} versions={[]} />);

  equal(html.match(/<img[^>]* loading="lazy"/g)?.length, 24);
  ok(html.includes("76 more curves"));
  ok(html.includes('chart.svg?key=train%2Floss_99&amp;theme=light">train/loss_99</a>'));
});

Deno.test("ComparePage() tells a change with as many decimals as the values", async () => {
  const compared = {
    runs: [run, run],
    params: [],
    metrics: [
      { name: "close", values: [0.98327, 0.98318] },
      { name: "same", values: [0.983271, 0.983272] },
      { name: "tiny", values: [2e-7, 3e-7] },
    ],
    curves: [],
    all: false,
  };

  const html = String(await <ComparePage compared={compared} />);

  ok(
    html.includes(">−0.0001</td>") && html.includes(">±0</td>") && html.includes(">+1.00e-7</td>"),
  );
});

Deno.test("ComparePage() of different pipelines leaves out what only one of them has", async () => {
  const params = [
    { name: "seed", values: ["1", "2"] },
    { name: "only.here", values: ["3", null] },
    { name: "only.there", values: [null, "4"] },
  ];
  const compared = { params, metrics: [], curves: [], all: false };
  const runs = [{ ...run, pipeline: "a" }, { ...run, pipeline: "b" }];

  const mixed = String(await <ComparePage compared={{ ...compared, runs }} />);
  const alike = String(await <ComparePage compared={{ ...compared, runs: [run, run] }} />);
  const all = String(await <ComparePage compared={{ ...compared, runs, all: true }} />);

  ok(mixed.includes("seed") && mixed.includes("2 params that only one of the runs has"));
  equal(mixed.includes("here"), false);
  for (const html of [alike, all]) ok(html.includes("here") && !html.includes("left out"));
});

Deno.test("RunPage() folds many params, and many artifacts by the node that made them", async () => {
  const params = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`p${i}`, "1"]));
  const paths = [
    "notes.txt",
    "train/loss.png",
    ...Array.from({ length: 11 }, (_, i) => `train/model/${i}.bin`),
  ];
  const files = {
    items: paths.map((path) => ({ path, size: 1000 })),
    offset: 0,
    limit: 50,
    has_more: false,
  };

  const html = String(
    await <RunPage run={{ ...run, params, files, file_count: 13 }} versions={[]} />,
  );

  ok(html.includes("<summary>14 more</summary>"));
  ok(/<summary>train <span class="quiet-text">12 files, 12 kB<\/span><\/summary>/.test(html), html);
  ok(html.includes(">notes.txt</a>") && html.includes(">train/model/3.bin</a>"));
});

Deno.test("ErrorPage() leads to the list that the address lies in", async () => {
  const page = async (section?: "runs" | "models") =>
    String(await <ErrorPage status={404} error={error} section={section} />);

  ok((await page("runs")).includes('<a href="/runs">To the runs</a>'));
  ok((await page()).includes('<a href="/">To the first page</a>'));
});

Deno.test("ModelPage() says what waits for a decision, and leads to it", async () => {
  const candidate = {
    ...version,
    version: 3,
    state: "registered",
    aliases: ["candidate"],
  } as const;
  const page = async (aliases: ModelDetail["aliases"], newest: typeof candidate | typeof version) =>
    String(
      await (
        <ModelPage
          model={{ ...model, name: "a b", aliases, shown: newest }}
          offered={[newest]}
          files={null}
          serving={[]}
        />
      ),
    );

  const waiting = await page({ champion: 2, candidate: 3 }, candidate);
  const alone = await page({ candidate: 3 }, candidate);
  const decided = await page({ champion: 2, candidate: 2 }, version);

  ok(waiting.includes("Version 3 waits for a decision"));
  ok(waiting.includes('href="/?model=a%20b&amp;beside=a%20b%2F3"'), waiting);
  ok(waiting.includes('href="/models/a%20b?decide=3#decide"'));
  ok(alone.includes("nothing answers for a b"));
  ok(alone.includes("deno task pipeline models approve &#39;a b/3&#39;"));
  ok(!decided.includes("waits for a decision") && !decided.includes("No champion yet"));
});

Deno.test("ModelPage() opens the form for a version that somebody came to decide about", async () => {
  const page = async (deciding?: number) =>
    String(
      await (
        <ModelPage
          model={model}
          offered={[{ ...version, version: 7 }, version]}
          files={null}
          serving={[]}
          deciding={deciding}
        />
      ),
    );

  ok(/<details class="decisions" id="decide" open/.test(await page(7)));
  ok(/<option value="7" selected/.test(await page(7)));
  equal(/id="decide" open/.test(await page()), false);
});

Deno.test("ModelPage() offers decisions to admins, and tells the others who decides", async () => {
  const page = async (role: "viewer" | "admin") => {
    const offered = [version, { ...version, version: 1 }];
    const traffic = { split: undefined, accuracy: [], samples: [] };
    return String(
      await (
        <ReaderContext.Provider value={{ name: "mina", role }}>
          <ModelPage
            model={model}
            offered={offered}
            files={null}
            serving={[]}
            traffic={traffic}
          />
        </ReaderContext.Provider>
      ),
    );
  };

  const [viewer, admin] = [await page("viewer"), await page("admin")];

  ok(admin.includes(">Decide</button>") && admin.includes(">Share</button>"));
  equal(/>(?:Decide|Share|Roll back)<\/button>/.test(viewer), false);
  ok(viewer.includes("token of an admin"));
});

Deno.test("ModelPage() without a champion does not say that it answers", async () => {
  const traffic = { split: undefined, accuracy: [], samples: [] };
  const page = async (aliases: ModelDetail["aliases"]) =>
    String(
      await (
        <ModelPage
          model={{ ...model, aliases }}
          offered={[version]}
          files={null}
          serving={[]}
          traffic={traffic}
        />
      ),
    );

  ok((await page({})).includes("No request is answered: there is no champion."));
  ok((await page({ champion: 2 })).includes("The champion answers all requests."));
});

Deno.test("StepPage() shows what its node came to, and nothing of the others", async () => {
  const step = { ...run.steps[0]!, node: "train", status: "succeeded", error: null } as const;
  const at = "2026-10-14T10:00:00.000Z";
  const paths = ["train/model.onnx", "trainer/x.txt", "notes.txt"];
  const detail: RunDetail = {
    ...run,
    steps: [{ ...step, summary: "loss 0.1" }, { ...step, node: "split", summary: "elsewhere" }],
    curves: ["train/loss", "split/other"],
    made_datasets: [{ address: "train.rows", artifact: "a" }, {
      address: "split.x",
      artifact: "b",
    }],
    files: {
      items: paths.map((path) => ({ path, size: 1 })),
      offset: 0,
      limit: 50,
      has_more: false,
    },
    file_count: 3,
    logs: [
      { at, node: "train", level: "info", message: "from here" },
      { at, node: null, level: "info", message: "from the run" },
    ],
  };

  const html = String(
    await <StepPage explanation={{ ...explanation, node: "train" }} run={detail} />,
  );

  for (
    const own of ["loss 0.1", "key=train%2Floss", "train.rows", "train/model.onnx", "from here"]
  ) {
    ok(html.includes(own), own);
  }
  for (const foreign of ["elsewhere", "split", "trainer", "notes.txt", "from the run"]) {
    equal(html.includes(foreign), false, foreign);
  }
});

Deno.test("StepPage() of a gate that said no does not call it a success", async () => {
  const summary = "failed · accuracy is 0.5, must be >= 0.9";
  const gate = { ...run.steps[0]!, node: "gate", step: "gate", status: "cached", summary } as const;

  const html = String(
    await (
      <StepPage
        explanation={{ ...explanation, node: "gate", status: "cached" }}
        run={{ ...run, steps: [{ ...gate, error: null }] }}
      />
    ),
  );

  ok(/<span class="sign" aria-hidden="true">⊘<\/span> said no/.test(html), html);
});

for (
  const [status, title] of [
    [400, "Not possible"],
    [403, "Not allowed"],
    [404, "Not found"],
    [429, "Too fast"],
    [500, "Something went wrong"],
    [503, "Busy just now"],
  ] as const
) {
  Deno.test(`ErrorPage() of ${status} says "${title}"`, async () => {
    const html = String(await <ErrorPage status={status} error={error} />);

    ok(html.includes(`<h1>${title}</h1>`));
  });
}
