import { Hono } from "hono";
import { getCaller } from "./caller.ts";
import { RequestError } from "./error_answer.ts";
import { pathNames } from "./path_names.ts";
import {
  getPipelineDetail,
  listPipelineFacts,
  startPipeline,
  type StartWish,
} from "./pipeline_facts.ts";
import { readText } from "./read_json_body.ts";
import type { ServerContext } from "./server_context.ts";

/** Bytes of a body: values that somebody typed. */
const MOST_BYTES = 100_000;

/** `GET /api/pipelines`, `GET /api/pipelines/:name`, `POST /api/pipelines/:name/run`: what the project can run. */
export function pipelineRoutes(context: ServerContext): Hono {
  return new Hono()
    .get("/api/pipelines", async (c) => c.json({ pipelines: await listPipelineFacts(context) }))
    .get(
      "/api/pipelines/:name",
      async (c) => c.json(await getPipelineDetail(context, pathNames(c.req.url)[2]!)),
    )
    .post("/api/pipelines/:name/run", async (c) => {
      const { user } = getCaller(c.req.raw);
      const wish = readWish(await readText(c.req.raw, MOST_BYTES));
      const name = pathNames(c.req.url)[2]!;
      return c.json({ run_id: await startPipeline(context, name, { ...wish, user }) }, 202);
    });
}

/** @throws {RequestError} 400. */
function readWish(body: string): Omit<StartWish, "user"> {
  const { config, set = [], fresh = false } = parse(body);
  const isSound = (config === undefined || typeof config === "string") &&
    Array.isArray(set) && set.every((each) => typeof each === "string") &&
    typeof fresh === "boolean";
  if (!isSound) throw badBody("a field has another type");
  return { config, set, isFresh: fresh };
}

function parse(body: string): Record<string, unknown> {
  if (body.trim() === "") return {};
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  } catch {
    // Told below.
  }
  throw badBody("its body is no JSON object");
}

function badBody(why: string): RequestError {
  return new RequestError(400, {
    code: "request/bad-body",
    what: "Cannot read the request",
    why,
    fix: 'Send { "config": "fast", "set": ["training.epochs=5"], "fresh": false }, or less',
  });
}
