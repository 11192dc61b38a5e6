import { join } from "node:path";

/** A line of the access log. */
export interface AccessLine {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly ms: number;
}

/** Keeps a line a request as JSON lines. Disposing it writes what is left. */
export interface AccessLog extends AsyncDisposable {
  write(line: AccessLine): void;
}

const FILE = "access.jsonl";
/** A longer file makes place for a new one; the one before is kept beside it. */
const LONGEST_FILE = 50_000_000;
/** Lines are written together, so that none of them costs a request its time. */
const FLUSH_MS = 250;
/** So many lines are written before the time is over. */
const MOST_LINES = 8192;

/** Opens `access.jsonl` in the store. */
export async function openAccessLog(folder: string): Promise<AccessLog> {
  const path = join(folder, FILE);
  let size = await Deno.stat(path).then(({ size }) => size, () => 0);
  // Columns, and texts only when they are written: what lives for long is carried through every collection of garbage.
  const ids: string[] = [];
  const methods: string[] = [];
  const paths: string[] = [];
  const numbers = new Float64Array(3 * MOST_LINES);
  let count = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let writing = Promise.resolve();

  const render = (): string => {
    let text = "";
    let [last, at, lastPath, path] = [NaN, "", "", ""];
    for (let i = 0; i < count; i++) {
      const now = numbers[3 * i]!;
      if (now !== last) [last, at] = [now, new Date(now).toISOString()];
      if (paths[i] !== lastPath) [lastPath, path] = [paths[i]!, JSON.stringify(paths[i])];
      const ms = Math.round(numbers[3 * i + 2]! * 100) / 100;
      text += `{"at":"${at}","id":"${ids[i]}","method":"${methods[i]}","path":${path},` +
        `"status":${numbers[3 * i + 1]},"ms":${ms}}\n`;
    }
    return text;
  };
  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    const text = render();
    count = 0;
    writing = writing.then(async () => {
      try {
        if (size > LONGEST_FILE) {
          await Deno.rename(path, join(folder, "access.1.jsonl"));
          size = 0;
        }
        await Deno.writeTextFile(path, text, { append: true });
        size += text.length;
      } catch {
        // A full disk must not stop predictions.
      }
    });
  };

  return {
    write({ id, method, path, status, ms }) {
      ids[count] = id;
      methods[count] = method;
      paths[count] = path;
      numbers[3 * count] = Date.now();
      numbers[3 * count + 1] = status;
      numbers[3 * count + 2] = ms;
      count++;
      if (count === MOST_LINES) flush();
      else timer ??= setTimeout(flush, FLUSH_MS);
    },
    async [Symbol.asyncDispose]() {
      if (count > 0) flush();
      await writing;
    },
  };
}
