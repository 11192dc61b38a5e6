/** @jsxImportSource hono/jsx */
import type { Context } from "hono";
import { Hono } from "hono";
import {
  answerError,
  changeOf,
  getCaller,
  getPipelineDetail,
  listPipelineFacts,
  pathNames,
  type PipelineDetail,
  readText,
  requestId,
  type ServerContext,
  startPipeline,
} from "../api/mod.ts";
import { PipelinePage, valueName } from "./pages/pipeline.tsx";
import { PipelinesPage } from "./pages/pipelines.tsx";
import { runPath } from "./paths.ts";
import { showPage } from "./render_for.tsx";

/** Bytes of a form: values that somebody typed. */
const MOST_BYTES = 100_000;

/** Pages that run the project's pipelines. */
export function pipelinePageRoutes(context: ServerContext): Hono {
  return new Hono()
    .get("/pipelines", async (c) => {
      return await showPage(c, <PipelinesPage pipelines={await listPipelineFacts(context)} />);
    })
    .get("/pipelines/:name", async (c) => {
      const pipeline = await getPipelineDetail(context, pathNames(c.req.url)[1]!);
      const config = chosenConfig(pipeline, c.req.query("config"));
      return await showPage(c, <PipelinePage pipeline={pipeline} config={config} />);
    })
    // Where the browser is when a form could not be run, and its reader asks for the page again.
    .get("/pipelines/:name/run", (c) => c.redirect(new URL(c.req.url).pathname.slice(0, -4), 303))
    .post("/pipelines/:name/run", async (c) => {
      const sent = new URLSearchParams(await readText(c.req.raw, MOST_BYTES));
      return await startFromForm(c, context, sent);
    });
}

/** Leads to the run; a form that cannot be run comes back as it was sent, with the reason. */
async function startFromForm(
  c: Context,
  context: ServerContext,
  sent: URLSearchParams,
): Promise<Response> {
  const { user } = getCaller(c.req.raw);
  const pipeline = await getPipelineDetail(context, pathNames(c.req.url)[1]!);
  const config = chosenConfig(pipeline, sent.get("config") ?? undefined);
  try {
    const id = await startPipeline(context, pipeline.name, {
      config: config ?? undefined,
      set: changesOf(pipeline, config, sent),
      isFresh: sent.get("fresh") === "on",
      user,
    });
    return c.redirect(runPath(id), 303);
  } catch (problem) {
    const { method, path, raw } = c.req;
    const id = requestId(raw);
    const { status, error } = answerError(problem, { id, method, path, log: context.log });
    c.status(status);
    return await showPage(
      c,
      <PipelinePage pipeline={pipeline} config={config} sent={sent} error={error} />,
    );
  }
}

/** The config that is asked for, else the one that a run takes by itself, else the first. */
function chosenConfig(
  { configs, default_config }: PipelineDetail,
  asked: string | undefined,
): string | null {
  if (asked !== undefined && configs.includes(asked)) return asked;
  return default_config ?? configs[0] ?? null;
}

/** What differs from the file, and what was added to it. */
function changesOf(
  { values }: PipelineDetail,
  config: string | null,
  sent: URLSearchParams,
): readonly string[] {
  const fields = config === null ? [] : values[config] ?? [];
  const changed = fields.flatMap((field) =>
    changeOf(field, sent.get(valueName(field.key)) ?? field.text) ?? []
  );
  const added = (sent.get("set") ?? "").split("\n").map((line) => line.trim())
    .filter((line) => line !== "");
  return [...changed, ...added];
}
