import { DEFAULT_ALIAS, type ServingTarget } from "../../runtime/serving/mod.ts";
import { RequestError } from "./error_answer.ts";
import { pathNames } from "./path_names.ts";
import { routeOf } from "./route_of.ts";

/** What the address of a prediction says. */
export interface PredictionPath {
  /** As it stands in the address, without the query. */
  readonly path: string;
  /** One of few: a label of metrics. */
  readonly route: string;
  /** Whose answer is wanted; `undefined` where the server decides. */
  readonly target: ServingTarget | undefined;
}

/** Addresses read before: those of predictions come again and again. `null` is one of something else. */
const KNOWN = new Map<string, PredictionPath | null>();
const MOST_KNOWN = 1000;
const LONGEST_KNOWN = 1000;

const PREDICTION = /^\/(?:predict|models\/[^/]+(?:\/(?:aliases|versions)\/[^/]+)?\/predict)$/;

/** What an address asks for, when it is that of a prediction and nothing is wrong with it; else `undefined`. */
export function findPredictionPath(url: string): PredictionPath | undefined {
  const known = KNOWN.get(url);
  if (known !== undefined) return known ?? undefined;
  const found = readPath(url);
  if (KNOWN.size >= MOST_KNOWN) KNOWN.clear();
  if (url.length <= LONGEST_KNOWN) KNOWN.set(url, found ?? null);
  return found;
}

function readPath(url: string): PredictionPath | undefined {
  const path = pathOf(url);
  if (!PREDICTION.test(path)) return undefined;
  try {
    return { path, route: routeOf(path), target: readTarget(url) };
  } catch (error) {
    if (error instanceof RequestError) return undefined;
    throw error;
  }
}

/**
 * Whose answer the address of a prediction wants; `undefined` where the server decides.
 *
 * @throws {RequestError} 400 for a broken percent code, 404 for a version that is no number.
 */
export function readTarget(url: string): ServingTarget | undefined {
  const [first, name, kind, which] = pathNames(url);
  if (first === "predict") return undefined;
  if (kind === "predict") return { name: name!, alias: DEFAULT_ALIAS };
  if (kind === "aliases") return { name: name!, alias: which! };
  return { name: name!, version: parseVersion(which!) };
}

/** The path of an address, without the query, which may hold what nobody should read in a log. */
export function pathOf(url: string): string {
  const start = url.indexOf("/", 8);
  const end = url.indexOf("?", start);
  return end < 0 ? url.slice(start) : url.slice(start, end);
}

function parseVersion(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new RequestError(404, {
    code: "serving/unknown-version",
    what: `Cannot find version "${text}"`,
    why: "a version is a whole number: 1, 2, 3 …",
    fix: "Ask for a number, or for an alias under …/aliases/:alias/predict",
  });
}
