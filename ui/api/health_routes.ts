import { Hono } from "hono";
import type { ServerContext } from "./server_context.ts";

/** `GET /healthz`: 200 while the server can answer and read its store, else 503. */
export function healthRoutes({ store, models }: ServerContext): Hono {
  return new Hono().get("/healthz", async (c) => {
    try {
      await store.client.execute("SELECT 1");
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      return c.json({ status: "failing", problem }, 503);
    }
    return c.json({ status: "ok", models: models.status() });
  });
}
