import type { AccessLog } from "./access_log.ts";
import { answerPrediction } from "./answer_prediction.ts";
import { answerError } from "./error_answer.ts";
import { findPredictionPath, pathOf, type PredictionPath } from "./prediction_path.ts";
import { requestId, takeRequestId } from "./request_id.ts";
import { routeOf } from "./route_of.ts";
import type { ServerContext } from "./server_context.ts";

/** What answers a request. */
export type Handler = (
  request: Request,
  info: Deno.ServeHandlerInfo,
) => Response | Promise<Response>;

/**
 * Counts every request, writes it down, and gives its id back in `x-request-id`. Predictions are answered here, others by
 * `handler`: a router with its layers costs more time than a small model.
 */
export function observeRequests(
  handler: Handler,
  { context, accessLog }: {
    readonly context: ServerContext;
    readonly accessLog: AccessLog | undefined;
  },
): Handler {
  const { metrics } = context;
  const note = (
    id: string,
    { method, path, route, status, start }: {
      readonly method: string;
      readonly path: string;
      readonly route: string;
      readonly status: number;
      readonly start: number;
    },
  ): void => {
    const ms = performance.now() - start;
    metrics.request({ route, method, status, seconds: ms / 1000 });
    accessLog?.write({ id, method, path, status, ms });
  };

  const predict = async (
    request: Request,
    { path, route, target }: PredictionPath,
  ): Promise<Response> => {
    const start = performance.now();
    const id = takeRequestId(request);
    let response: Response;
    try {
      response = await answerPrediction(context, request, { target, id });
    } catch (error) {
      response = refusal(error, { id, path, context });
    }
    note(id, { method: "POST", path, route, status: response.status, start });
    return response;
  };

  const observe: Handler = async (request, info) => {
    const start = performance.now();
    const id = requestId(request);
    const response = await handler(request, info);
    const { method, url } = request;
    const path = pathOf(url);
    response.headers.set("x-request-id", id);
    note(id, { method, path, route: routeOf(path), status: response.status, start });
    return response;
  };

  return (request, info) => {
    const asked = request.method === "POST" ? findPredictionPath(request.url) : undefined;
    return asked === undefined ? observe(request, info) : predict(request, asked);
  };
}

function refusal(
  thrown: unknown,
  { id, path, context: { log } }: {
    readonly id: string;
    readonly path: string;
    readonly context: ServerContext;
  },
): Response {
  const { status, headers, error } = answerError(thrown, { id, method: "POST", path, log });
  return Response.json({ error }, {
    status,
    headers: { ...headers, "x-content-type-options": "nosniff", "x-request-id": id },
  });
}
