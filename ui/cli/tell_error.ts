import { explainError, isWrongUsage, renderError } from "./render_error.ts";
import { printJson } from "./shell.ts";
import type { Terminal } from "./terminal.ts";

/**
 * Tells an error on stderr and, with `--json`, also as the one document on stdout.
 *
 * @returns The exit code: 2 for wrong usage or config, else 1.
 */
export function tellError(error: unknown, args: readonly string[], terminal: Terminal): 1 | 2 {
  const { err } = terminal;
  err.lines(renderError(error, { trace: args.includes("--trace"), paint: err.paint }));
  const text = explainError(error);
  // Where nothing can be printed, the document that says so cannot be printed either.
  if (args.includes("--json") && text.code !== "cli/cannot-print") {
    printJson({ terminal }, { error: text });
  }
  return isWrongUsage(text.code) ? 2 : 1;
}
