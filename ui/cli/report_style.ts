import type { Paint } from "./paint.ts";
import { cutText } from "./text_width.ts";

/** How lines are drawn: for which width and in which colours. */
export interface ReportStyle {
  readonly paint: Paint;
  /** Columns of the terminal, or `null` for a pipe or a file: nothing is cut. */
  readonly width: number | null;
}

/** Cuts a plain text to what is left of the terminal's width. */
export function cutToStyle(text: string, used: number, { width }: ReportStyle): string {
  return width === null ? text : cutText(text, Math.max(0, width - used));
}
