import { ExplainedError, listProblems } from "../../pipeline/explained_error.ts";

/** Most characters of a name and of the values, as MLflow has them. */
export const LIMITS = { key: 250, paramValue: 6000, tagValue: 8000 } as const;

/** Why a name of a metric, param or tag is refused, or `undefined`. */
export function keyProblem(key: string): string | undefined {
  if (key === "") return "a name is empty";
  if (key.length > LIMITS.key) {
    return `"${key.slice(0, 40)}…" has ${key.length} characters, and may have ${LIMITS.key}`;
  }
  if (!/^[/\p{L}\p{M}\p{N}_.\- :]*$/u.test(key)) {
    return `${
      JSON.stringify(key)
    } may hold only letters, digits, "_", "-", ".", ":", "/" and spaces`;
  }
  // As a path it must stay where it is.
  if (key.startsWith("/") || key.split("/").some((part) => ["", ".", ".."].includes(part))) {
    return `"${key}" must be a plain path: no "//", no "." or ".." as a part, no "/" at an end`;
  }
  return undefined;
}

/** @throws {ExplainedError} `store/bad-name` naming every name that is refused. */
export function checkKeys(keys: Iterable<string>): void {
  const problems = [...new Set(keys)].map(keyProblem).filter((each) => each !== undefined);
  if (problems.length === 0) return;
  throw new ExplainedError("store/bad-name", {
    what: "Cannot log under this name",
    why: listProblems(problems),
    fix: "Rename the metric, param or tag",
  });
}

/**
 * Refuses a path that would leave the folder of a run: absolute, with a drive, with `..`.
 *
 * @throws {ExplainedError} `store/bad-name`.
 */
export function checkArtifactPath(path: string): void {
  const parts = path.split("/");
  const isPlain = path !== "" && !/[\\\0]|^[A-Za-z]:/.test(path) &&
    !parts.some((part) => ["", ".", ".."].includes(part));
  if (isPlain) return;
  throw new ExplainedError("store/bad-name", {
    what: `Cannot keep an artifact as ${JSON.stringify(path)}`,
    why: 'it must be a path inside the run\'s folder: no "/" in front, no "..", no drive, no "\\"',
    fix: 'Name it like "plots/loss.png"',
  });
}

/** Cuts a value that is too long, as MLflow's client does. */
export function cut(value: string, limit: number): string {
  return value.length <= limit ? value : `${value.slice(0, limit - 3)}...`;
}
