import type { Context } from "hono";
import { Hono } from "hono";
import { requestStop } from "../../runtime/store/mod.ts";
import { getCaller } from "./caller.ts";
import { RequestError } from "./error_answer.ts";
import { pathNames } from "./path_names.ts";
import { readText } from "./read_json_body.ts";
import { stopFacts } from "./run_facts.ts";
import type { ServerContext } from "./server_context.ts";

/** Bytes of a body: there is a reason in it and nothing else. */
const MOST_BYTES = 10_000;

/** `POST /runs/:id/stop`, a form, and `POST /api/runs/:id/stop`, `{ "why": "…" }`: as Ctrl-C in the run's terminal. */
export function stopRoutes({ store }: ServerContext): Hono {
  const stop = async (c: Context, reference: string, why: string) => {
    const { user: userId } = getCaller(c.req.raw);
    return await requestStop(store, reference, { userId, why, at: Date.now() });
  };
  return new Hono()
    .post("/runs/:id/stop", async (c) => {
      const form = new URLSearchParams(await readText(c.req.raw, MOST_BYTES));
      const { run } = await stop(c, pathNames(c.req.url)[1]!, form.get("why") ?? "");
      return c.redirect(`/runs/${run.runId}`, 303);
    })
    .post("/api/runs/:id/stop", async (c) => {
      const why = readWhy(await readText(c.req.raw, MOST_BYTES));
      const { run, wish } = await stop(c, pathNames(c.req.url)[2]!, why);
      return c.json({ run_id: run.runId, run_name: run.runName, ...stopFacts(wish) }, 202);
    });
}

/** @throws {RequestError} 400. */
function readWhy(body: string): string {
  if (body.trim() === "") return "";
  try {
    const { why = "" } = JSON.parse(body) as { readonly why?: unknown };
    if (typeof why === "string") return why;
  } catch {
    // Told below, as what is no text is.
  }
  throw new RequestError(400, {
    code: "request/bad-body",
    what: "Cannot read the request",
    why: "its body is no object with a reason",
    fix: 'Send { "why": "…" }, or nothing',
  });
}
