import measure from "fast-string-truncated-width";

/**
 * Columns a text takes in a terminal: Hangul, CJK and emoji two, combining marks and colour codes none.
 *
 * Decomposed text, as file names of macOS are, measures as the composed text that a terminal shows.
 */
export function textWidth(text: string): number {
  return measure(text.normalize("NFC")).width;
}

/** Cuts a text to a number of columns; a cut text ends in `…`. */
export function cutText(text: string, columns: number): string {
  const composed = text.normalize("NFC");
  const { index, ellipsed } = measure(composed, { limit: columns, ellipsis: "…" });
  return ellipsed ? `${composed.slice(0, index)}…` : composed.slice(0, index);
}

/** Fills a text with spaces on the right. */
export function padEnd(text: string, columns: number): string {
  return text + " ".repeat(Math.max(0, columns - textWidth(text)));
}

/** Fills a text with spaces on the left. */
export function padStart(text: string, columns: number): string {
  return " ".repeat(Math.max(0, columns - textWidth(text))) + text;
}

/** Text on one line: line breaks, tabs and control characters become visible or a space. */
export function onOneLine(text: string): string {
  return text.replace(/\s+/g, " ").replace(/\p{Cc}/gu, "\uFFFD").trim();
}
