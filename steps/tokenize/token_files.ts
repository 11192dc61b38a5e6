import type { FileContent, FolderHandle } from "../../pipeline/mod.ts";

/** A split as tokens and classes. */
export interface TokenizedSplit {
  readonly count: number;
  /** Tokens of all texts, one after the other, begin and end included. */
  readonly ids: Int32Array;
  /** Where each text begins in `ids`, and at the end where the last one ends. */
  readonly starts: Int32Array;
  /** Class ids. */
  readonly targets: Int32Array;
}

/** Numbers are 32 bits, little-endian. */
const FILES = { ids: "ids.bin", starts: "starts.bin", targets: "targets.bin" } as const;

/** The files of a split. */
export function renderSplit(split: TokenizedSplit): Readonly<Record<string, FileContent>> {
  return {
    [FILES.ids]: bytesOf(split.ids),
    [FILES.starts]: bytesOf(split.starts),
    [FILES.targets]: bytesOf(split.targets),
  };
}

/** Reads what a tokenize step wrote. */
export async function readSplit(folder: FolderHandle): Promise<TokenizedSplit> {
  const [ids, starts, targets] = await Promise.all(
    [FILES.ids, FILES.starts, FILES.targets].map(async (path) =>
      numbersOf(await folder.read(path))
    ),
  );
  return { count: targets!.length, ids: ids!, starts: starts!, targets: targets! };
}

function bytesOf(numbers: Int32Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(4 * numbers.length);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < numbers.length; i++) view.setInt32(4 * i, numbers[i]!, true);
  return bytes;
}

function numbersOf(bytes: Uint8Array<ArrayBuffer>): Int32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Int32Array.from({ length: bytes.length / 4 }, (_, i) => view.getInt32(4 * i, true));
}
