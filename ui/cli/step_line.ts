import type { LogLine, StepFinished, StepRetried } from "../../runtime/executor/run_event.ts";
import { renderDuration } from "./quantity.ts";
import { renderReasons } from "./render_error.ts";
import { cutToStyle, type ReportStyle } from "./report_style.ts";
import { harmless, onOneLine, padEnd, padStart, textWidth } from "./text_width.ts";

/** How the lines of one run are drawn: names of nodes take the same room in all. */
export interface LineStyle extends ReportStyle {
  /** Columns of the longest name of a node. */
  readonly nodeWidth: number;
}

const STATUS_COLUMNS = 9;
const DURATION_COLUMNS = 8;

/** Status and time of a step run, aligned over the lines of a run. */
export function statusColumns(word: string, time: string): string {
  return `${padEnd(word, STATUS_COLUMNS)}${padStart(time, DURATION_COLUMNS)}`;
}

/** Mark and word of every way a step run can end. */
const ENDINGS = {
  succeeded: ["✓", "ran", "green"],
  cached: ["≡", "cached", "cyan"],
  failed: ["✗", "failed", "red"],
  skipped: ["·", "skipped", "dim"],
  cancelled: ["■", "cancelled", "yellow"],
} as const;

const SAID_NO = ["✗", "said no", "red"] as const;

/** The line of a step run that ended, with what is wrong below it. */
export function finishedLines(
  event: StepFinished,
  { nodeWidth, ...style }: LineStyle,
): string[] {
  // A gate that says no has done its work; what counts for the reader is the no.
  const [mark, word, colour] = event.passed === false ? SAID_NO : ENDINGS[event.status];
  const hasTime = event.status !== "skipped" && event.status !== "cancelled";
  const time = hasTime ? renderDuration(event.durationMs) : "";
  const head = `${mark} ${padEnd(event.node, nodeWidth)}  ${statusColumns(word, time)}   `;
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

/** The line of an attempt that failed and is followed by another. */
export function retriedLine(
  { node, attempt, delayMs, error }: StepRetried,
  { nodeWidth, ...style }: LineStyle,
): string {
  const head = `! ${padEnd(node, nodeWidth)}  `;
  const text = `attempt ${attempt} failed, next in ${renderDuration(delayMs)}: ${error.what}: ${
    onOneLine(error.why)
  }`;
  return `${style.paint.yellow("!")}${head.slice(1)}${cutToStyle(text, textWidth(head), style)}`;
}

/** The lines of a message of a step; none for a stack trace that nobody asked for. */
export function logLines(
  { node, level, message }: LogLine,
  { nodeWidth, trace, ...style }: LineStyle & { readonly trace: boolean },
): string[] {
  if (level === "error" && !trace) return [];
  const mark = { info: " ", warning: "!", error: "✗" }[level];
  const name = padEnd(node ?? "", nodeWidth);
  const painted = level === "info" ? mark : style.paint[level === "error" ? "red" : "yellow"](mark);
  // A message is told whole: a warning that is cut cannot be acted on.
  const [first = "", ...rest] = harmless(message).split("\n");
  const indent = " ".repeat(nodeWidth + 4);
  return [`${painted} ${name}  ${first}`, ...rest.map((line) => `${indent}${line}`)];
}
