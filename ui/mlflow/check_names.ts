import { invalid, invalidValue } from "../../runtime/search/mod.ts";

/** Most characters of names and values, as MLflow has them. */
export const MOST = {
  key: 250,
  paramValue: 6000,
  tagValue: 8000,
  experimentName: 500,
  experimentTagValue: 5000,
  /** MLflow 3's; 2.17 had 5000. */
  registryTagValue: 100_000,
} as const;

/** Refuses a key of a metric, param or tag that MLflow refuses. @throws {MlflowError} */
export function checkKey(key: string, path: string): void {
  if (!/^[/\p{L}\p{M}\p{N}_.\- :]*$/u.test(key)) {
    throw invalidValue(
      path,
      key,
      "Names may only contain alphanumerics, underscores (_), dashes (-), periods (.), spaces ( ), " +
        "colon(:) and slashes (/).",
    );
  }
  const normal = normalPath(key);
  if (normal === key && normal !== "." && !normal.startsWith("..") && !normal.startsWith("/")) {
    return;
  }
  throw invalidValue(
    path,
    key,
    "Names may be treated as files in certain cases, and must not resolve to other names when " +
      `treated as such. This name would resolve to '${normal}'`,
  );
}

/** Refuses an id that no run can have. @throws {MlflowError} */
export function checkRunId(runId: string): void {
  if (!/^[a-zA-Z0-9][\p{L}\p{M}\p{N}_-]{0,255}$/u.test(runId)) throw invalidValue("run_id", runId);
}

/** Refuses a text that is too long. @throws {MlflowError} */
export function checkLength(what: string, most: number, value: string): void {
  if (characters(value) > most) {
    throw invalid(`'${what}' exceeds the maximum length of ${most} characters`);
  }
}

/** Cuts a value that is too long, as MLflow's server does. */
export function truncate(value: string, most: number): string {
  return characters(value) <= most ? value : [...value].slice(0, most).join("");
}

/** Python counts code points. */
function characters(value: string): number {
  return value.length <= 250 ? value.length : [...value].length;
}

/** A path without `.`, `..` and doubled slashes. */
function normalPath(path: string): string {
  const root = /^\/+/.exec(path)?.[0] ?? "";
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== ".." || (root === "" && (parts.length === 0 || parts.at(-1) === ".."))) {
      parts.push(part);
    } else parts.pop();
  }
  const start = root === "//" ? "//" : root === "" ? "" : "/";
  return start + parts.join("/") || ".";
}
