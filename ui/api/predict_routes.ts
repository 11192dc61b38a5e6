import type { Context } from "hono";
import { Hono } from "hono";
import {
  answerRequest,
  DEFAULT_ALIAS,
  type Prediction,
  type ServingTarget,
} from "../../runtime/serving/mod.ts";
import { defaultTarget } from "./default_model.ts";
import { RequestError } from "./error_answer.ts";
import { pathNames } from "./path_names.ts";
import { readJsonBody } from "./read_json_body.ts";
import { requestId } from "./request_id.ts";
import type { ServerContext } from "./server_context.ts";

/** `POST …/predict` for the default model, a model's champion, one of its aliases, or one of its versions. */
export function predictRoutes(context: ServerContext): Hono {
  const answer = async (
    c: Context,
    find: () => ServingTarget | Promise<ServingTarget>,
  ): Promise<Response> => {
    const request = c.req.raw;
    const admitted = context.admit(request);
    if (admitted instanceof Promise) await admitted;
    const since = Date.now();
    const id = requestId(request);
    const target = context.traffic.direct(await find(), request, id);
    const body = await readJsonBody(request);
    const prediction = await answerRequest(context.models, { target, body, caller: request });
    const { model, version, answers } = prediction;
    context.metrics.prediction(model, version, answers);
    context.traffic.note({ requestId: id, name: model, version, answers, body, since });
    return new Response(JSON.stringify(predictionBody(prediction)), {
      headers: {
        "content-type": "application/json",
        "x-content-type-options": "nosniff",
        "x-request-id": id,
      },
    });
  };
  return new Hono()
    .post("/predict", (c) => answer(c, () => defaultTarget(context)))
    .post("/models/:name/predict", (c) =>
      answer(c, () => {
        const [, name] = pathNames(c.req.url);
        return { name: name!, alias: DEFAULT_ALIAS };
      }))
    .post("/models/:name/aliases/:alias/predict", (c) =>
      answer(c, () => {
        const [, name, , alias] = pathNames(c.req.url);
        return { name: name!, alias: alias! };
      }))
    .post("/models/:name/versions/:version/predict", (c) =>
      answer(c, () => {
        const [, name, , version] = pathNames(c.req.url);
        return { name: name!, version: parseVersion(version!) };
      }))
    .all("/predict", refuseMethod)
    .all("/models/:name/predict", refuseMethod)
    .all("/models/:name/aliases/:alias/predict", refuseMethod)
    .all("/models/:name/versions/:version/predict", refuseMethod);
}

function refuseMethod(c: Context): never {
  throw new RequestError(405, {
    code: "request/wrong-method",
    what: "Cannot predict",
    why: `the request is a ${c.req.method}, and only POST carries rows`,
    fix: "Send POST with a JSON body",
  });
}

/**
 * One row sent as an object of its own gets its answer directly; a list gets `predictions` in its order.
 */
export function predictionBody(
  { model, version, answers, single }: Prediction,
): Readonly<Record<string, unknown>> {
  return single ? { model, version, ...answers[0]! } : { model, version, predictions: answers };
}

function parseVersion(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new RequestError(404, {
    code: "serving/unknown-version",
    what: `Cannot find version "${text}"`,
    why: "a version is a whole number: 1, 2, 3 …",
    fix: "Ask for a number, or for an alias under …/aliases/:alias/predict",
  });
}
