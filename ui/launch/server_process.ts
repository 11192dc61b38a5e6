/**
 * The server as a process that may do nothing else: it opens one store, listens at one address, and asks its launcher
 * for whatever needs more. It ends when the launcher does.
 *
 * @module
 */

import { ExplainedError } from "../../pipeline/explained_error.ts";
import { startServer } from "../web/mod.ts";
import type { PipelineFiles } from "../../runtime/pipelines/describe_pipelines.ts";
import type { RunEnding, RunProcess, StartRun } from "./run_process.ts";
import {
  readMessages,
  type ToLauncher,
  type ToldError,
  type ToServer,
  writeMessage,
} from "./server_messages.ts";

/** Serves until the launcher says so or goes away. */
async function main(): Promise<void> {
  const stopping = new AbortController();
  // Ctrl-C reaches every process of the terminal; the launcher says what follows.
  Deno.addSignalListener("SIGINT", () => {});
  if (Deno.build.os !== "windows") Deno.addSignalListener("SIGTERM", () => stopping.abort());
  const runs = openRemoteRuns();
  const messages = readMessages<ToServer>(Deno.stdin.readable)[Symbol.asyncIterator]();
  const first = await messages.next();
  if (first.done || first.value.type !== "start") return;
  const listening = listen(first.value, { runs, stopping });
  for (let next = await messages.next(); !next.done; next = await messages.next()) {
    if (next.value.type === "stop") stopping.abort();
    else runs.hear(next.value);
  }
  stopping.abort();
  runs.close();
  await listening;
}

async function listen(
  { options, place }: Extract<ToServer, { type: "start" }>,
  { runs, stopping }: { readonly runs: RemoteRuns; readonly stopping: AbortController },
): Promise<void> {
  try {
    const server = await startServer({
      ...options,
      place,
      startRun: runs.start,
      listPipelines: runs.listPipelines,
      signal: stopping.signal,
      onEvent: (event) => tell({ type: "event", event }),
      onFirstToken: (token) => tell({ type: "first-token", token }),
    });
    tell({ type: "listening", url: server.url, port: server.port });
    await server.finished;
  } catch (error) {
    tell({ type: "failed", error: factsOf(error) });
  }
  Deno.exit(0);
}

/** Runs that the launcher starts. */
interface RemoteRuns {
  readonly start: StartRun;
  readonly listPipelines: () => Promise<readonly PipelineFiles[]>;
  hear(message: ToServer): void;
  /** The launcher is gone, and nobody tells how the runs end. */
  close(): void;
}

function openRemoteRuns(): RemoteRuns {
  const asked = new Map<number, PromiseWithResolvers<RunProcess>>();
  const ends = new Map<number, (ending: RunEnding) => void>();
  const lists = new Map<number, (pipelines: readonly PipelineFiles[]) => void>();
  let count = 0;
  return {
    start(request) {
      const id = ++count;
      const answer = Promise.withResolvers<RunProcess>();
      asked.set(id, answer);
      tell({ type: "start-run", id, request });
      return answer.promise;
    },
    listPipelines() {
      const id = ++count;
      const { promise, resolve } = Promise.withResolvers<readonly PipelineFiles[]>();
      lists.set(id, resolve);
      tell({ type: "list-pipelines", id });
      return promise;
    },
    hear(message) {
      if (message.type === "run-started") {
        const { id, pid } = message;
        const { promise: ended, resolve } = Promise.withResolvers<RunEnding>();
        ends.set(id, resolve);
        asked.get(id)?.resolve({ pid, ended, stop: () => tell({ type: "stop-run", id }) });
        asked.delete(id);
      } else if (message.type === "run-refused") {
        asked.get(message.id)?.reject(new TypeError(message.why));
        asked.delete(message.id);
      } else if (message.type === "run-ended") {
        ends.get(message.id)?.(message.ending);
        ends.delete(message.id);
      } else if (message.type === "pipelines") {
        lists.get(message.id)?.(message.pipelines);
        lists.delete(message.id);
      }
    },
    close() {
      for (const end of ends.values()) end({ code: -1, problem: null });
      for (const answer of lists.values()) answer([]);
    },
  };
}

function factsOf(error: unknown): ToldError {
  if (error instanceof ExplainedError) {
    const { code, what, why, fix } = error;
    return { code, what, why, fix };
  }
  return { stack: error instanceof Error ? error.stack ?? error.message : String(error) };
}

function tell(message: ToLauncher): void {
  try {
    // At once and whole: what is written last is read, too.
    for (let rest: Uint8Array = writeMessage(message); rest.length > 0;) {
      rest = rest.subarray(Deno.stdout.writeSync(rest));
    }
  } catch {
    // The launcher has gone, which stops the server.
  }
}

if (import.meta.main) await main();
