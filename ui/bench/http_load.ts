import { join } from "node:path";

/** A request that is sent again and again. */
export interface LoadRequest {
  readonly url: string;
  readonly body: unknown;
  readonly connections: number;
  readonly seconds: number;
}

/** Whether wrk is there to make load. */
export async function hasWrk(): Promise<boolean> {
  return await new Deno.Command("wrk", { args: ["--version"], stdout: "null", stderr: "null" })
    .output().then(() => true, () => false);
}

/**
 * Requests that a server answers a second, as wrk counts them.
 *
 * @throws {Error} When it answers one with anything but success.
 */
export async function measureLoad(
  { url, body, connections, seconds }: LoadRequest,
  scratch: string,
): Promise<number> {
  const script = join(scratch, "request.lua");
  // Several bodies are sent in turn.
  const bodies = (Array.isArray(body) ? body : [body]).map((each) => JSON.stringify(each));
  await Deno.writeTextFile(
    script,
    `local bodies = { ${bodies.map((each) => `[==[${each}]==]`).join(", ")} }
local at = 0
request = function()
  at = at % #bodies + 1
  return wrk.format("POST", nil, { ["content-type"] = "application/json" }, bodies[at])
end
`,
  );
  const args = ["-t1", `-c${connections}`, `-d${seconds}s`, "--timeout", "30s", "-s", script, url];
  const { stdout } = await new Deno.Command("wrk", { args, stderr: "null" }).output();
  const output = new TextDecoder().decode(stdout);
  const rate = /Requests\/sec:\s+([\d.]+)/.exec(output)?.[1];
  if (rate === undefined || /Non-2xx/.test(output)) throw new Error(`${url}: ${output}`);
  return Number(rate);
}

/** A server process that answers. Disposing it ends it. */
export interface BenchServer extends AsyncDisposable {
  readonly origin: string;
  /** From the start of the process to the first answer, in seconds. */
  readonly startSeconds: number;
}

/** What to start, and how to tell that it is up. */
export interface BenchServerOptions {
  readonly args: readonly string[];
  readonly port: number;
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: Uint8Array;
  /** The first request; it is sent until it is answered with success. */
  readonly first: { readonly path: string; readonly body: unknown };
}

/** Starts a server and waits for its first answer. */
export async function startBenchServer(options: BenchServerOptions): Promise<BenchServer> {
  const [program, ...args] = options.args;
  const start = performance.now();
  const process = new Deno.Command(program!, {
    args,
    cwd: options.cwd,
    env: { NO_COLOR: "1", ...options.env },
    stdin: options.stdin === undefined ? "null" : "piped",
    stdout: "null",
    stderr: "null",
  }).spawn();
  if (options.stdin !== undefined) {
    const writer = process.stdin.getWriter();
    await writer.write(options.stdin);
    await writer.close();
  }
  const origin = `http://127.0.0.1:${options.port}`;
  const stop = async (): Promise<void> => {
    try {
      process.kill("SIGTERM");
    } catch {
      // It has ended already.
    }
    await process.status;
  };
  let hasEnded = false;
  void process.status.then(() => hasEnded = true);
  while (!await answers(`${origin}${options.first.path}`, options.first.body)) {
    if (hasEnded || performance.now() - start > 60_000) {
      await stop();
      throw new Error(`${options.args.join(" ")} does not answer`);
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const startSeconds = (performance.now() - start) / 1000;
  return { origin, startSeconds, [Symbol.asyncDispose]: stop };
}

async function answers(url: string, body: unknown): Promise<boolean> {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}
