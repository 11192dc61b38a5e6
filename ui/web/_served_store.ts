import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const MAIN = join(ROOT, "ui/cli/main.ts");

/** A store in a temporary folder, filled by running pipelines as a person would. */
export interface TestStore extends AsyncDisposable {
  readonly folder: string;
  /** Runs the command line on this store, as a process of its own. */
  cli(...args: readonly string[]): Promise<string>;
  /** Starts `serve` on this store, as a process of its own, on any free port. */
  serve(...args: readonly string[]): Promise<TestServer>;
}

/** A server process that listens. Disposing it asks it to stop, and waits for it. */
export interface TestServer extends AsyncDisposable {
  /** Without a slash at the end: `http://127.0.0.1:4711`. */
  readonly origin: string;
  /** Number of the process that was started. */
  readonly pid: number;
  /** Settles when it has ended, with what it printed for people. */
  readonly ended: Promise<{ readonly code: number; readonly printed: string }>;
  /** @default "SIGTERM" */
  stop(signal?: Deno.Signal): Promise<Deno.CommandStatus>;
}

/** Makes a store, whose processes have more environment if that is given. The folder's name has a space and Hangul, as those of people do. */
export async function openTestStore(
  env: Readonly<Record<string, string>> = {},
): Promise<TestStore> {
  const folder = await Deno.makeTempDir({ prefix: "hanok web 한옥 " });
  const command = (args: readonly string[], permissions = "-A") =>
    new Deno.Command(Deno.execPath(), {
      args: ["run", "-q", permissions, MAIN, ...args],
      cwd: ROOT,
      env: { HANOK_STORE: folder, HANOK_USER: "mina", NO_COLOR: "1", ...env },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    });
  return {
    folder,
    async cli(...args) {
      const { code, stdout, stderr } = await command(args).output();
      const decoder = new TextDecoder();
      if (code === 0) return decoder.decode(stdout);
      throw new Error(`${args.join(" ")} ended with ${code}: ${decoder.decode(stderr)}`);
    },
    // As `deno task serve` does: what works here works with the permissions that users give it.
    serve: (...args) =>
      startProcess(command(["serve", "--port", "0", "--json", ...args], "-P=serve").spawn()),
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

async function startProcess(process: Deno.ChildProcess): Promise<TestServer> {
  const stderr = process.stderr.text();
  const reader = process.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let printed = "";
  while (!printed.trimEnd().endsWith("}")) {
    const { done, value } = await reader.read();
    if (done) throw new Error(`The server did not start: ${printed}${await stderr}`);
    printed += value;
  }
  const { url } = JSON.parse(printed) as { readonly url?: string };
  if (url === undefined) throw new Error(`The server did not start: ${printed}${await stderr}`);
  const stop = async (signal: Deno.Signal = "SIGTERM"): Promise<Deno.CommandStatus> => {
    try {
      process.kill(signal);
    } catch {
      // It has stopped already.
    }
    const status = await process.status;
    await reader.cancel();
    await stderr;
    return status;
  };
  return {
    origin: url.replace(/\/$/, ""),
    pid: process.pid,
    ended: process.status.then(async ({ code }) => ({ code, printed: await stderr })),
    stop,
    async [Symbol.asyncDispose]() {
      await stop();
    },
  };
}

/** Asks for a prediction. */
export async function post(
  url: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = { "content-type": "application/json" },
): Promise<{ readonly status: number; readonly json: Json; readonly headers: Headers }> {
  const response = await fetch(url, {
    method: "POST",
    headers,
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  return { status: response.status, json: await response.json(), headers: response.headers };
}

/** An answer of the server, looked into by a test. */
// deno-lint-ignore no-explicit-any -- a test reads what it expects, and fails where it is not
export type Json = any;
