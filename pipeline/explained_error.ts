/** What a person needs to hear when something could not be done. */
export interface Explanation {
  /** What could not be done: "Cannot …", no final period. */
  readonly what: string;
  /** The state that prevents it, with the value that was found. */
  readonly why: string;
  /** The next action of the reader, with a file or a command. */
  readonly fix: string;
  readonly cause?: unknown;
}

/**
 * Base of every error a user can meet: what happened, why, and what to do.
 *
 * `code` is stable and searchable; match on it, never on `message`.
 *
 * @example Usage
 * ```ts
 * import { ExplainedError } from "./explained_error.ts";
 * import { equal } from "node:assert/strict";
 *
 * const error = new ExplainedError("gate/failed", {
 *   what: "Cannot register the model",
 *   why: "accuracy is 0.91 and must be >= 0.95",
 *   fix: "Train for longer, or lower the gate in configs/digits",
 * });
 *
 * equal(error.message, "Cannot register the model: accuracy is 0.91 and must be >= 0.95");
 * ```
 */
export class ExplainedError<Code extends string = string> extends Error {
  override readonly name: string = "ExplainedError";
  readonly code: Code;
  readonly what: string;
  readonly why: string;
  readonly fix: string;

  constructor(code: Code, explanation: Explanation) {
    const { what, why, fix, cause } = explanation;
    super(`${what}: ${why}`, cause === undefined ? undefined : { cause });
    this.code = code;
    this.what = what;
    this.why = why;
    this.fix = fix;
  }
}

/** How many problems an error lists before it says "and N more". */
const LISTED_PROBLEMS = 10;

/**
 * Joins problems into the `why` of one error: the first ten, then how many more there are.
 *
 * @param total How many there are in all, when a long search kept only the first of them.
 */
export function listProblems(problems: readonly string[], total: number = problems.length): string {
  const [only] = problems;
  if (total === 1 && only !== undefined) return only;
  const listed = problems.slice(0, LISTED_PROBLEMS).map((problem) => `\n  - ${problem}`);
  const rest = total - listed.length;
  return `${total} problems${listed.join("")}${rest > 0 ? `\n  - and ${rest} more` : ""}`;
}
