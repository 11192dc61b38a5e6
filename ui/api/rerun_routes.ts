import type { Context } from "hono";
import { Hono } from "hono";
import { getCaller } from "./caller.ts";
import { pathNames } from "./path_names.ts";
import { readText } from "./read_json_body.ts";
import type { ServerContext } from "./server_context.ts";

/** `POST /runs/:id/rerun`, a form, and `POST /api/runs/:id/rerun`, `{ "fresh": false }`: the same pipeline and config. */
export function rerunRoutes({ reruns }: ServerContext): Hono {
  return new Hono()
    .post("/runs/:id/rerun", async (c: Context) => {
      const form = new URLSearchParams(await readText(c.req.raw, 10_000));
      const isFresh = form.get("fresh") === "on";
      const { user } = getCaller(c.req.raw);
      const id = await reruns.start(pathNames(c.req.url)[1]!, { isFresh, user });
      return c.redirect(`/runs/${id}`, 303);
    })
    .post("/api/runs/:id/rerun", async (c: Context) => {
      const text = await readText(c.req.raw, 10_000);
      const isFresh = /"fresh"\s*:\s*true/.test(text);
      const { user } = getCaller(c.req.raw);
      const id = await reruns.start(pathNames(c.req.url)[2]!, { isFresh, user });
      return c.json({ run_id: id }, 202);
    });
}
