import { ExplainedError } from "../../pipeline/explained_error.ts";
import { colourPaint, type Paint, plainPaint } from "./paint.ts";

/** One of the two streams a command writes to. */
export interface Stream {
  /** Writes text as it is; a reader that has gone away is no error. */
  write(text: string): void;
  /** Writes lines, each with its line break. */
  lines(lines: readonly string[]): void;
  readonly isTerminal: boolean;
  readonly paint: Paint;
  /** Columns, or `null` when it is no terminal. Asked anew each time: windows change. */
  width(): number | null;
}

/** Where a command prints and whether somebody can answer it. The only console of the project. */
export interface Terminal {
  /** Results. */
  readonly out: Stream;
  /** Progress and errors. */
  readonly err: Stream;
  /** Whether stdin is a person at a keyboard. */
  readonly canAsk: boolean;
}

/** The terminal of this process. Colours only on a terminal and without `NO_COLOR`. */
export function openTerminal(): Terminal {
  return {
    out: openStream(Deno.stdout),
    err: openStream(Deno.stderr),
    canAsk: Deno.stdin.isTerminal() && Deno.stderr.isTerminal(),
  };
}

function openStream(target: typeof Deno.stdout | typeof Deno.stderr): Stream {
  const isTerminal = target.isTerminal();
  const write = (text: string): void => writeAll(target, new TextEncoder().encode(text));
  return {
    write,
    lines: (lines) => {
      if (lines.length > 0) write(`${lines.join("\n")}\n`);
    },
    isTerminal,
    paint: isTerminal && !Deno.noColor ? colourPaint : plainPaint,
    width: () => isTerminal ? terminalColumns() : null,
  };
}

function writeAll(target: { writeSync(bytes: Uint8Array): number }, bytes: Uint8Array): void {
  try {
    for (let rest = bytes; rest.length > 0;) rest = rest.subarray(target.writeSync(rest));
  } catch (error) {
    // `… | head` closes the pipe when it has read enough.
    if (error instanceof Deno.errors.BrokenPipe) return;
    throw new ExplainedError("cli/cannot-print", {
      what: "Cannot write the output",
      why: (error as Error).message,
      fix: "Make room on that disk, or send the output elsewhere",
      cause: error,
    });
  }
}

function terminalColumns(): number {
  try {
    const { columns } = Deno.consoleSize();
    return columns > 0 ? columns : 80;
  } catch (error) {
    // Some terminals, e.g. inside an editor, do not tell their size.
    if (error instanceof Error) return 80;
    throw error;
  }
}
