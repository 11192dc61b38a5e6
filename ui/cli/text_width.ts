import { stripVTControlCharacters } from "node:util";
import measure from "fast-string-truncated-width";

/**
 * Columns a text takes in a terminal: Hangul, CJK and emoji two, combining marks and colour codes none.
 *
 * Decomposed text, as file names of macOS are, measures as the composed text that a terminal shows.
 */
export function textWidth(text: string): number {
  return measure(text.normalize("NFC")).width;
}

/** Cuts a text between letters as people see them to a number of columns; a cut text ends in `…`. */
export function cutText(text: string, columns: number): string {
  const composed = text.normalize("NFC");
  if (textWidth(composed) <= columns) return composed;
  if (columns < 1) return "";
  let kept = "";
  // Made where it is needed: it takes longer than measuring a whole page.
  const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });
  for (const { segment } of graphemes.segment(composed)) {
    if (textWidth(kept + segment) > columns - 1) break;
    kept += segment;
  }
  return `${kept}…`;
}

/** Fills a text with spaces on the right. */
export function padEnd(text: string, columns: number): string {
  return text + " ".repeat(Math.max(0, columns - textWidth(text)));
}

/** Fills a text with spaces on the left. */
export function padStart(text: string, columns: number): string {
  return " ".repeat(Math.max(0, columns - textWidth(text))) + text;
}

/** Text on one line: line breaks and tabs become spaces, other control characters visible. */
export function onOneLine(text: string): string {
  return harmless(text.replace(/\s+/g, " ")).trim();
}

/** Text whose control characters cannot move the cursor or change colours; line breaks stay. */
export function harmless(text: string): string {
  return stripVTControlCharacters(text).replace(/[^\P{Cc}\n]/gu, "\uFFFD");
}
