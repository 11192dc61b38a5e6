import { isAbsolute, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { invalid } from "../../runtime/search/mod.ts";

/**
 * Where an experiment is to keep its files: a URI, or a path on the server's disk; a relative one is made absolute, others
 * stay as they are.
 *
 * @param cwd Where a relative path begins.
 * @returns `undefined` for an empty one.
 * @throws {MlflowError} For one that leads elsewhere than it says.
 */
export function readArtifactLocation(location: string, cwd: string): string | undefined {
  if (location === "") return undefined;
  const scheme = schemeOf(location);
  if (scheme === "runs") {
    throw invalid(
      `Invalid artifact location: '${location}'. An artifact location cannot be a runs:/ URI`,
    );
  }
  const { path, query, fragment } = splitUri(location);
  if (fragment !== "" || (scheme !== "" && path.includes(";"))) {
    throw invalid("'artifact_location' URL can't include fragments or params.");
  }
  if (unquoteFully(query).includes("..")) throw invalid("Invalid query string: it leads upward");
  if (scheme !== "" && hasUpward(path)) {
    throw invalid(`Invalid artifact location: '${location}'. It leads upward`);
  }
  if (unquoteFully(location).includes("\0")) throw invalid("Invalid artifact location");
  return scheme !== "" || isAbsolute(location) ? location : resolve(cwd, location);
}

/** The scheme of a URI; empty for a path. */
export function schemeOf(uri: string): string {
  return /^([a-z][a-z0-9+.-]*):/i.exec(uri)?.[1]?.toLowerCase() ?? "";
}

/** Whether it lies on the server's disk. */
export function isLocal(uri: string): boolean {
  return ["", "file"].includes(schemeOf(uri));
}

/** The path of a local URI. @throws {MlflowError} For one of another host. */
export function localPath(uri: string): string {
  if (schemeOf(uri) !== "file") return resolve(uri);
  const { authority, path } = splitUri(uri);
  if (authority !== "" && authority !== "localhost") throw invalid(`${uri} is not local`);
  try {
    return resolve(decodeURIComponent(path));
  } catch {
    throw invalid(`${uri} is no valid URI`);
  }
}

/** A path as a URI. */
export function fileUri(path: string): string {
  return pathToFileURL(path).href;
}

/** The parts of a URI, as they are written. */
export function splitUri(
  uri: string,
): {
  readonly authority: string;
  readonly path: string;
  readonly query: string;
  readonly fragment: string;
} {
  const parts = /^(?:[a-z][a-z0-9+.-]*:)?(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/is
    .exec(uri);
  const [, authority = "", path = "", query = "", fragment = ""] = parts ?? [];
  return { authority, path, query, fragment };
}

/** Undoes percent signs until none is left. */
export function unquoteFully(text: string): string {
  for (let round = 0; round < 10; round++) {
    let unquoted: string;
    try {
      unquoted = decodeURIComponent(text.replaceAll("+", " "));
    } catch {
      return text;
    }
    if (unquoted === text) return text;
    text = unquoted;
  }
  return text;
}

function hasUpward(path: string): boolean {
  return unquoteFully(path).split(/[/\\]/).includes("..");
}
