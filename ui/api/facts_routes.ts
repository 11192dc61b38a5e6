import { Hono } from "hono";
import { explainNode } from "../../runtime/executor/explain_node.ts";
import { getRun, metricHistory } from "../../runtime/store/mod.ts";
import { getDatasetFacts } from "./dataset_facts.ts";
import { RequestError } from "./error_answer.ts";
import { readLineage } from "./lineage_facts.ts";
import { findModelDetail, listModelFacts } from "./model_facts.ts";
import { pathNames } from "./path_names.ts";
import { getComparedRuns } from "./compared_runs.ts";
import { getRunDetail, listRunFacts, type PageQuery } from "./run_facts.ts";
import { fileAnswer, getRunFile } from "./run_file.ts";
import { readRunFilter } from "./run_filter.ts";
import type { ServerContext } from "./server_context.ts";

/** Most items that one answer lists. */
const LARGEST_PAGE = 500;

/** What the pages show, as JSON: `GET /api/runs`, `/api/runs/:id`, `/api/models`, `/api/models/:name`. */
export function factsRoutes({ store, models }: ServerContext): Hono {
  return new Hono()
    .get("/api/runs", async (c) => {
      const page = await listRunFacts(store, {
        ...readRunFilter(c.req.query()),
        ...readPage(c.req.query()),
      });
      const { items, ...rest } = page;
      return c.json({ runs: items, ...rest });
    })
    .get("/api/runs/compare", async (c) => {
      const references = c.req.queries("run") ?? [];
      return c.json(await getComparedRuns(store, references, { all: c.req.query("all") === "1" }));
    })
    .get("/api/runs/:id", async (c) => {
      const query = c.req.query();
      const { files, ...run } = await getRunDetail(store, pathNames(c.req.url)[2]!, {
        limit: LARGEST_PAGE,
        offset: readOffset("files_offset", query),
      });
      const { items, offset, has_more } = files;
      return c.json({ ...run, files: items, files_offset: offset, files_has_more: has_more });
    })
    .get("/api/runs/:id/metrics", async (c) => {
      const { runId: run_id } = await getRun(store, pathNames(c.req.url)[2]!);
      const key = c.req.query("key") ?? "";
      const { limit, offset } = readPage(c.req.query(), { usual: 10_000, most: 100_000 });
      const points = await metricHistory(store, run_id, key, { limit: limit + 1, offset });
      return c.json({
        run_id,
        key,
        limit,
        offset,
        has_more: points.length > limit,
        points: points.slice(0, limit).map(({ step, value, timestamp }) => ({
          iteration: step,
          value: Number.isFinite(value) ? value : String(value),
          at: new Date(timestamp).toISOString(),
        })),
      });
    })
    .get("/api/runs/:id/step", async (c) => {
      const run = pathNames(c.req.url)[2]!;
      return c.json(await explainNode(store, { run, node: c.req.query("node") ?? "" }));
    })
    .get("/api/runs/:id/data", async (c) => {
      const run = pathNames(c.req.url)[2]!;
      return c.json(await getDatasetFacts(store, run, c.req.query("of") ?? ""));
    })
    .get("/api/runs/:id/file", async (c) => {
      const run = pathNames(c.req.url)[2]!;
      return await fileAnswer(await getRunFile(store, run, c.req.query("path") ?? ""));
    })
    .get("/api/lineage", async (c) => c.json(await readLineage(store, c.req.query("of") ?? "")))
    .get("/api/models", async (c) => {
      const { items, ...page } = await listModelFacts(store, readPage(c.req.query()));
      return c.json({ models: items, ...page });
    })
    .get("/api/models/:name", async (c) => {
      const name = pathNames(c.req.url)[2]!;
      const { limit, offset } = readPage(c.req.query());
      const detail = await findModelDetail(store, name, {
        versions: { limit, offset },
        history: { limit, offset: readOffset("history_offset", c.req.query()) },
      });
      if (detail === undefined) throw unknownModel(name);
      const { versions, history, ...facts } = detail;
      return c.json({
        ...facts,
        versions: versions.items,
        history: history.items,
        limit,
        offset,
        has_more: versions.has_more,
        history_offset: history.offset,
        history_has_more: history.has_more,
        serving: models.status().filter((alias) => alias.name === name),
      });
    });
}

/**
 * The page of a list that an address asks for.
 *
 * @throws {RequestError} 400 for numbers out of range.
 */
function readPage(
  query: Readonly<Record<string, string>>,
  { usual, most }: { readonly usual: number; readonly most: number } = {
    usual: 50,
    most: LARGEST_PAGE,
  },
): PageQuery {
  const limit = wholeNumber("limit", query.limit, { least: 1, most }) ?? usual;
  return { limit, offset: readOffset("offset", query) };
}

/**
 * How many items an address leaves out.
 *
 * @throws {RequestError} 400 for what is no whole number.
 */
export function readOffset(name: string, query: Readonly<Record<string, string>>): number {
  return wholeNumber(name, query[name], { least: 0, most: 1e9 }) ?? 0;
}

/** @throws {RequestError} 404's text for a model that is not there. */
export function unknownModel(name: string): RequestError {
  return new RequestError(404, {
    code: "serving/unknown-model",
    what: `Cannot find model "${name}"`,
    why: "no model of this name is registered",
    fix: "Choose one of those under /models",
  });
}

/**
 * A number in a query.
 *
 * @throws {RequestError} 400 when it is not a whole number in range.
 */
export function wholeNumber(
  name: string,
  text: string | undefined,
  { least, most }: { readonly least: number; readonly most: number },
): number | undefined {
  if (text === undefined || text === "") return undefined;
  const value = /^\d{1,10}$/.test(text) ? Number(text) : NaN;
  if (value >= least && value <= most) return value;
  throw new RequestError(400, {
    code: "request/bad-number",
    what: "Cannot read the address",
    why: `${name} is "${text}", and must be a whole number from ${least} to ${most}`,
    fix: `Change ${name}, or leave it out`,
  });
}
