import type { RunEvent } from "../../runtime/executor/run_event.ts";
import { emptyReport, liveLines, report, type ReportOptions, type ReportState } from "./report.ts";
import type { Stream } from "./terminal.ts";

/** Shows a run while it happens. */
export interface RunReporter extends Disposable {
  /** To be given to the run as `onEvent`. */
  take(event: RunEvent): void;
  /** Prints lines of ours without disturbing the live ones. */
  say(lines: readonly string[]): void;
  /** Clears the live lines while `work` has the terminal for itself, e.g. to ask something. */
  aside<T>(work: () => Promise<T>): Promise<T>;
}

const REDRAW_MS = 100;
/** Erase from the cursor to the end of the screen (ECMA-48, 8.3.39). */
const ERASE_BELOW = "\x1b[J";

/**
 * A reporter on a stream: live lines that are redrawn on a terminal, plain lines elsewhere.
 *
 * @param trace Also shows stack traces.
 */
export function openReporter(
  stream: Stream,
  { trace }: { readonly trace: boolean },
): RunReporter {
  return stream.isTerminal ? liveReporter(stream, trace) : plainReporter(stream, trace);
}

function plainReporter(stream: Stream, trace: boolean): RunReporter {
  let state: ReportState = emptyReport;
  return {
    take(event) {
      const next = report(state, event, {
        mode: "plain",
        trace,
        paint: stream.paint,
        width: null,
      });
      state = next.state;
      stream.lines(next.lines);
    },
    say: (lines) => stream.lines(lines),
    aside: (work) => work(),
    [Symbol.dispose]: () => {},
  };
}

function liveReporter(stream: Stream, trace: boolean): RunReporter {
  let state: ReportState = emptyReport;
  let drawn = 0;
  let isAside = false;
  const options = (): ReportOptions => ({
    mode: "live",
    trace,
    paint: stream.paint,
    width: stream.width(),
  });

  // One write for everything that changes: the terminal never shows half of it.
  const draw = (lines: readonly string[]): void => {
    const live = isAside ? [] : liveLines(state, Date.now(), options());
    const back = drawn > 0 ? `\x1b[${drawn}A\r${ERASE_BELOW}` : "";
    const text = [...lines, ...live].map((line) => `${line}\n`).join("");
    if (back !== "" || text !== "") stream.write(back + text);
    drawn = live.length;
  };
  const timer = setInterval(() => draw([]), REDRAW_MS);
  Deno.unrefTimer(timer);

  return {
    take(event) {
      const next = report(state, event, options());
      state = next.state;
      // Progress comes many times a second; the timer draws it.
      if (next.lines.length > 0) draw(next.lines);
    },
    say: draw,
    async aside(work) {
      isAside = true;
      draw([]);
      try {
        return await work();
      } finally {
        isAside = false;
      }
    },
    [Symbol.dispose]() {
      clearInterval(timer);
      state = emptyReport;
      draw([]);
    },
  };
}
