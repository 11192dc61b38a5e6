import { ExplainedError } from "../../pipeline/mod.ts";
import type { DownloadOptions } from "./download_file.ts";

/** A file that grows as bytes come in. */
export interface PartialFile {
  readonly file: Deno.FsFile;
  /** Where it is kept which version of the file the bytes so far are of. */
  readonly etagPath: string;
}

/** How often a connection that breaks off is made again without any byte in between. */
const ATTEMPTS = 3;

/**
 * Fetches what is missing of a file.
 *
 * @throws {ExplainedError} `download/unreachable`; what came stays for the next time. `download/not-there`: the server says no.
 */
export async function fetchInto(
  partial: PartialFile,
  address: string,
  options: DownloadOptions,
): Promise<void> {
  for (let attempt = 1;; attempt++) {
    const before = (await partial.file.stat()).size;
    try {
      return await fetchRest(partial, address, before, options);
    } catch (error) {
      options.signal.throwIfAborted();
      if (error instanceof ExplainedError) throw error;
      const size = (await partial.file.stat()).size;
      if (size > before) attempt = 0;
      else if (attempt >= ATTEMPTS) {
        throw unreachable(address, (error as Error).message, size, error);
      }
    }
  }
}

async function fetchRest(
  partial: PartialFile,
  address: string,
  start: number,
  { signal, onBytes }: DownloadOptions,
): Promise<void> {
  const response = await request(partial, address, start, signal);
  const isRest = response.status === 206;
  if (!response.ok) {
    await response.body?.cancel();
    if (response.status === 416) return await startAgain(partial);
    const why = `the server answers ${response.status} ${response.statusText}`.trimEnd();
    if (response.status === 404) throw notThere(address, why);
    throw unreachable(address, why, start);
  }
  if (!isRest) await partial.file.truncate(0);
  await partial.file.seek(0, Deno.SeekMode.End);
  await Deno.writeTextFile(partial.etagPath, response.headers.get("etag") ?? "");
  let done = isRest ? start : 0;
  // A compressed answer has another length than its content.
  const length = response.headers.get("content-encoding") === null
    ? response.headers.get("content-length")
    : null;
  const total = length === null ? undefined : done + Number(length);
  for await (const bytes of response.body ?? []) {
    let rest: Uint8Array = bytes;
    while (rest.length > 0) rest = rest.subarray(await partial.file.write(rest));
    done += bytes.length;
    onBytes?.(done, total);
  }
  if (total !== undefined && done !== total) throw new Error(`${done} of ${total} bytes came`);
}

/** Asks for the rest, if the server can tell that it is of the same file. */
async function request(
  { etagPath }: PartialFile,
  address: string,
  start: number,
  signal: AbortSignal,
): Promise<Response> {
  const etag = await Deno.readTextFile(etagPath).catch(() => "");
  const canResume = start > 0 && etag !== "" && !etag.startsWith("W/");
  const headers: Record<string, string> = canResume
    ? { range: `bytes=${start}-`, "if-range": etag, "accept-encoding": "identity" }
    : { "accept-encoding": "identity" };
  return await fetch(address, { headers, signal });
}

/** Nothing is missing, or the file has become shorter: only a whole fetch can tell. */
async function startAgain({ file }: PartialFile): Promise<void> {
  await file.truncate(0);
  throw new Error("the server has no bytes from there on");
}

function notThere(address: string, why: string): ExplainedError {
  return new ExplainedError("download/not-there", {
    what: `Cannot download ${address}`,
    why,
    fix: "Correct the address, or name a local copy of the file instead",
  });
}

function unreachable(address: string, why: string, kept: number, cause?: unknown): ExplainedError {
  return new ExplainedError("download/unreachable", {
    what: `Cannot download ${address}`,
    why: kept > 0 ? `${why}; ${kept} bytes that came are kept` : why,
    fix: "Look at the network and run again, or name a local copy of the file instead",
    ...(cause === undefined ? {} : { cause }),
  });
}
