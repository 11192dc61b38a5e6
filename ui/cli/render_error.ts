import { ExplainedError } from "../../pipeline/explained_error.ts";
import { type Paint, plainPaint } from "./paint.ts";
import { harmless } from "./text_width.ts";

/** An error as a person and a program read it. */
export interface ErrorText {
  readonly code: string;
  readonly what: string;
  readonly why: string;
  readonly fix: string;
}

/** What to tell of anything that was thrown. An error nobody explained is our bug, and says so. */
export function explainError(error: unknown): ErrorText {
  if (error instanceof ExplainedError) {
    const { code, what, why, fix } = error;
    return { code, what, why, fix };
  }
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return {
    code: "hanok/bug",
    what: "Cannot go on: this is a bug in Hanok",
    why: message,
    fix: "Run it again with --trace and report what it prints. Nothing that was finished is lost",
  };
}

/** Whether what was asked for was wrong (exit code 2), not the work itself (1). */
export function isWrongUsage(code: string): boolean {
  return /^(?:cli\/(?:usage|file-exists|unreadable-json)$|config\/|pipeline\/)|^(?:registry\/not-a-model|run\/not-cached)$|\/(?:unknown|ambiguous|bad)(?:-|$)/
    .test(code);
}

/**
 * The lines of an error: what, then why, fix and code. No stack trace unless it is asked for.
 *
 * @param trace Also shows the stack and those of the causes.
 */
export function renderError(
  error: unknown,
  { trace, paint = plainPaint }: { readonly trace: boolean; readonly paint?: Paint },
): string[] {
  const lines = renderErrorText(explainError(error), paint);
  return trace ? [...lines, "", ...stackLines(error)] : lines;
}

/** The same for an error that is already facts, e.g. of a stored step run. */
export function renderErrorText(error: ErrorText, paint: Paint = plainPaint): string[] {
  return [`${paint.red("✗")} ${paint.bold(harmless(error.what))}`, ...renderReasons(error, paint)];
}

/** The lines below `what`: why, fix and code, aligned; continuation lines are indented. */
export function renderReasons({ why, fix, code }: ErrorText, paint: Paint = plainPaint): string[] {
  return [
    ...hanging(paint.dim("  why   "), why),
    ...hanging(paint.dim("  fix   "), fix),
    `${paint.dim("  code  ")}${code}`,
  ];
}

function hanging(label: string, text: string): string[] {
  if (text === "") return [];
  const [first = "", ...rest] = harmless(text).split("\n");
  return [`${label}${first}`, ...rest.map((line) => `        ${line}`)];
}

function stackLines(error: unknown): string[] {
  if (!(error instanceof Error)) return [`thrown: ${Deno.inspect(error)}`];
  const own = (error.stack ?? `${error.name}: ${error.message}`).split("\n");
  const cause = error.cause === undefined
    ? []
    : ["caused by:", ...stackLines(error.cause).map((line) => `  ${line}`)];
  return [...own, ...cause];
}
