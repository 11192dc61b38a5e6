import { Hono } from "hono";
import type { ServerContext } from "./server_context.ts";

/** `GET /metrics`: what the server counts, as Prometheus reads it. */
export function metricsRoutes({ metrics, models, drift }: ServerContext): Hono {
  return new Hono().get("/metrics", async (c) => {
    const queued = models.queued();
    const loaded = queued.map(([name, version]) => ({ name, version }));
    const text = await metrics.render({
      served: models.status(),
      queued,
      drift: drift.latest(loaded),
    });
    return c.body(text, 200, { "content-type": metrics.contentType });
  });
}
