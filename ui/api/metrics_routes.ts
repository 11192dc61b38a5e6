import { Hono } from "hono";
import type { ServerContext } from "./server_context.ts";

/** `GET /metrics`: what the server counts, as Prometheus reads it. */
export function metricsRoutes({ metrics, models }: ServerContext): Hono {
  return new Hono().get("/metrics", async (c) => {
    const text = await metrics.render({ served: models.status(), queued: models.queued() });
    return c.body(text, 200, { "content-type": metrics.contentType });
  });
}
