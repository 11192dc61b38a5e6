import type { AccessLog } from "./access_log.ts";
import { requestId } from "./request_id.ts";
import { routeOf } from "./route_of.ts";
import type { ServerMetrics } from "./server_metrics.ts";

/** What answers a request. */
export type Handler = (
  request: Request,
  info: Deno.ServeHandlerInfo,
) => Response | Promise<Response>;

/** Counts every request, writes it down, and gives its id back in `x-request-id`. */
export function observeRequests(
  handler: Handler,
  { metrics, accessLog }: {
    readonly metrics: ServerMetrics;
    readonly accessLog: AccessLog | undefined;
  },
): Handler {
  return async (request, info) => {
    const start = performance.now();
    const id = requestId(request);
    const response = await handler(request, info);
    const { method, url } = request;
    const ms = performance.now() - start;
    const path = pathOf(url);
    const { status } = response;
    const route = routeOf(path);
    // Predictions carry it from the start: to add a header later takes longer than all the rest here.
    const isThere = status === 200 && route.endsWith("/predict");
    if (!isThere) response.headers.set("x-request-id", id);
    metrics.request({ route, method, status, seconds: ms / 1000 });
    accessLog?.write({ id, method, path, status, ms });
    return response;
  };
}

/** Without the query, which may hold what nobody should read in a log. */
function pathOf(url: string): string {
  const start = url.indexOf("/", 8);
  const end = url.indexOf("?", start);
  return end < 0 ? url.slice(start) : url.slice(start, end);
}
