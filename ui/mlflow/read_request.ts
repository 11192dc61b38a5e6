import { invalid } from "../../runtime/search/mod.ts";
import { readText } from "../api/mod.ts";
import { type Fields, type Message, readFields } from "./fields.ts";
import { readHiddenBody } from "./hidden_body.ts";

/** Most bytes of a request that is no file. */
const MAX_BODY = 64_000_000;

/**
 * Reads a request as MLflow's server does: a query string or a JSON body, unknown fields ignored.
 *
 * @throws {MlflowError} For a wrong content type, or a field that is missing or of another type.
 */
export async function readRequest<F extends Fields>(
  request: Request,
  url: URL,
  fields: F,
): Promise<Message<F>> {
  if (request.method === "GET" && url.search.length > 1) {
    return readFields(fields, fromQuery(url.searchParams, fields));
  }
  const body = await readBody(request);
  const given = parseBody(body);
  return readFields(fields, given, (value) => quoteSource(body, value));
}

/**
 * The text of a body.
 *
 * @throws {MlflowError} For a content type other than JSON.
 * @throws {RequestError} 413 for a body too long, however it is sent.
 */
export async function readBody(request: Request): Promise<string> {
  if (request.method === "GET") return await readHiddenBody(request);
  if (request.method === "POST" || request.method === "PUT") {
    const type = request.headers.get("content-type")?.split(";")[0]?.trim();
    if (type !== "application/json") {
      throw invalid("Bad Request. Content-Type must be one of ['application/json'].");
    }
  }
  return await readText(request, MAX_BODY);
}

/** What a body says; one that is no JSON says nothing. Old clients encode it twice. */
export function parseBody(body: string): Readonly<Record<string, unknown>> {
  let value = parseJson(body);
  if (typeof value === "string") value = parseJson(value);
  return value !== null && typeof value === "object" && !Array.isArray(value)
    ? value as Readonly<Record<string, unknown>>
    : {};
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Python writes NaN and infinities as bare words.
  }
  const bare = /"(?:[^"\\]|\\.)*"|-?\b(?:NaN|Infinity)\b/g;
  try {
    return JSON.parse(text.replaceAll(bare, (word) => word.startsWith('"') ? word : `"${word}"`));
  } catch {
    return undefined;
  }
}

/** A value as the client wrote it: 9.0 is not 9. */
function quoteSource(body: string, wanted: unknown): string {
  if (typeof wanted !== "number") return JSON.stringify(wanted);
  const pattern = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
  for (const [source] of body.matchAll(pattern)) {
    if (!source.startsWith('"') && Number(source) === wanted) return source;
  }
  return String(wanted);
}

function fromQuery(params: URLSearchParams, fields: Fields): Record<string, unknown> {
  const given: Record<string, unknown> = {};
  for (const [name, { isList, alias }] of Object.entries(fields)) {
    for (const key of alias === undefined ? [name] : [name, alias]) {
      if (params.has(key)) given[key] = isList ? params.getAll(key) : params.get(key);
    }
  }
  return given;
}
