import type { RunEvent, StepProgress } from "../../runtime/executor/run_event.ts";
import { addSample, type ProgressSample, progressWords, renderProgress } from "./progress_line.ts";
import { renderDuration } from "./quantity.ts";
import { finishedLines, logLines, retriedLine, statusColumns } from "./step_line.ts";
import { cutToStyle, type ReportStyle } from "./report_style.ts";
import { padEnd, textWidth } from "./text_width.ts";

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
/** More running nodes than these are counted, not shown. */
const LIVE_NODES = 8;
const SPINNER = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

/** Takes in one event: what the report knows afterwards, and the lines to print for good. */
export function report(
  state: ReportState,
  event: RunEvent,
  options: ReportOptions,
): { readonly state: ReportState; readonly lines: readonly string[] } {
  const lineStyle = { ...options, nodeWidth: state.nodeWidth };
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
      return { state: endNode(state, event.node), lines: [retriedLine(event, lineStyle)] };
    case "step-finished":
      return {
        state: endNode(state, event.node),
        lines: finishedLines(event, lineStyle),
      };
    case "log":
      return { state, lines: logLines(event, lineStyle) };
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
    const text = statusColumns("running", elapsed);
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
