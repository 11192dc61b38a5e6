import { findRunFile, getRun, type Store } from "../../runtime/store/mod.ts";
import { RequestError } from "./error_answer.ts";

/** A file in the virtual folder of a run. */
export interface RunFileFacts {
  readonly run_id: string;
  readonly run_name: string;
  readonly path: string;
  /** In bytes. */
  readonly size: number;
  /** Where its bytes lie: a name made of its hash, never of its path. */
  readonly blob: string;
}

/**
 * A file that a run left. A path is looked up in the run's own list, so that none leads out of it.
 *
 * @throws {RequestError} 404 when the run has no such file, or its bytes were collected.
 */
export async function getRunFile(
  store: Store,
  reference: string,
  path: string,
): Promise<RunFileFacts> {
  const run = await getRun(store, reference);
  const file = await findRunFile(store, run.runId, path);
  if (file !== undefined && await store.blobs.has(file.hash, file.size)) {
    const { size, hash } = file;
    const blob = store.blobs.pathOf(hash);
    return { run_id: run.runId, run_name: run.runName, path, size, blob };
  }
  throw new RequestError(404, {
    code: file === undefined ? "run/unknown-file" : "run/collected-file",
    what: `Cannot show ${path}`,
    why: file === undefined
      ? `run ${run.runName} has no such file`
      : "its bytes were removed, as no recent run needs them",
    fix: file === undefined
      ? "Choose one of the run's artifacts"
      : "Run the pipeline again: what is missing is made anew",
  });
}

/** Types of files that browsers show as pictures. */
const PICTURES: Readonly<Record<string, string>> = {
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  gif: "image/gif",
  webp: "image/webp",
  svg: "image/svg+xml",
};

/** The media type of a picture by the end of its name, or `undefined`. */
export function pictureType(path: string): string | undefined {
  return PICTURES[/\.([a-z]+)$/i.exec(path)?.[1]?.toLowerCase() ?? ""];
}

/** A file as an answer: shown by nobody's page, run by no browser. */
export async function fileAnswer({ path, size, blob }: RunFileFacts): Promise<Response> {
  const file = await Deno.open(blob);
  const name = encodeURIComponent(path.split("/").at(-1)!);
  return new Response(file.readable, {
    headers: {
      "content-type": pictureType(path) ?? "application/octet-stream",
      "content-length": String(size),
      "content-disposition": `attachment; filename*=UTF-8''${name}`,
      "content-security-policy": "sandbox; default-src 'none'",
      "x-content-type-options": "nosniff",
    },
  });
}

/** Bytes of a text file that are shown. */
const SHOWN_BYTES = 200_000;

/** What can be shown of a file. */
export type FilePreview =
  | { readonly kind: "picture" }
  | { readonly kind: "text"; readonly text: string; readonly isCut: boolean }
  | { readonly kind: "none" };

/** Reads what can be shown of a file: the beginning of texts, JSON laid out. */
export async function readPreview(facts: RunFileFacts): Promise<FilePreview> {
  if (pictureType(facts.path) !== undefined) return { kind: "picture" };
  using file = await Deno.open(facts.blob);
  const bytes = new Uint8Array(Math.min(facts.size, SHOWN_BYTES));
  let length = 0;
  while (length < bytes.length) {
    const read = await file.read(bytes.subarray(length));
    if (read === null) break;
    length += read;
  }
  const isCut = facts.size > SHOWN_BYTES;
  const text = decodeText(bytes.subarray(0, length), isCut);
  if (text === undefined) return { kind: "none" };
  return { kind: "text", text: isCut ? text : layOut(text, facts.path), isCut };
}

/** The text, or `undefined` for bytes that are none. */
function decodeText(bytes: Uint8Array<ArrayBuffer>, isCut: boolean): string | undefined {
  try {
    // Cut in the middle of a character: with `stream` the rest of it is left out.
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: isCut });
    return text.includes("\0") ? undefined : text;
  } catch {
    return undefined;
  }
}

function layOut(text: string, path: string): string {
  if (!path.endsWith(".json")) return text;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text; // shown as it is: that it is not JSON is what somebody may be looking for
  }
}
