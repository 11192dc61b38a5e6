import type { Context } from "hono";
import { Hono } from "hono";
import { z } from "zod";
import {
  findSample,
  listSamples,
  liveAccuracy,
  recordFeedback,
  setSplit,
} from "../../runtime/traffic/mod.ts";
import { getCaller } from "./caller.ts";
import { RequestError } from "./error_answer.ts";
import { pathNames } from "./path_names.ts";
import { readJsonBody } from "./read_json_body.ts";
import type { ServerContext } from "./server_context.ts";
import type { RecentPrediction } from "./traffic.ts";

/** Versions whose accuracy is told, the newest. */
const TOLD_VERSIONS = 500;

const FEEDBACK = z.strictObject({
  request_id: z.string().min(1).max(64),
  /** What was right: of the only row, or one a row with `null` where nobody knows. */
  label: z.string().optional(),
  labels: z.array(z.string().nullable()).max(10_000).optional(),
}).refine(({ label, labels }) => (label === undefined) !== (labels === undefined), {
  message: "give either label or labels",
});

const SPLIT = z.strictObject({
  shares: z.array(z.strictObject({ version: z.int().min(1), weight: z.number() })).max(20),
  why: z.string().min(1).max(500),
});

/** `POST /feedback`; `GET /api/models/:name/traffic`, `…/samples`; `PUT /api/models/:name/split`. */
export function trafficRoutes(context: ServerContext): Hono {
  const { store, traffic } = context;
  return new Hono()
    .post("/feedback", async (c) => {
      const { request_id, label, labels } = await readBodyAs(c, FEEDBACK);
      const answered = await findAnswered(context, request_id);
      const truths = labels ?? [label!];
      if (truths.length !== answered.labels.length) throw otherRows(truths, answered.labels);
      const { user } = getCaller(c.req.raw);
      const at = Date.now();
      const feedback = truths.flatMap((truth, row) =>
        truth === null ? [] : [{
          requestId: request_id,
          row,
          name: answered.name,
          version: answered.version,
          label: answered.labels[row]!,
          truth,
          at,
          user,
        }]
      );
      await recordFeedback(store, feedback);
      const { name: model, version } = answered;
      return c.json({ model, version, recorded: feedback.length });
    })
    .get("/api/models/:name/traffic", async (c) => {
      const name = pathNames(c.req.url)[2]!;
      const accuracy = await liveAccuracy(store, name, { limit: TOLD_VERSIONS });
      return c.json({
        split: traffic.splitOf(name)?.shares ?? [],
        feedback: accuracy.map(({ version, told, right }) => (
          { version, told, right, accuracy: right / told }
        )),
      });
    })
    .get("/api/models/:name/samples", async (c) => {
      const samples = await listSamples(store, pathNames(c.req.url)[2]!, { limit: 100 });
      return c.json({
        samples: samples.map(({ requestId, at, durationMs, request, answers, version }) => ({
          request_id: requestId,
          version,
          at: new Date(at).toISOString(),
          duration_ms: durationMs,
          request: JSON.parse(request),
          answers: JSON.parse(answers),
        })),
      });
    })
    .put("/api/models/:name/split", async (c) => {
      const { shares, why } = await readBodyAs(c, SPLIT);
      const name = pathNames(c.req.url)[2]!;
      const { user } = getCaller(c.req.raw);
      await setSplit(store, { name, shares }, { user, why, at: Date.now() });
      return c.json({ model: name, shares });
    });
}

async function readBodyAs<Body>(c: Context, schema: z.ZodType<Body>): Promise<Body> {
  const parsed = schema.safeParse(await readJsonBody(c.req.raw));
  if (parsed.success) return parsed.data;
  throw new RequestError(400, {
    code: "request/bad-body",
    what: "Cannot read the request",
    why: parsed.error.issues
      .map(({ path, message }) => path.length === 0 ? message : `${path.join(".")}: ${message}`)
      .join("; "),
    fix: "See /openapi.json for what may stand in it",
  });
}

/** @throws {RequestError} 404 for a request that nobody remembers. */
async function findAnswered(
  { store, traffic }: ServerContext,
  requestId: string,
): Promise<RecentPrediction> {
  const recent = traffic.findRecent(requestId);
  if (recent !== undefined) return recent;
  const sample = await findSample(store, requestId);
  if (sample !== undefined) {
    const answers = JSON.parse(sample.answers) as readonly { readonly label: string }[];
    const { name, version } = sample;
    return { name, version, labels: answers.map(({ label }) => label) };
  }
  throw new RequestError(404, {
    code: "traffic/unknown-request",
    what: `Cannot find request "${requestId}"`,
    why: "it was not answered lately, and was not kept as a sample",
    fix:
      "Give the x-request-id of an answer, soon after it, or start the server with --sample-rate 1",
  });
}

function otherRows(truths: readonly unknown[], labels: readonly string[]): RequestError {
  return new RequestError(400, {
    code: "traffic/other-rows",
    what: "Cannot keep the feedback",
    why: `it is about ${truths.length} rows, and the request had ${labels.length}`,
    fix: "Give labels, one a row in the order of the request, null where nobody knows",
  });
}
