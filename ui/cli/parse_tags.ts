import { listProblems } from "../../pipeline/mod.ts";
import { usageError } from "./usage_error.ts";

/**
 * Parses `key=value` words.
 *
 * @throws {ExplainedError} `cli/usage` naming every word that is none.
 */
export function parseTags(words: readonly string[]): Readonly<Record<string, string>> {
  const wrong = words.filter((word) => word.indexOf("=") < 1);
  if (wrong.length > 0) {
    throw usageError(
      listProblems(wrong.map((word) => `--tag ${word}: there is no "key=" in front`)),
      "Write it as --tag key=value",
    );
  }
  return Object.fromEntries(
    words.map((word) => [word.slice(0, word.indexOf("=")), word.slice(word.indexOf("=") + 1)]),
  );
}
