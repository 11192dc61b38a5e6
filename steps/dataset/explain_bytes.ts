import { ExplainedError, listProblems } from "../../pipeline/mod.ts";
import type { TextFile } from "./text_chunks.ts";

/** Lines that are named; the others are only counted. */
const NAMED_LINES = 10;

/** What was found in a file that is not plain UTF-8. */
interface ByteSurvey {
  readonly problems: readonly string[];
  readonly count: number;
  readonly encoding: "UTF-16" | "CP949" | undefined;
}

/** Reads a file once more to say what is wrong with its bytes, and where. */
export async function explainBytes(file: TextFile): Promise<ExplainedError> {
  const { problems, count, encoding } = await surveyBytes(file);
  const what = `Cannot read ${file.shown}`;
  if (encoding !== undefined) {
    const name = encoding === "CP949" ? "CP949 (EUC-KR)" : encoding;
    return new ExplainedError("dataset/bad-encoding", {
      what,
      why: `it is written in ${name}, and must be UTF-8`,
      fix: `Convert it: ${conversion(encoding, file.path)}`,
    });
  }
  const isBinary = problems.every((problem) => problem.includes("NUL"));
  return new ExplainedError("dataset/bad-encoding", {
    what,
    why: listProblems(problems, count),
    fix: isBinary
      ? `If it is a text file, remove the NUL bytes: tr -d '\\000' < ${
        quoted(file.path)
      } > clean.txt`
      : `Find out its encoding and convert it, for example: ${
        conversion("WINDOWS-1252", file.path)
      }`,
  });
}

async function surveyBytes(file: TextFile): Promise<ByteSurvey> {
  const problems: string[] = [];
  let count = 0;
  const lines = lineSurvey((line, problem) => {
    if (++count <= NAMED_LINES) problems.push(`line ${line} ${problem}`);
  });
  const korean = koreanSurvey();
  let isUtf16 = false;
  let offset = 0;
  using handle = await Deno.open(file.path);
  const buffer = new Uint8Array(1 << 16);
  for (;;) {
    file.signal.throwIfAborted();
    const length = await handle.read(buffer);
    if (length === null) break;
    const bytes = buffer.subarray(0, length);
    const start = `${bytes[0]} ${bytes[1]}`;
    if (offset === 0) isUtf16 = start === "255 254" || start === "254 255";
    lines.take(bytes);
    korean.take(bytes);
    offset += length;
  }
  lines.end();
  const encoding = isUtf16 ? "UTF-16" : korean.isLikely() ? "CP949" : undefined;
  return { problems, count, encoding };
}

/** Looks for NUL bytes and for what is not UTF-8, line by line. */
function lineSurvey(
  report: (line: number, problem: string) => void,
): { take(bytes: Uint8Array): void; end(): void } {
  let line = 1;
  let decoder = new TextDecoder("utf-8", { fatal: true });
  let isReported = false;
  const look = (bytes: Uint8Array, more: boolean): void => {
    if (isReported) return;
    if (bytes.includes(0)) {
      isReported = true;
      report(line, "holds a NUL byte");
    } else if (!decodes(decoder, bytes, more)) {
      isReported = true;
      report(line, "is not UTF-8");
    }
  };
  return {
    take(bytes) {
      let start = 0;
      for (let end = bytes.indexOf(10); end !== -1; end = bytes.indexOf(10, start)) {
        look(bytes.subarray(start, end), false);
        start = end + 1;
        line++;
        isReported = false;
        decoder = new TextDecoder("utf-8", { fatal: true });
      }
      look(bytes.subarray(start), true);
    },
    end: () => look(new Uint8Array(), false),
  };
}

/**
 * Whether bytes are Korean text in CP949: all of them decode (the web's "euc-kr" is CP949), and what
 * is not ASCII is mostly Hangul. Western texts in one-byte encodings fail one or the other.
 */
function koreanSurvey(): { take(bytes: Uint8Array): void; isLikely(): boolean } {
  const decoder = new TextDecoder("euc-kr", { fatal: true });
  let isValid = true;
  let hangul = 0;
  let others = 0;
  return {
    take(bytes) {
      if (!isValid) return;
      try {
        const text = decoder.decode(bytes, { stream: true });
        const found = text.match(/[\uAC00-\uD7A3]/g)?.length ?? 0;
        hangul += found;
        others += (text.match(/[^\0-\x7F]/g)?.length ?? 0) - found;
      } catch (error) {
        if (!(error instanceof TypeError)) throw error;
        isValid = false;
      }
    },
    isLikely: () => isValid && hangul > others,
  };
}

function decodes(decoder: TextDecoder, bytes: Uint8Array, more: boolean): boolean {
  try {
    decoder.decode(bytes, { stream: more });
    return true;
  } catch (error) {
    if (error instanceof TypeError) return false;
    throw error;
  }
}

function conversion(encoding: string, path: string): string {
  return `iconv -f ${encoding} -t UTF-8 ${quoted(path)} > ${quoted(`${path}.utf8`)}`;
}

/** A path as one word of a shell. */
function quoted(path: string): string {
  return `'${path.replaceAll("'", `'\\''`)}'`;
}
