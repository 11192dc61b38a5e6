import { ExplainedError } from "../../pipeline/mod.ts";
import { explainBytes } from "./explain_bytes.ts";
import { explainOpening } from "./explain_opening.ts";

/** Bytes read at once; between two reads the event loop gets its turn. */
const READ_BYTES = 1 << 18;

/** A text file to be read. */
export interface TextFile {
  /** Where it lies. */
  readonly path: string;
  /** As the user wrote it, for messages. */
  readonly shown: string;
  readonly signal: AbortSignal;
  /** Told how many bytes were read just now, and how many the file has. */
  readonly onBytes?: (count: number, size: number) => void;
}

/**
 * The text of a UTF-8 file in pieces, cut anywhere; a byte order mark is left out.
 *
 * @throws {ExplainedError} `dataset/missing-file`, `dataset/unreadable-file`, or `dataset/bad-encoding`
 * for NUL bytes and for what is not UTF-8.
 */
export async function* textChunks(file: TextFile): AsyncGenerator<string, void, undefined> {
  const { handle: opened, size } = await openFile(file);
  using handle = opened;
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const buffer = new Uint8Array(READ_BYTES);
  for (;;) {
    file.signal.throwIfAborted();
    const count = await handle.read(buffer);
    if (count !== null) file.onBytes?.(count, size);
    const text = decode(decoder, count === null ? undefined : buffer.subarray(0, count));
    if (text === undefined || text.includes("\0")) throw await explainBytes(file);
    if (text !== "") yield text;
    if (count === null) return;
  }
}

/**
 * Opens a file for reading.
 *
 * @throws {ExplainedError} `dataset/missing-file`, `dataset/unreadable-file`.
 */
export async function openFile(file: TextFile): Promise<{ handle: Deno.FsFile; size: number }> {
  try {
    const { isFile, size } = await Deno.stat(file.path);
    if (isFile) return { handle: await Deno.open(file.path), size };
  } catch (error) {
    throw await explainOpening(file, error);
  }
  throw new ExplainedError("dataset/unreadable-file", {
    what: `Cannot read ${file.shown}`,
    why: "it is a folder, or something else that is no file",
    fix: "Give `path` of the dataset step the file inside it",
  });
}

/** The text, or `undefined` when the bytes are not UTF-8. */
function decode(decoder: TextDecoder, bytes: Uint8Array | undefined): string | undefined {
  try {
    return bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true });
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}
