import type { Context } from "hono";
import { Hono } from "hono";
import type { ModelSignature } from "../../pipeline/mod.ts";
import { type Answer, answerRequest, BadInputError } from "../../runtime/serving/mod.ts";
import { VERSION } from "../../runtime/version.ts";
import { requestId } from "./request_id.ts";
import { defaultTarget } from "./default_model.ts";
import { answerError } from "./error_answer.ts";
import { readText } from "./read_json_body.ts";
import { scoringCsv, ScoringError, type ScoringRows, scoringRows } from "./scoring_rows.ts";
import type { ServerContext } from "./server_context.ts";

/** `POST /invocations`, `GET /ping`, `/version`: what `mlflow models serve` answers, for its clients. */
export function scoringRoutes(context: ServerContext): Hono {
  const ping = async (c: Context): Promise<Response> => {
    await context.admit(c.req.raw);
    const isReady = await defaultTarget(context).then(() => true, () => false);
    return c.body("\n", isReady ? 200 : 404, { "content-type": "application/json" });
  };
  return new Hono()
    .get("/ping", ping)
    .get("/version", async (c) => {
      await context.admit(c.req.raw);
      return c.body(VERSION, 200, { "content-type": "application/json" });
    })
    .post("/invocations", async (c) => {
      try {
        await context.admit(c.req.raw);
        return await invoke(c, context);
      } catch (error) {
        return failed(c, context, error);
      }
    });
}

async function invoke(c: Context, context: ServerContext): Promise<Response> {
  const request = c.req.raw;
  const type = readType(request.headers.get("content-type") ?? "");
  if ("refused" in type) return c.text(type.refused, 415);
  const since = Date.now();
  const id = requestId(request);
  const target = context.traffic.direct(await defaultTarget(context), request, id);
  const { model: { signature } } = context.models.find(target) ?? await context.models.open(target);
  const scoring = await readRows(signature, type.name, await readText(request));
  const body = { rows: scoring.rows };
  const prediction = await answerRequest(context.models, { target, body, caller: request });
  const { model: name, version, answers } = prediction;
  context.metrics.prediction(name, version, answers);
  context.traffic.note({ requestId: id, name, version, answers, body, since });
  const predictions = render(answers, scoring);
  return new Response(JSON.stringify(scoring.isWrapped ? { predictions } : predictions), {
    headers: { "content-type": "application/json", "x-content-type-options": "nosniff" },
  });
}

/** Labels, or with `params: {"probabilities": true}` everything that is known of a row. */
function render(answers: readonly Answer[], { params }: ScoringRows): readonly unknown[] {
  return params.probabilities === true ? answers : answers.map(({ label }) => label);
}

async function readRows(
  signature: ModelSignature,
  type: "application/json" | "text/csv",
  text: string,
): Promise<ScoringRows> {
  if (type === "text/csv") return await scoringCsv(signature, text);
  let body: unknown;
  try {
    // MLflow's clients write NaN as Python does.
    body = JSON.parse(text.replace(/(?<=[[,:]\s*)-?(?:NaN|Infinity)(?=\s*[,\]}])/g, "null"));
  } catch (cause) {
    throw new ScoringError(
      "Invalid input. Ensure that input is a valid JSON formatted string. " +
        `Error: '${cause instanceof Error ? cause.message : cause}'`,
      "BAD_REQUEST",
    );
  }
  return scoringRows(signature, body);
}

/** The content type, or MLflow's words of why it is refused. */
function readType(
  header: string,
): { readonly name: "application/json" | "text/csv" } | { readonly refused: string } {
  const [name = "", ...parameters] = header.split(";").map((part) => part.trim().toLowerCase());
  const strange = parameters.filter((each) => each !== "" && !each.startsWith("charset="));
  if (strange.length > 0) {
    return { refused: `Unrecognized content type parameters: ${strange.join(", ")}.` };
  }
  const charset = parameters.find((each) => each.startsWith("charset="))?.slice(8)
    .replaceAll('"', "");
  if (charset !== undefined && charset !== "utf-8" && charset !== "utf8") {
    return { refused: "The scoring server only supports UTF-8" };
  }
  if (name === "application/json" || name === "text/csv") return { name };
  const types = "['text/csv', 'application/json']";
  return {
    refused: `This predictor only supports the following content types: Types: ${types}. ` +
      `Got '${header}'.`,
  };
}

/** Errors in MLflow's form. */
function failed(c: Context, { log }: ServerContext, error: unknown): Response {
  if (error instanceof ScoringError) {
    return c.json({ error_code: error.errorCode, message: error.message }, 400);
  }
  if (error instanceof BadInputError) {
    const message = `Failed to enforce schema of data. Error: ${error.problems.join("; ")}`;
    return c.json({ error_code: "INVALID_PARAMETER_VALUE", message }, 400);
  }
  const { status, headers, error: facts } = answerError(error, {
    id: requestId(c.req.raw),
    method: c.req.method,
    path: c.req.path,
    log,
  });
  const id = facts.id === undefined ? "" : ` (id ${facts.id})`;
  const message = `${facts.what}: ${facts.why}. ${facts.fix}${id}`;
  return c.json({ error_code: CODES[status] ?? "BAD_REQUEST", message }, status, headers);
}

const CODES: Readonly<Record<number, string>> = {
  401: "UNAUTHENTICATED",
  403: "PERMISSION_DENIED",
  404: "RESOURCE_DOES_NOT_EXIST",
  409: "INVALID_STATE",
  429: "REQUEST_LIMIT_EXCEEDED",
  500: "INTERNAL_ERROR",
  503: "TEMPORARILY_UNAVAILABLE",
};
