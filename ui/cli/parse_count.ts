import { usageError } from "./usage_error.ts";

/**
 * A whole number from 1 on, as an option's value.
 *
 * @throws {ExplainedError} `cli/usage` for anything else.
 */
export function parseCount(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 1) return value;
  throw usageError(`"${text}" is no whole number from 1 on`, "Give a number such as 20");
}
