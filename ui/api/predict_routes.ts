import type { Context } from "hono";
import { Hono } from "hono";
import { answerPrediction } from "./answer_prediction.ts";
import { RequestError } from "./error_answer.ts";
import { readTarget } from "./prediction_path.ts";
import { requestId } from "./request_id.ts";
import type { ServerContext } from "./server_context.ts";

const PATHS = [
  "/predict",
  "/models/:name/predict",
  "/models/:name/aliases/:alias/predict",
  "/models/:name/versions/:version/predict",
] as const;

/**
 * `POST …/predict` for the default model, a model's champion, one of its aliases, or one of its versions. Only requests
 * with something wrong in their address come here: the others are answered before the router.
 */
export function predictRoutes(context: ServerContext): Hono {
  const routes = new Hono();
  for (const path of PATHS) {
    routes.post(path, (c) => {
      const request = c.req.raw;
      const target = readTarget(request.url);
      return answerPrediction(context, request, { target, id: requestId(request) });
    });
    routes.all(path, refuseMethod);
  }
  return routes;
}

function refuseMethod(c: Context): never {
  throw new RequestError(405, {
    code: "request/wrong-method",
    what: "Cannot predict",
    why: `the request is a ${c.req.method}, and only POST carries rows`,
    fix: "Send POST with a JSON body",
  });
}
