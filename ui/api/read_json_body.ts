import { RequestError } from "./error_answer.ts";

/** Largest body of a request, in bytes. */
export const BODY_LIMIT = 8 * 1024 * 1024;

/**
 * The JSON that a request carries.
 *
 * @throws {RequestError} 415 for another content type, 413 when it is too long, 400 when it is not JSON.
 */
export async function readJsonBody(request: Request): Promise<unknown> {
  checkType(request);
  const bytes = await readBody(request);
  try {
    return JSON.parse(UTF8.decode(bytes));
  } catch (cause) {
    // Of the two only the decoder says a TypeError.
    if (cause instanceof TypeError) throw badJson("it holds bytes that are not UTF-8");
    if (bytes.length === 0) throw badJson("its body is empty");
    throw badJson(describeSyntax(cause as SyntaxError));
  }
}

/**
 * The same, in half the time, for what holds no text: bytes that are not UTF-8 become U+FFFD, which is no part of a number,
 * nor of a name that is looked for.
 *
 * @throws {RequestError} As `readJsonBody`.
 */
export async function readTextlessJson(request: Request): Promise<unknown> {
  const length = request.headers.get("content-length");
  // How much comes without one must be counted on the way.
  if (length === null) return await readJsonBody(request);
  checkType(request);
  checkLength(length, BODY_LIMIT);
  try {
    return await request.json();
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cutOff(cause);
    if (length === "0") throw badJson("its body is empty");
    if (cause.message.includes("\ufffd")) throw badJson("it holds bytes that are not UTF-8");
    throw badJson(describeSyntax(cause));
  }
}

function checkType({ headers }: Request): void {
  const type = headers.get("content-type") ?? "";
  if (type !== "application/json" && !JSON_TYPE.test(type)) throw wrongType(type);
}

/** Refuses other bytes: a replacement character would be taken for one that was sent. */
const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

const JSON_TYPE = /^application\/json\s*(;\s*charset\s*=\s*"?utf-8"?\s*)?;?\s*$/i;

function wrongType(type: string): RequestError {
  return new RequestError(415, {
    code: "request/unsupported-type",
    what: "Cannot read the request",
    why: type === "" ? "it has no content type" : `its content type is "${type}"`,
    fix: "Send JSON in UTF-8 with the header `content-type: application/json`",
  });
}

function describeSyntax({ message }: SyntaxError): string {
  if (/^Unexpected token '\ufeff'/.test(message)) return "it begins with a byte order mark";
  return `its body is not JSON: ${message}`;
}

function badJson(why: string): RequestError {
  return new RequestError(400, {
    code: "request/bad-json",
    what: "Cannot read the request",
    why,
    fix: 'Send a JSON object in UTF-8, such as { "rows": [{ … }] }',
  });
}

/**
 * The text of a body, read no further than the limit; bytes that are not UTF-8 become U+FFFD.
 *
 * @throws {RequestError} As `readBody`.
 */
export async function readText(request: Request, limit: number = BODY_LIMIT): Promise<string> {
  const length = request.headers.get("content-length");
  if (length === null || Number(length) > limit) {
    return new TextDecoder().decode(await readBody(request, limit));
  }
  try {
    return await request.text();
  } catch (cause) {
    throw cutOff(cause);
  }
}

/**
 * The bytes of a body, read no further than the limit.
 *
 * @throws {RequestError} 413, or 503 when the line was cut or the server is being stopped.
 */
export async function readBody(
  request: Request,
  limit: number = BODY_LIMIT,
): Promise<Uint8Array<ArrayBuffer>> {
  const length = request.headers.get("content-length");
  checkLength(length, limit);
  // No more than the announced length can follow; without one the size is counted on the way.
  try {
    if (length !== null) return new Uint8Array(await request.arrayBuffer());
    return await readStream(request, limit);
  } catch (cause) {
    throw cause instanceof RequestError ? cause : cutOff(cause);
  }
}

function checkLength(length: string | null, limit: number): void {
  if (Number(length ?? 0) > limit) throw tooLarge(limit);
}

async function readStream(request: Request, limit: number): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.length;
    if (size > limit) throw tooLarge(limit);
    chunks.push(chunk);
  }
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

/** Somebody who still hears this answer was cut off by a server that stops. */
function cutOff(cause: unknown): RequestError {
  return new RequestError(503, {
    code: "request/cut-off",
    what: "Cannot read the request",
    why: `its body ended too early: ${cause instanceof Error ? cause.message : cause}`,
    fix: "Send it again",
  });
}

/** Lets bytes through and counts them. More than the limit are an error, 413, on both sides. */
export function limitBytes(limit: number): TransformStream<Uint8Array, Uint8Array> {
  let size = 0;
  return new TransformStream({
    transform(chunk, controller) {
      size += chunk.length;
      if (size > limit) controller.error(tooLarge(limit));
      else controller.enqueue(chunk);
    },
  });
}

/** Says that a body is larger than it may be. */
export function tooLarge(limit: number): RequestError {
  return new RequestError(413, {
    code: "request/too-large",
    what: "Cannot read the request",
    why: `its body is larger than ${Math.round(limit / 1024 / 1024 * 100) / 100} MiB`,
    fix: "Send less at a time",
  });
}
