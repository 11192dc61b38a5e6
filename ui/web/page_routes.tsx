/** @jsxImportSource hono/jsx */
import type { Context } from "hono";
import { Hono } from "hono";
import { explainNode } from "../../runtime/executor/explain_node.ts";
import { listExperiments, metricOutline } from "../../runtime/store/mod.ts";
import {
  answerError,
  findCaller,
  findModelDetail,
  getComparedRuns,
  getDatasetFacts,
  getRunDetail,
  getRunFile,
  listModelFacts,
  listOfferedVersions,
  listOperations,
  listRunFacts,
  listVersionsOfRun,
  type ModelDetail,
  MOST_COMPARED,
  pathNames,
  readBody,
  readLineage,
  readOffset,
  readOpenApi,
  readPreview,
  readRunFilter,
  requestId,
  type ServerContext,
  unknownModel,
  type VersionFacts,
  wholeNumber,
} from "../api/mod.ts";
import { ComparePage } from "./pages/compare.tsx";
import { DatasetPage } from "./pages/dataset.tsx";
import { FilePage } from "./pages/file.tsx";
import { HomePage, ResultPart } from "./pages/home.tsx";
import { DocsPage } from "./pages/docs.tsx";
import { LineagePage } from "./pages/lineage.tsx";
import { ModelPage } from "./pages/model.tsx";
import { ModelsPage } from "./pages/models.tsx";
import { RunPage } from "./pages/run.tsx";
import { StepPage } from "./pages/step.tsx";
import { RunsPage } from "./pages/runs.tsx";
import { lineagePath } from "./paths.ts";
import { renderMarkdown } from "./render_markdown.ts";
import type { DriftView } from "./fragments/drift_parts.tsx";
import type { TrafficView } from "./fragments/traffic_parts.tsx";
import { listSamples, liveAccuracy, sampledVersions } from "../../runtime/traffic/mod.ts";
import type { ServerAddress } from "./request_text.ts";
import { readVersionFiles } from "./read_version_files.ts";
import { tryModel } from "./try_it.ts";
import { showPage as show } from "./render_for.tsx";

/** Runs on one page of the list. */
const RUNS_A_PAGE = 50;
/** Runs on the first page of the site, and models. */
const NEWEST_SHOWN = 8;
/** Files on one page of a run. */
const FILES_A_PAGE = 50;
/** Files of a run among which a node's are looked for. */
const FILES_OF_STEP = 200;
/** Models on one page of the list. */
const MODELS_A_PAGE = 50;
/** Versions on one page of a model's list. */
const VERSIONS_A_PAGE = 20;
/** Changes on one page of a model's history: a new champion makes three. */
const CHANGES_A_PAGE = 30;

/** The pages for people. */
export function pageRoutes(context: ServerContext): Hono {
  const { store } = context;
  return new Hono()
    .get("/", (c) => showHome(c, context, undefined))
    .post("/", async (c) => {
      const form = new URLSearchParams(new TextDecoder().decode(await readBody(c.req.raw)));
      return await showHome(c, context, form);
    })
    .get("/runs", async (c) => {
      const filter = readRunFilter(c.req.query());
      const offset = readOffset("offset", c.req.query());
      const page = await listRunFacts(store, { ...filter, limit: RUNS_A_PAGE, offset });
      const pipelines = (await listExperiments(store)).map(({ name }) => name);
      return await show(c, <RunsPage page={page} filter={filter} pipelines={pipelines} />);
    })
    .get("/runs/compare", async (c) => {
      const references = c.req.queries("run") ?? [];
      const compared = await getComparedRuns(store, references, {
        all: c.req.query("all") === "1",
        isInTime: true,
      });
      return await show(c, <ComparePage compared={compared} />);
    })
    .get("/runs/compare/chart.svg", async (c) => {
      const key = c.req.query("key") ?? "";
      const runs = (c.req.queries("run") ?? []).slice(0, MOST_COMPARED);
      return await showCurves(c, context, runs.map((runId) => ({ runId, key })));
    })
    .get("/runs/:id", async (c) => {
      const run = await getRunDetail(store, pathNames(c.req.url)[1]!, {
        limit: FILES_A_PAGE,
        offset: readOffset("files_offset", c.req.query()),
      });
      const versions = await listVersionsOfRun(store, run.run_id);
      return await show(c, <RunPage run={run} versions={versions} />);
    })
    .get("/runs/:id/step", async (c) => {
      const run = pathNames(c.req.url)[1]!;
      const explanation = await explainNode(store, { run, node: c.req.query("node") ?? "" });
      const detail = await getRunDetail(store, explanation.run_id, {
        limit: FILES_OF_STEP,
        offset: 0,
      });
      return await show(c, <StepPage explanation={explanation} run={detail} />);
    })
    .get("/runs/:id/data", async (c) => {
      const run = pathNames(c.req.url)[1]!;
      const facts = await getDatasetFacts(store, run, c.req.query("of") ?? "");
      return await show(c, <DatasetPage facts={facts} />);
    })
    .get("/runs/:id/file", async (c) => {
      const file = await getRunFile(store, pathNames(c.req.url)[1]!, c.req.query("path") ?? "");
      const preview = await readPreview(file);
      const isCard = preview.kind === "text" && file.path.endsWith(".md");
      const card = isCard ? await renderMarkdown(preview.text) : null;
      return await show(c, <FilePage file={file} preview={preview} card={card} />);
    })
    .get("/runs/:id/chart.svg", async (c) => {
      const runId = pathNames(c.req.url)[1]!;
      return await showCurves(c, context, [{ runId, key: c.req.query("key") ?? "" }]);
    })
    .get("/docs", async (c) => {
      const operations = listOperations(await readOpenApi(context.catalog));
      return await show(c, <DocsPage operations={operations} />);
    })
    .get("/lineage", async (c) => {
      const subject = c.req.query("of") ?? "";
      if (subject === "") return c.redirect(await someLineage(context));
      const facts = await readLineage(store, subject);
      return await show(c, <LineagePage {...facts} />);
    })
    .get("/models", async (c) => {
      const offset = readOffset("offset", c.req.query());
      const { count, ...page } = await listModelFacts(store, { limit: MODELS_A_PAGE, offset });
      return await show(c, <ModelsPage page={page} count={count} />);
    })
    .get("/models/:name", async (c) => {
      const name = pathNames(c.req.url)[1]!;
      const query = c.req.query();
      const model = await findModelDetail(store, name, {
        versions: { limit: VERSIONS_A_PAGE, offset: readOffset("offset", query) },
        history: { limit: CHANGES_A_PAGE, offset: readOffset("history_offset", query) },
      });
      if (model === undefined) throw unknownModel(name);
      const traffic = await readTraffic(context, name);
      const drift = await askedDrift(c, context, model);
      const deciding = wholeNumber("decide", query.decide, { least: 1, most: 1e9 });
      const offered = await listOfferedVersions(store, name, [
        ...model.versions.items.map(({ version }) => version),
        ...drift.kept,
        ...(deciding === undefined ? [] : [deciding]),
        ...(traffic.split?.shares.map(({ version }) => version) ?? []),
      ]);
      const files = model.shown === null ? null : await readVersionFiles(context, model.shown, {
        address: addressOf(c),
        explain: explainer(c, context),
      });
      const serving = context.models.status().filter((alias) => alias.name === name);
      return await show(
        c,
        <ModelPage
          model={model}
          offered={offered}
          files={files}
          serving={serving}
          traffic={traffic}
          drift={await readDrift(c, context, { name, offered, ...drift })}
          done={doneSentence(query.done)}
          deciding={deciding}
        />,
      );
    });
}

async function showHome(
  c: Context,
  context: ServerContext,
  form: URLSearchParams | undefined,
): Promise<Response> {
  const { store } = context;
  const tryIt = await tryModel(context, {
    model: c.req.query("model"),
    beside: c.req.query("beside"),
    form,
    address: addressOf(c),
    explain: explainer(c, context),
  });
  if (tryIt.kind === "ready" && tryIt.result !== null) {
    const { result, request } = tryIt;
    if (form !== undefined && !result.ok) c.status(400);
    if (form !== undefined && c.req.header("hx-request") === "true") {
      const beside = tryIt.beside.result;
      return await show(c, <ResultPart result={result} request={request} beside={beside} />);
    }
  } else if (tryIt.kind === "failed") c.status(404);
  const newest = { limit: NEWEST_SHOWN, offset: 0 };
  const [runs, models] = [await listRunFacts(store, newest), await listModelFacts(store, newest)];
  return await show(c, <HomePage tryIt={tryIt} models={models.items} runs={runs.items} />);
}

/** Width of a chart, in pixels. */
const CHART_WIDTH = 480;

/** Curves of one metric as a picture. */
async function showCurves(
  c: Context,
  { store }: ServerContext,
  metrics: readonly { readonly runId: string; readonly key: string }[],
): Promise<Response> {
  const curves = await Promise.all(
    metrics.map((metric) => metricOutline(store, metric, CHART_WIDTH)),
  );
  const { renderCurves } = await import("./charts/metric_chart.ts");
  const svg = await renderCurves(
    curves.map((points) => points.map(({ step, value }) => ({ x: step, y: value }))),
    {
      theme: c.req.query("theme") === "dark" ? "dark" : "light",
      width: CHART_WIDTH,
      height: 220,
      along: metrics.every(({ key }) => key.startsWith("system/")) ? "sample" : "iteration",
    },
  );
  // Drawn with inline style, which the pages' own policy forbids: as a picture it is allowed to.
  return c.body(svg, 200, { "content-type": "image/svg+xml", "cache-control": "no-cache" });
}

/** Of the model that changed last; without one there is nothing to trace yet. */
async function someLineage({ store }: ServerContext): Promise<string> {
  const [model] = (await listModelFacts(store, { limit: 1, offset: 0 })).items;
  if (model === undefined || model.shown === null) return "/models";
  return lineagePath(`${model.name}/${model.shown.version}`);
}

/** Samples that a page shows. */
const SHOWN_SAMPLES = 20;

async function readTraffic({ store, traffic }: ServerContext, name: string): Promise<TrafficView> {
  return {
    split: traffic.splitOf(name),
    accuracy: await liveAccuracy(store, name, { limit: VERSIONS_A_PAGE }),
    samples: await listSamples(store, name, { limit: SHOWN_SAMPLES }),
  };
}

/** Versions with kept requests that a page offers. */
const KEPT_SHOWN = 12;

/** The version that the address names, else the one that is shown, and those that have kept requests. */
async function askedDrift(
  c: Context,
  { store }: ServerContext,
  { name, shown }: ModelDetail,
): Promise<{ readonly version: number | undefined; readonly kept: readonly number[] }> {
  const asked = wholeNumber("drift", c.req.query("drift"), { least: 1, most: 1e9 });
  const kept = (await sampledVersions(store, name)).slice(0, KEPT_SHOWN);
  return { version: asked ?? shown?.version, kept: asked === undefined ? kept : [...kept, asked] };
}

async function readDrift(
  c: Context,
  context: ServerContext,
  { name, version, kept, offered }: {
    readonly name: string;
    readonly version: number | undefined;
    readonly kept: readonly number[];
    readonly offered: readonly VersionFacts[];
  },
): Promise<DriftView | undefined> {
  if (version === undefined) return undefined;
  const others = offered.map(({ version }) => version)
    .filter((each) => each === version || kept.includes(each));
  try {
    return { name, version, others, report: await context.drift.read({ name, version }) };
  } catch (problem) {
    const { error } = explainer(c, context)(problem);
    return { name, version, others, report: { status: "failed", error } };
  }
}

const DONE: Readonly<Record<string, (version: string) => string>> = {
  "approve": (version) => `Version ${version} is approved, and the champion`,
  "reject": (version) => `Version ${version} is rejected`,
  "archive": (version) => `Version ${version} is archived`,
  "set-alias": (version) => `Version ${version} is the candidate`,
  "rollback": (version) => `Version ${version} is the champion again`,
  "split": () => "The requests are shared anew",
};

/** What the address says was done; made here, so that no link can put words into the page. */
function doneSentence(done: string | undefined): string | undefined {
  const [, action, version] = /^([\w-]+):(\d{0,9})$/.exec(done ?? "") ?? [];
  return action !== undefined && Object.hasOwn(DONE, action) ? DONE[action]!(version!) : undefined;
}

function explainer(c: Context, { log }: ServerContext) {
  const { method, path, raw } = c.req;
  return (error: unknown) => answerError(error, { id: requestId(raw), method, path, log });
}

/** The server as this reader's programs find it. */
function addressOf(c: Context): ServerAddress {
  const needsToken = findCaller(c.req.raw)?.isSession !== undefined;
  return { origin: new URL(c.req.url).origin, needsToken };
}
