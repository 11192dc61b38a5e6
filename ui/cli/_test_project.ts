import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { shellQuote } from "../shell_quote.ts";

/** A project of a user in a temporary folder, with a store of its own. */
export interface TestProject extends AsyncDisposable {
  readonly folder: string;
  /** Runs the command line there, as a process, to its end. */
  cli(args: readonly string[], options?: CliOptions): Promise<CliResult>;
  /** Starts it, to be watched and stopped. */
  start(args: readonly string[], options?: CliOptions): StartedCli;
  /** Starts it on a terminal of its own, which util-linux's `script` makes, with somebody at the keyboard. */
  startOnTerminal(args: readonly string[]): StartedTerminal;
  write(path: string, text: string): Promise<void>;
}

export interface CliOptions {
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
}

export interface CliResult {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A command line that is still running. Disposing it kills it. */
export interface StartedCli extends AsyncDisposable {
  /** Waits until stdout and stderr together hold this text; fails when they end without it. */
  until(text: string): Promise<void>;
  /** All of stdout and stderr so far. */
  readonly printed: () => string;
  kill(signal: Deno.Signal): void;
  readonly code: Promise<number>;
}

/** A command line on a terminal. */
export interface StartedTerminal extends StartedCli {
  /** Presses keys. */
  press(keys: string): Promise<void>;
}

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const MAIN = join(ROOT, "ui/cli/main.ts");

/** A pipeline that measures what it is told to: fast, without an engine. */
export const TOY_PIPELINE = `
import { definePipeline, defineStep, gate, z } from "hanok";

const measure = defineStep({
  module: import.meta.url,
  name: "measure",
  inputs: {},
  outputs: { metrics: "metrics" },
  metrics: () => ["accuracy"],
  params: z.object({ accuracy: z.number(), behave: z.enum(["well", "fail", "wait"]) }),
  async run(context, _inputs, { accuracy, behave }) {
    context.log("measuring carefully");
    context.progress({ done: 1, total: 4, unit: "examples", label: "epoch 1/4", loss: 0.5 });
    if (behave === "fail") throw new Error("the ruler broke");
    if (behave === "wait") {
      const timer = setInterval(() => {}, 1000);
      await new Promise((resolve) => context.signal.addEventListener("abort", resolve));
      clearInterval(timer);
      context.signal.throwIfAborted();
    }
    context.summary("one number");
    return { metrics: { accuracy } };
  },
});

export default definePipeline({
  name: "toy",
  config: z.object({
    accuracy: z.number().default(0.9),
    min_accuracy: z.number().default(0.5),
    behave: z.enum(["well", "fail", "wait"]).default("well"),
  }),
  build({ accuracy, min_accuracy, behave }) {
    const { metrics } = measure("measure", { params: { accuracy, behave } });
    return gate("gate", {
      inputs: { metrics },
      params: { at_least: { accuracy: min_accuracy } },
    });
  },
});
`;

/** Makes a project with these files; its name has a space and Hangul in it. */
export async function openTestProject(
  files: Readonly<Record<string, string>> = { "pipeline.ts": TOY_PIPELINE },
): Promise<TestProject> {
  const temporary = await Deno.realPath(await Deno.makeTempDir({ prefix: "hanok-cli-" }));
  const folder = join(temporary, "나의 project");
  const write = async (path: string, text: string): Promise<void> => {
    await Deno.mkdir(dirname(join(folder, path)), { recursive: true });
    await Deno.writeTextFile(join(folder, path), text);
  };
  const imports = { hanok: new URL("mod.ts", new URL("../../", import.meta.url)).href };
  await write("deno.json", JSON.stringify({ imports }));
  // The versions of the framework's own lock: nothing is looked up.
  await write("deno.lock", await Deno.readTextFile(join(ROOT, "deno.lock")));
  for (const [path, text] of Object.entries(files)) await write(path, text);

  const environment = { INIT_CWD: folder, HANOK_STORE: join(folder, "runs"), NO_COLOR: "1" };
  const words = (args: readonly string[]) => [
    ...["run", "-q", "-A", "--no-check", "--config", join(folder, "deno.json"), MAIN],
    ...args,
  ];
  const spawn = (args: readonly string[], { env = {} }: CliOptions, stdin: "null" | "piped") =>
    new Deno.Command(Deno.execPath(), {
      args: words(args),
      cwd: folder,
      env: { ...environment, ...env },
      stdin,
      stdout: "piped",
      stderr: "piped",
    }).spawn();

  return {
    folder,
    write,
    async cli(args, options = {}) {
      const child = spawn(args, options, options.stdin === undefined ? "null" : "piped");
      if (options.stdin !== undefined) {
        const writer = child.stdin.getWriter();
        await writer.write(new TextEncoder().encode(options.stdin));
        await writer.close();
      }
      const { code, stdout, stderr } = await child.output();
      const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
      return { code, out: out!, err: err! };
    },
    start: (args, options = {}) => watchChild(spawn(args, options, "null")),
    startOnTerminal(args) {
      const typed = [Deno.execPath(), ...words(args)].map(shellQuote).join(" ");
      const child = new Deno.Command("script", {
        args: ["-qefc", typed, "/dev/null"],
        cwd: folder,
        env: { ...environment, TERM: "xterm" },
        stdin: "piped",
        stdout: "piped",
        stderr: "piped",
      }).spawn();
      const writer = child.stdin.getWriter();
      const watched = watchChild(child);
      return {
        ...watched,
        press: (keys) => writer.write(new TextEncoder().encode(keys)),
        async [Symbol.asyncDispose]() {
          await writer.close().catch(() => {}); // it has ended by itself
          await watched[Symbol.asyncDispose]();
        },
      };
    },
    [Symbol.asyncDispose]: () => Deno.remove(temporary, { recursive: true }),
  };
}

/** A test that waits in vain fails with what was printed, instead of hanging. */
const PATIENCE_MS = 60_000;

function watchChild(child: Deno.ChildProcess): StartedCli {
  let printed = "";
  let waiting: (() => void)[] = [];
  const read = async (stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> => {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      printed += text;
      for (const wake of waiting.splice(0)) wake();
    }
  };
  const ended = Promise.all([read(child.stdout), read(child.stderr)]).then(() => {
    for (const wake of waiting) wake();
    waiting = [];
  });
  let isOver = false;
  const guard = setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS);
  const code = Promise.all([child.status, ended]).then(([status]) => {
    isOver = true;
    clearTimeout(guard);
    return status.code;
  });
  const kill = (signal: Deno.Signal): void => {
    if (!isOver) child.kill(signal);
  };
  return {
    printed: () => printed,
    code,
    kill,
    async until(text) {
      while (!printed.includes(text)) {
        if (isOver) throw new Error(`It ended without "${text}":\n${printed}`);
        await Promise.race([new Promise<void>((resolve) => waiting.push(resolve)), code]);
      }
    },
    async [Symbol.asyncDispose]() {
      kill("SIGKILL");
      await code;
    },
  };
}
