import { ExplainedError, listProblems, type ModelSignature } from "../../pipeline/mod.ts";
import type { Answer } from "./predict.ts";
import type { ModelServer } from "./model_server.ts";
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
 * Checks a request's body against the signature of the model that is asked, and answers it.
 *
 * @throws {BadInputError} When the body does not fit.
 * @throws {ExplainedError} `serving/unknown-…`, `serving/overloaded`, or why the model cannot answer.
 */
export async function answerRequest(
  models: Pick<ModelServer, "open" | "find">,
  request: {
    readonly target: ServingTarget;
    readonly body: unknown;
    /** Who asks. A slow model drops the request when its signal is aborted; of a quick one it is not even asked. */
    readonly caller?: { readonly signal: AbortSignal };
  },
): Promise<Prediction> {
  const { target, body, caller } = request;
  for (let attempt = 1;; attempt++) {
    const { name, version, model } = models.find(target) ?? await models.open(target);
    const checked = readRows(model.signature, body);
    if (!checked.ok) {
      throw new BadInputError(renderTarget({ name, version }), checked.problems, checked.total);
    }
    try {
      const answers = await model.predict(
        checked.rows,
        model.isSlow ? caller?.signal : undefined,
      );
      const { labels } = model.signature;
      return { model: name, version, answers, labels, single: checked.single };
    } catch (error) {
      const replaced = error instanceof ExplainedError && error.code === "serving/closed";
      if (!replaced || attempt === ATTEMPTS) throw error;
    }
  }
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
