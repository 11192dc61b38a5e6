import { RequestError } from "./error_answer.ts";

/** Addresses read before: those of predictions come again and again. */
const KNOWN = new Map<string, readonly string[]>();
const MOST_KNOWN = 1000;

/**
 * The names in a path, each decoded once: `/models/team%2Fdigits/predict` → `["models", "team/digits", "predict"]`.
 * A router that decodes the path before it matches cannot tell a `/` in a name from one between names.
 *
 * @throws {RequestError} 400 for a broken percent code.
 */
export function pathNames(url: string): readonly string[] {
  const known = KNOWN.get(url);
  if (known !== undefined) return known;
  const names = readNames(url);
  if (KNOWN.size >= MOST_KNOWN) KNOWN.clear();
  if (url.length <= 1000) KNOWN.set(url, names);
  return names;
}

function readNames(url: string): readonly string[] {
  const { pathname } = new URL(url);
  try {
    return pathname.slice(1).split("/").map(decodeURIComponent);
  } catch {
    throw new RequestError(400, {
      code: "request/bad-path",
      what: "Cannot read the address",
      why: `"${pathname}" holds a broken percent code`,
      fix: "Encode names with encodeURIComponent",
    });
  }
}
