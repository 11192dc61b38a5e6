import { Hono } from "hono";
import { driftDocument } from "../drift_document.ts";
import { readVersion } from "./model_action_routes.ts";
import { pathNames } from "./path_names.ts";
import type { ServerContext } from "./server_context.ts";

/** `GET /api/models/:name/versions/:version/drift`: what it is asked, beside what it was trained on. */
export function driftRoutes({ drift }: ServerContext): Hono {
  return new Hono().get("/api/models/:name/versions/:version/drift", async (c) => {
    const names = pathNames(c.req.url);
    const id = { name: names[2]!, version: readVersion(names[4]) };
    return c.json(driftDocument(id, await drift.read(id)));
  });
}
