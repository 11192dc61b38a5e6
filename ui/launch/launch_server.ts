import { fileURLToPath } from "node:url";
import { ExplainedError } from "../../pipeline/explained_error.ts";
import { projectRoot, type Settings } from "../../runtime/settings.ts";
import type { RunningServer, ServerOptions } from "../web/mod.ts";
import { type RunPlace, type RunProcess, runStarter } from "./run_process.ts";
import {
  type PlainOptions,
  readMessages,
  type ToLauncher,
  type ToldError,
  type ToServer,
  writeMessage,
} from "./server_messages.ts";
import { packageFolders, serverFlags } from "./server_permissions.ts";

const SERVER = fileURLToPath(new URL("./server_process.ts", import.meta.url));

/**
 * Garbage is collected by the thread that makes it: there is little that lives, helpers have to be woken up for it, and
 * they take the core that the network needs.
 */
const V8_FLAGS = "--v8-flags=--single-threaded-gc";

/** What the launcher does for the server itself. */
export type LaunchOptions =
  & PlainOptions
  & Pick<ServerOptions, "signal" | "onEvent" | "onFirstToken">
  & { readonly storeFolder: string };

/**
 * Starts the server as a process of its own, with the permissions that its store and address need and no more. Runs that
 * it asks for are started here.
 *
 * @throws {ExplainedError} As `startServer` does; `server/ended` when the process dies of something.
 */
export async function launchServer(
  options: LaunchOptions,
  settings: Settings,
): Promise<RunningServer> {
  const { signal, onEvent, onFirstToken, ...plain } = options;
  const { storeFolder } = options;
  const { storeUrl } = options;
  const place = { cwd: settings.cwd, project: projectRoot(settings.cwd), storeFolder, storeUrl };
  const packages = await packageFolders(place.project);
  const flags = serverFlags({ options: plain, settings, storeFolder, packages });
  const child = new Deno.Command("deno", {
    args: ["run", "-q", "--no-prompt", V8_FLAGS, "-P=server", ...flags, SERVER],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const pipe = child.stdin.getWriter();
  const tell = (message: ToServer): void => {
    // A server that has ended hears nothing, and says so by its status.
    pipe.write(writeMessage(message)).catch(() => {});
  };
  tell({ type: "start", options: plain, place });
  const stop = (): void => tell({ type: "stop" });
  signal?.addEventListener("abort", stop, { once: true });
  if (signal?.aborted) stop();
  const listening = Promise.withResolvers<Extract<ToLauncher, { type: "listening" }>>();
  const runs = openRuns(place, tell);
  let problem: ToldError | undefined;
  const hear = async (): Promise<void> => {
    for await (const message of readMessages<ToLauncher>(child.stdout)) {
      if (message.type === "listening") listening.resolve(message);
      else if (message.type === "event") onEvent?.(message.event);
      else if (message.type === "first-token") onFirstToken?.(message.token);
      else if (message.type === "failed") problem = message.error;
      else runs.hear(message);
    }
  };
  const finished = hear().then(async () => {
    const { code } = await child.status;
    signal?.removeEventListener("abort", stop);
    await pipe.close().catch(() => {});
    await runs.end();
    if (problem !== undefined) throw errorOf(problem);
    if (code !== 0) throw endedBy(code);
  });
  finished.catch(listening.reject);
  const { url, port } = await listening.promise;
  return {
    url,
    port,
    finished,
    async [Symbol.asyncDispose]() {
      stop();
      await finished;
    },
  };
}

/** Runs that the server asked for, and the pipelines that there are. */
function openRuns(place: RunPlace, tell: (message: ToServer) => void) {
  const start = runStarter(place);
  const going = new Map<number, RunProcess>();
  const begin = async (
    { id, request }: Extract<ToLauncher, { type: "start-run" }>,
  ): Promise<void> => {
    try {
      const run = await start(request);
      going.set(id, run);
      tell({ type: "run-started", id, pid: run.pid });
      const ending = await run.ended;
      going.delete(id);
      tell({ type: "run-ended", id, ending });
    } catch (error) {
      tell({ type: "run-refused", id, why: error instanceof Error ? error.message : `${error}` });
    }
  };
  // The server itself may not look at the project.
  const list = async (id: number): Promise<void> => {
    const { describePipelines } = await import("../../runtime/pipelines/describe_pipelines.ts");
    const pipelines = await describePipelines(place.project).catch(() => []);
    tell({ type: "pipelines", id, pipelines });
  };
  return {
    hear(message: ToLauncher): void {
      if (message.type === "start-run") void begin(message);
      else if (message.type === "list-pipelines") void list(message.id);
      else if (message.type === "stop-run") going.get(message.id)?.stop();
    },
    /** Stops what goes on, and waits for it. */
    async end(): Promise<void> {
      const left = [...going.values()];
      for (const run of left) run.stop();
      await Promise.all(left.map(({ ended }) => ended));
    },
  };
}

function errorOf(error: ToldError): Error {
  if ("stack" in error) return new Error(error.stack);
  const { code, ...explanation } = error;
  return new ExplainedError(code, explanation);
}

function endedBy(code: number): ExplainedError {
  return new ExplainedError("server/ended", {
    what: "Cannot go on serving",
    why: `the server's process ended with ${code}`,
    fix: "Look at what it printed last, and start it again",
  });
}
