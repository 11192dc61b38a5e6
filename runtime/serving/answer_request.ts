import { ExplainedError, listProblems, type ModelSignature } from "../../pipeline/mod.ts";
import type { Answer } from "./predict.ts";
import type { ModelServer, ServedVersion } from "./model_server.ts";
import { readRows } from "./quick_rows.ts";
import { renderTarget, type ServingTarget } from "./serving_target.ts";

/** What a prediction request gets back. */
export interface Prediction {
  readonly model: string;
  readonly version: number;
  /** One a row, in the order of the rows. */
  readonly answers: readonly Answer[];
  /** The model's labels, in their order. */
  readonly labels: readonly string[];
  /** Whether the request held one row as an object of its own. */
  readonly single: boolean;
}

/** Thrown when a request does not fit the model's signature; `problems` names what is wrong. */
export class BadInputError extends ExplainedError<"serving/bad-input"> {
  override readonly name = "BadInputError";
  /** The first problems. */
  readonly problems: readonly string[];
  readonly total: number;

  constructor(target: string, problems: readonly string[], total: number) {
    super("serving/bad-input", {
      what: `Cannot predict with ${target}`,
      why: listProblems(problems, total),
      fix: "Send rows that fit the model's signature, which its page shows",
    });
    this.problems = problems;
    this.total = total;
  }
}

/** How often a request that met a model just being replaced goes to its successor. */
const ATTEMPTS = 5;

/**
 * Checks a request's body against the signature of the model that is asked, and answers it: at once where a very small
 * model can.
 *
 * @throws {BadInputError} When the body does not fit.
 * @throws {ExplainedError} `serving/unknown-…`, `serving/overloaded`, or why the model cannot answer.
 */
export function answerRequest(
  models: Pick<ModelServer, "open" | "find">,
  request: PredictionRequest,
): Prediction | Promise<Prediction> {
  const served = models.find(request.target);
  // Nearly always the model is there, and stays: nothing is then waited for but its answer.
  if (served === undefined) return answerLoading(models, request);
  return askModel(served, request, (error) => {
    if (!isReplaced(error)) throw error;
    return answerLoading(models, request);
  });
}

/** What is asked, and by whom. */
export interface PredictionRequest {
  readonly target: ServingTarget;
  readonly body: unknown;
  /** Who asks. A slow model drops the request when its signal is aborted; of a quick one it is not even asked. */
  readonly caller?: { readonly signal: AbortSignal };
}

async function answerLoading(
  models: Pick<ModelServer, "open" | "find">,
  request: PredictionRequest,
): Promise<Prediction> {
  for (let attempt = 1;; attempt++) {
    const served = models.find(request.target) ?? await models.open(request.target);
    try {
      return await askModel(served, request);
    } catch (error) {
      if (!isReplaced(error) || attempt === ATTEMPTS) throw error;
    }
  }
}

function askModel(
  { name, version, model }: ServedVersion,
  { body, caller }: PredictionRequest,
  onError?: (error: unknown) => Promise<Prediction>,
): Prediction | Promise<Prediction> {
  const { signature } = model;
  const checked = readRows(signature, body);
  if (!checked.ok) {
    const target = renderTarget({ name, version });
    throw new BadInputError(target, checked.problems, checked.total);
  }
  const { single, rows } = checked;
  const { labels } = signature;
  const answers = model.predictNow?.(rows);
  if (answers !== undefined) return { model: name, version, answers, labels, single };
  return model.predict(rows, model.isSlow ? caller?.signal : undefined)
    .then((answers) => ({ model: name, version, answers, labels, single }), onError);
}

/** A model just being replaced takes no more requests: its successor does. */
function isReplaced(error: unknown): boolean {
  return error instanceof ExplainedError && error.code === "serving/closed";
}

/** A body that the model accepts, from its signature: for documentation and for copying. */
export function exampleBody(
  signature: ModelSignature,
  example: Readonly<Record<string, unknown>> | undefined,
): Readonly<Record<string, unknown>> {
  if (example !== undefined) return example;
  return Object.fromEntries(signature.inputs.map(({ name, type, range, categories }) => {
    if (categories?.[0] !== undefined) {
      const [first] = categories;
      return [name, type === "string" ? first : JSON.parse(first)];
    }
    if (type === "boolean") return [name, false];
    return [name, type === "string" ? "" : range?.[0] ?? 0];
  }));
}
