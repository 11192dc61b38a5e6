import type {
  LogLine,
  RunEvent,
  StepFinished,
  StepProgress,
  StepRetried,
} from "../../runtime/executor/run_event.ts";
import { addSample, type ProgressSample, progressWords, renderProgress } from "./progress_line.ts";
import { renderDuration } from "./quantity.ts";
import { renderReasons } from "./render_error.ts";
import { cutToStyle, type ReportStyle } from "./report_style.ts";
import { harmless, onOneLine, padEnd, padStart, textWidth } from "./text_width.ts";

/** What the terminal knows of a run that is under way. */
export interface ReportState {
  readonly nodeWidth: number;
  /** In the order in which they started. */
  readonly running: readonly RunningNode[];
}

/** A node that is at work. */
export interface RunningNode {
  readonly node: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly progress: StepProgress | null;
  readonly samples: readonly ProgressSample[];
  /** When its progress was last told as a plain line. */
  readonly toldAt: number;
}

/** How progress is told: drawn over and over on a terminal, or as a plain line now and then. */
export interface ReportOptions extends ReportStyle {
  readonly mode: "live" | "plain";
  /** Also shows the log lines of errors, which are stack traces. */
  readonly trace: boolean;
}

/** A run of which nothing has been heard yet. */
export const emptyReport: ReportState = { nodeWidth: 0, running: [] };

const TELL_EVERY_MS = 5000;
const STATUS_COLUMNS = 9;
const DURATION_COLUMNS = 8;
/** More running nodes than these are counted, not shown. */
const LIVE_NODES = 8;
const SPINNER = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

/** Takes in one event: what the report knows afterwards, and the lines to print for good. */
export function report(
  state: ReportState,
  event: RunEvent,
  options: ReportOptions,
): { readonly state: ReportState; readonly lines: readonly string[] } {
  switch (event.type) {
    case "run-started": {
      const nodeWidth = Math.max(0, ...event.nodes.map(({ node }) => textWidth(node)));
      const { paint } = options;
      const title = `${paint.bold(`run ${event.run.slice(0, 6)}`)}  ${event.pipeline}`;
      return {
        state: { nodeWidth, running: [] },
        lines: [`${title}  ${paint.dim(event.runName)}`],
      };
    }
    case "engine-chosen": {
      const text = cutToStyle(`${event.device} · ${event.why}`, 9 + event.engine.length, options);
      return { state, lines: [`engine ${event.engine}  ${options.paint.dim(text)}`] };
    }
    case "step-started":
      return { state: startNode(state, event.node, Date.parse(event.at)), lines: [] };
    case "step-progress":
      return takeProgress(state, event, options);
    case "step-retried":
      return { state: endNode(state, event.node), lines: [retriedLine(event, state, options)] };
    case "step-finished":
      return {
        state: endNode(state, event.node),
        lines: finishedLines(event, state, options),
      };
    case "log":
      return { state, lines: logLines(event, state, options) };
    case "metric":
    case "run-finished":
      return { state, lines: [] };
  }
}

/** The lines that are drawn again and again at the bottom of a terminal while nodes run. */
export function liveLines(
  { running, nodeWidth }: ReportState,
  now: number,
  style: ReportStyle,
): string[] {
  const mark = SPINNER[Math.floor(now / 100) % SPINNER.length]!;
  const shown = running.slice(0, LIVE_NODES).map(({ node, progress, samples, startedAt }) => {
    const name = padEnd(node, nodeWidth);
    if (progress !== null) return renderProgress(name, progress, { samples, style, mark });
    const elapsed = renderDuration(Math.max(0, now - startedAt));
    const text = `${padEnd("running", STATUS_COLUMNS)}${padStart(elapsed, DURATION_COLUMNS)}`;
    return `${style.paint.cyan(mark)} ${name}  ${cutToStyle(text, nodeWidth + 5, style)}`;
  });
  const rest = running.length - shown.length;
  return rest > 0 ? [...shown, `  and ${rest} more are running`] : shown;
}

function startNode(state: ReportState, node: string, at: number): ReportState {
  const started = { node, startedAt: at, progress: null, samples: [], toldAt: at };
  return { ...state, running: [...endNode(state, node).running, started] };
}

function endNode(state: ReportState, node: string): ReportState {
  return { ...state, running: state.running.filter((each) => each.node !== node) };
}

function takeProgress(
  state: ReportState,
  event: StepProgress,
  { mode }: ReportOptions,
): { readonly state: ReportState; readonly lines: readonly string[] } {
  const at = Date.parse(event.at);
  const before = state.running.find(({ node }) => node === event.node);
  if (before === undefined) return { state, lines: [] };
  const samples = addSample(before.samples, { at, done: event.done });
  const isDue = mode === "plain" && at - before.toldAt >= TELL_EVERY_MS;
  const after = { ...before, progress: event, samples, toldAt: isDue ? at : before.toldAt };
  const running = state.running.map((each) => each === before ? after : each);
  const words = progressWords(event, samples).join("  ");
  const line = `  ${padEnd(event.node, state.nodeWidth)}  ${words}`;
  return { state: { ...state, running }, lines: isDue ? [line] : [] };
}

/** Mark and word of every way a step run can end. */
const ENDINGS = {
  succeeded: ["✓", "ran", "green"],
  cached: ["≡", "cached", "cyan"],
  failed: ["✗", "failed", "red"],
  skipped: ["·", "skipped", "dim"],
  cancelled: ["■", "cancelled", "yellow"],
} as const;

function finishedLines(
  event: StepFinished,
  { nodeWidth }: ReportState,
  style: ReportStyle,
): string[] {
  const [mark, word, colour] = ENDINGS[event.status];
  const hasTime = event.status !== "skipped" && event.status !== "cancelled";
  const time = hasTime ? renderDuration(event.durationMs) : "";
  const head = `${mark} ${padEnd(event.node, nodeWidth)}  ${padEnd(word, STATUS_COLUMNS)}${
    padStart(time, DURATION_COLUMNS)
  }   `;
  const detail = cutToStyle(onOneLine(finishedDetail(event)), textWidth(head), style);
  const line = `${style.paint[colour](mark)}${head.slice(mark.length)}${detail}`.trimEnd();
  return event.error === null ? [line] : [line, ...renderReasons(event.error, style.paint)];
}

/** What came out, and why it had to run; of a failure, what could not be done. */
function finishedDetail({ status, error, summary, reason }: StepFinished): string {
  if (error !== null) return error.what;
  if (status === "skipped" || status === "cancelled") return reason;
  const isPlain = status === "cached" || reason === "" || reason === "first run";
  const because = isPlain ? "" : `(${reason})`;
  return [summary ?? "", because].filter((part) => part !== "").join("  ");
}

function retriedLine(
  { node, attempt, delayMs, error }: StepRetried,
  { nodeWidth }: ReportState,
  style: ReportStyle,
): string {
  const head = `! ${padEnd(node, nodeWidth)}  `;
  const text = `attempt ${attempt} failed, next in ${renderDuration(delayMs)}: ${error.what}: ${
    onOneLine(error.why)
  }`;
  return `${style.paint.yellow("!")}${head.slice(1)}${cutToStyle(text, textWidth(head), style)}`;
}

function logLines(
  { node, level, message }: LogLine,
  state: ReportState,
  style: ReportOptions,
): string[] {
  if (level === "error" && !style.trace) return [];
  const mark = { info: " ", warning: "!", error: "✗" }[level];
  const name = padEnd(node ?? "", state.nodeWidth);
  const painted = level === "info" ? mark : style.paint[level === "error" ? "red" : "yellow"](mark);
  // A message is told whole: a warning that is cut cannot be acted on.
  const [first = "", ...rest] = harmless(message).split("\n");
  const indent = " ".repeat(state.nodeWidth + 4);
  return [`${painted} ${name}  ${first}`, ...rest.map((line) => `${indent}${line}`)];
}
