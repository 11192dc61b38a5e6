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

/** Opens `access.jsonl` in the store. */
export async function openAccessLog(folder: string): Promise<AccessLog> {
  const path = join(folder, FILE);
  let size = await Deno.stat(path).then(({ size }) => size, () => 0);
  let lines: string[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  let last = 0;
  let at = "";
  let writing = Promise.resolve();

  const flush = (): void => {
    timer = undefined;
    const text = lines.join("");
    lines = [];
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
    write({ id, method, path: given, status, ms }) {
      const now = Date.now();
      if (now !== last) [last, at] = [now, new Date(now).toISOString()];
      const path = /["\\\p{Cc}]/u.test(given) ? JSON.stringify(given).slice(1, -1) : given;
      lines.push(
        `{"at":"${at}","id":"${id}","method":"${method}","path":"${path}","status":${status},` +
          `"ms":${Math.round(ms * 100) / 100}}\n`,
      );
      timer ??= setTimeout(flush, FLUSH_MS);
    },
    async [Symbol.asyncDispose]() {
      clearTimeout(timer);
      if (lines.length > 0) flush();
      await writing;
    },
  };
}
