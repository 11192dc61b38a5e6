import { ExplainedError } from "../../pipeline/mod.ts";
import type { ErrorFacts } from "../../runtime/executor/run_event.ts";
import { BadInputError } from "../../runtime/serving/mod.ts";
import type { ServerLog } from "./server_log.ts";

/** An error as an HTTP answer shows it. */
export interface ErrorAnswer {
  readonly status: ErrorStatus;
  readonly headers: Readonly<Record<string, string>>;
  readonly error: ErrorFacts & {
    /** Every problem of the input, the first fifty. */
    readonly problems?: readonly string[];
    /** What else the caller can choose. */
    readonly choices?: readonly string[];
    /** Stands in the server's log beside the details. */
    readonly id?: string;
  };
}

export type ErrorStatus = 400 | 401 | 403 | 404 | 405 | 409 | 413 | 415 | 429 | 500 | 503;

/** An error that a route itself finds. */
export class RequestError extends ExplainedError {
  override readonly name = "RequestError";
  readonly status: ErrorStatus;
  readonly choices: readonly string[] | undefined;

  constructor(status: ErrorStatus, facts: ErrorFacts, choices?: readonly string[]) {
    super(facts.code, facts);
    this.status = status;
    this.choices = choices;
  }
}

/** Errors of the runtime that the caller can mend. All others are the server's own. */
const STATUS_OF_CODE: Readonly<Record<string, ErrorStatus>> = {
  "explain/unknown-node": 404,
  "lineage/ambiguous": 400,
  "lineage/unknown": 404,
  "preprocessing/bad-rows": 400,
  "registry/bad-alias": 400,
  "registry/is-champion": 409,
  "registry/no-earlier-champion": 409,
  "registry/rejected-version": 409,
  "registry/unknown-alias": 404,
  "registry/unknown-model": 404,
  "registry/unknown-version": 404,
  "run/ambiguous": 400,
  "run/not-stoppable": 409,
  "run/over": 409,
  "run/unknown": 404,
  "traffic/bad-split": 400,
  "serving/bad-input": 400,
  "serving/closed": 503,
  "serving/overloaded": 503,
  "serving/too-late": 503,
  "serving/unknown-alias": 404,
  "serving/unknown-model": 404,
  "serving/unknown-version": 404,
};

/** The answer for an error. What the server could not help goes into the log, under the id that the answer names. */
export function answerError(
  error: unknown,
  request: {
    /** Of the request: the caller is told it, and it stands in the log. */
    readonly id: string;
    readonly method: string;
    readonly path: string;
    readonly log: ServerLog;
  },
): ErrorAnswer {
  const status = statusOf(error);
  if (status !== 500) return { status, headers: headersOf(status), error: factsOf(error) };
  const id = request.id;
  request.log.write({
    type: "request-failed",
    id,
    method: request.method,
    path: request.path,
    problem: error instanceof Error ? error.message : String(error),
    stack: error instanceof Error ? error.stack ?? null : null,
  });
  return { status, headers: {}, error: { ...factsOf(error), id } };
}

function statusOf(error: unknown): ErrorStatus {
  if (error instanceof RequestError) return error.status;
  if (error instanceof ExplainedError) return STATUS_OF_CODE[error.code] ?? 500;
  return 500;
}

function headersOf(status: ErrorStatus): Readonly<Record<string, string>> {
  if (status === 401) return { "www-authenticate": 'Bearer realm="hanok"' };
  return status === 503 || status === 429 ? { "retry-after": "1" } : {};
}

function factsOf(error: unknown): ErrorAnswer["error"] {
  if (!(error instanceof ExplainedError)) {
    return {
      code: "server/bug",
      what: "Cannot answer the request",
      why: "something unexpected happened in the server",
      fix: "Look up the id in the server's log, and report it with what stands there",
    };
  }
  const { code, what, why, fix } = error;
  return {
    code,
    what,
    why,
    fix,
    ...(error instanceof BadInputError ? { problems: error.problems } : {}),
    ...(error instanceof RequestError && error.choices !== undefined
      ? { choices: error.choices }
      : {}),
  };
}
