import type { StepProgress } from "../../runtime/executor/run_event.ts";
import { renderBytes, renderCount, renderDuration, renderNumber } from "./quantity.ts";
import type { ReportStyle } from "./report_style.ts";
import { cutText, textWidth } from "./text_width.ts";

/** How far a step had come at a moment. */
export interface ProgressSample {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly done: number;
}

/** The speed is that of the last seconds, not of the whole step. */
const WINDOW_MS = 5000;

const BAR_COLUMNS = 20;

/** Adds a sample and forgets those outside the window; a counter that went back starts anew. */
export function addSample(
  samples: readonly ProgressSample[],
  sample: ProgressSample,
): readonly ProgressSample[] {
  const last = samples.at(-1);
  if (last !== undefined && sample.done < last.done) return [sample];
  const recent = samples.filter(({ at }) => sample.at - at <= WINDOW_MS);
  return [...recent, sample];
}

/** Units a second over the window, or `undefined` before there are two moments to compare. */
export function speed(samples: readonly ProgressSample[]): number | undefined {
  const [first, last] = [samples[0], samples.at(-1)];
  if (first === undefined || last === undefined || last.at <= first.at) return undefined;
  return (last.done - first.done) / ((last.at - first.at) / 1000);
}

/** The parts of a step's progress in words: `41 %`, `epoch 9/20`, `8 120 examples/s`, `loss 0.083`. */
export function progressWords(
  progress: StepProgress,
  samples: readonly ProgressSample[],
): string[] {
  const { done, total, unit, label, loss } = progress;
  const perSecond = speed(samples);
  const words: string[] = [];
  if (total !== null && total > 0) words.push(`${Math.floor(Math.min(1, done / total) * 100)} %`);
  if (label !== null) words.push(label);
  if (unit === "bytes" || total === null) words.push(renderDone(progress));
  if (perSecond !== undefined && perSecond > 0) words.push(renderSpeed(perSecond, unit));
  if (loss !== null) words.push(`loss ${renderLoss(loss)}`);
  const left = timeLeft(progress, perSecond);
  if (left !== undefined) words.push(`${left} left`);
  return words;
}

/** A step's live line: name, bar (when the end is known) and words. */
export function renderProgress(
  node: string,
  progress: StepProgress,
  { samples, style, mark }: {
    readonly samples: readonly ProgressSample[];
    readonly style: ReportStyle;
    /** Moves while the step works. */
    readonly mark: string;
  },
): string {
  const { done, total } = progress;
  const head = `${mark} ${node}  `;
  const isMeasured = total !== null && total > 0;
  const bar = isMeasured ? renderBar(Math.min(1, done / total), style) : "";
  const used = textWidth(head) + (isMeasured ? BAR_COLUMNS + 2 : 0);
  const words = progressWords(progress, samples);
  // The percentage keeps its place, so that what follows does not jump.
  const text = words.map((word, i) => i === 0 && isMeasured ? word.padStart(5) : word).join("  ");
  const shown = style.width === null ? text : cutText(text, Math.max(0, style.width - used - 1));
  return `${style.paint.cyan(mark)} ${node}  ${isMeasured ? `${bar}  ` : ""}${shown}`;
}

function renderBar(share: number, { paint }: ReportStyle): string {
  const filled = Math.round(share * BAR_COLUMNS);
  return paint.cyan("━".repeat(filled)) + paint.dim("╌".repeat(BAR_COLUMNS - filled));
}

function renderDone({ done, total, unit }: StepProgress): string {
  const amount = (value: number) => unit === "bytes" ? renderBytes(value) : renderCount(value);
  const of = total === null ? "" : ` of ${amount(total)}`;
  return unit === "bytes" ? `${amount(done)}${of}` : `${amount(done)}${of} ${unit}`;
}

function renderSpeed(perSecond: number, unit: string): string {
  if (unit === "bytes") return `${renderBytes(perSecond)}/s`;
  const amount = perSecond < 10 ? perSecond.toFixed(1) : renderCount(perSecond);
  return `${amount} ${unit}/s`;
}

function renderLoss(loss: number): string {
  if (!Number.isFinite(loss)) return String(loss);
  const isPlain = Math.abs(loss) >= 0.001 && Math.abs(loss) < 1000;
  return isPlain ? loss.toFixed(3) : renderNumber(loss);
}

function timeLeft(
  { done, total }: StepProgress,
  perSecond: number | undefined,
): string | undefined {
  if (total === null || perSecond === undefined || perSecond <= 0 || done >= total) {
    return undefined;
  }
  const ms = ((total - done) / perSecond) * 1000;
  return ms < 1000 ? undefined : renderDuration(ms).replace(/\.\d s$/, " s");
}
