import { Hono } from "hono";
import { streamSSE } from "hono/streaming";
import { getRun } from "../../runtime/store/mod.ts";
import { RequestError } from "./error_answer.ts";
import { pathNames } from "./path_names.ts";
import type { ServerContext } from "./server_context.ts";
import { watchRun } from "./watch_run.ts";

/** Browsers that may listen at once; each asks the store a few times a second. */
const MOST_LISTENERS = 100;

/** `GET /runs/:id/events`: server-sent events `changed` and `ended`, as long as a run goes on. */
export function liveRoutes({ store, stopping }: ServerContext): Hono {
  let listeners = 0;
  return new Hono().get("/runs/:id/events", async (c) => {
    const { runId } = await getRun(store, pathNames(c.req.url)[1]!);
    if (listeners >= MOST_LISTENERS) {
      throw new RequestError(503, {
        code: "server/too-many-listeners",
        what: "Cannot tell what is new",
        why: `${MOST_LISTENERS} pages listen already`,
        fix: "Close some, or reload this page from time to time",
      });
    }
    listeners++;
    return streamSSE(c, async (stream) => {
      const left = new AbortController();
      stream.onAbort(() => left.abort());
      try {
        const signal = AbortSignal.any([left.signal, stopping]);
        // The first event tells the page that it is heard.
        await stream.writeSSE({ event: "listening", data: runId });
        for await (const news of watchRun(store, runId, signal)) {
          await stream.writeSSE({ event: news, data: runId });
        }
      } finally {
        listeners--;
      }
    });
  });
}
