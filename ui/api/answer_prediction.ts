import { answerRequest, type ServingTarget } from "../../runtime/serving/mod.ts";
import { defaultTarget, findDefaultTarget } from "./default_model.ts";
import { nextTurn } from "./next_turn.ts";
import { renderPrediction } from "./prediction_body.ts";
import { readJsonBody, readTextlessJson } from "./read_json_body.ts";
import type { ServerContext } from "./server_context.ts";

const JSON_TYPE = { headers: { "content-type": "application/json" } };

/**
 * Answers one prediction.
 *
 * @param asked The target, `undefined` for the server's own; and the request's id.
 * @throws {RequestError} When the request is not to be answered.
 * @throws {ExplainedError} As `answerRequest`.
 */
export async function answerPrediction(
  context: ServerContext,
  request: Request,
  { target, id }: { readonly target: ServingTarget | undefined; readonly id: string },
): Promise<Response> {
  const admitted = context.admit(request);
  if (admitted instanceof Promise) await admitted;
  const since = Date.now();
  const wanted = target ?? findDefaultTarget(context) ?? await defaultTarget(context);
  const directed = context.traffic.direct(wanted, request, id);
  const takesText = context.models.find(directed)?.model.takesText ?? true;
  const body = await (takesText ? readJsonBody(request) : readTextlessJson(request));
  const asked = answerRequest(context.models, { target: directed, body, caller: request });
  // Answers that leave together cost a sixth less: one that leaves alone has to wake up who reads it.
  const isNow = !(asked instanceof Promise);
  if (isNow) await nextTurn();
  const prediction = isNow ? asked : await asked;
  const { model, version, answers } = prediction;
  context.metrics.prediction(model, version, answers);
  context.traffic.note({ requestId: id, name: model, version, answers, body, since });
  // Headers that are added afterwards cost Deno less than three at once.
  const response = new Response(renderPrediction(prediction), JSON_TYPE);
  const { headers } = response;
  headers.append("x-content-type-options", "nosniff");
  headers.append("x-request-id", id);
  return response;
}
