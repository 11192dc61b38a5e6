import type { ServerEvent, ServerOptions } from "../web/mod.ts";
import type { PipelineFiles } from "../../runtime/pipelines/describe_pipelines.ts";
import type { RunEnding, RunPlace, RunRequest } from "./run_process.ts";

/** What the launcher gives the server's process to start with; names and numbers only. */
export type PlainOptions = Omit<
  ServerOptions,
  "store" | "signal" | "onEvent" | "onFirstToken" | "startRun" | "listPipelines" | "place"
>;

/** An error as a person is told of it; one that nobody explained as the text of its stack. */
export type ToldError =
  | {
    readonly code: string;
    readonly what: string;
    readonly why: string;
    readonly fix: string;
  }
  | { readonly stack: string };

/** What the launcher says to the server, a line of JSON each. */
export type ToServer =
  | { readonly type: "start"; readonly options: PlainOptions; readonly place: RunPlace }
  | { readonly type: "stop" }
  | { readonly type: "run-started"; readonly id: number; readonly pid: number }
  | { readonly type: "run-refused"; readonly id: number; readonly why: string }
  | { readonly type: "run-ended"; readonly id: number; readonly ending: RunEnding }
  | {
    readonly type: "pipelines";
    readonly id: number;
    readonly pipelines: readonly PipelineFiles[];
  };

/** What the server says to the launcher, a line of JSON each. */
export type ToLauncher =
  | { readonly type: "listening"; readonly url: string; readonly port: number }
  | { readonly type: "failed"; readonly error: ToldError }
  | { readonly type: "event"; readonly event: ServerEvent }
  | { readonly type: "first-token"; readonly token: string }
  | { readonly type: "start-run"; readonly id: number; readonly request: RunRequest }
  | { readonly type: "stop-run"; readonly id: number }
  | { readonly type: "list-pipelines"; readonly id: number };

/** Messages from a pipe, in their order, until it is closed. What is no message is told to `onOther`. */
export async function* readMessages<Message>(
  pipe: ReadableStream<Uint8Array<ArrayBuffer>>,
  onOther: (line: string) => void = () => {},
): AsyncIterable<Message> {
  let rest = "";
  for await (const piece of pipe.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + piece).split("\n");
    rest = lines.pop()!;
    for (const line of lines) {
      const message = parse(line);
      if (message === undefined) onOther(line);
      else yield message as Message;
    }
  }
}

/** A message as the line it travels in. */
export function writeMessage(message: ToServer | ToLauncher): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`${JSON.stringify(message)}\n`);
}

/** Libraries may print to the same pipe. */
function parse(line: string): unknown {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null && "type" in value ? value : undefined;
  } catch {
    return undefined;
  }
}
