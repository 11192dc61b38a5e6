import { stripVTControlCharacters } from "node:util";

/** Latin, punctuation, arrows, lines and blocks: one column a letter, and most of what is printed. */
const NARROW =
  /^[\x20-\x7e\u00a0-\u02ff\u2010-\u205e\u2190-\u22ff\u2500-\u259f\u2713\u2717\u2800-\u28ff]*$/;

/** Letters of two columns: Hangul, Han, kana, full-width forms, pictures (Unicode 16, UAX 11). */
const WIDE =
  /\p{Emoji_Presentation}|\ufe0f|[[\p{Script=Hangul}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]--[\uff61-\uffdc]]|[\u3000-\u303e\uff01-\uff60\uffe0-\uffe6]/v;

/** Letters of no column: control characters, marks without a letter, invisible joiners. */
const NOTHING = /^[\p{Cc}\p{Mn}\p{Me}\p{Cf}]*$/u;

/**
 * Columns a text takes in a terminal: Hangul, CJK and emoji two, combining marks and colour codes none.
 *
 * Decomposed text, as file names of macOS are, measures as the composed text that a terminal shows.
 */
export function textWidth(text: string): number {
  if (NARROW.test(text)) return text.length;
  const plain = stripVTControlCharacters(text).normalize("NFC");
  if (NARROW.test(plain)) return plain.length;
  let columns = 0;
  for (const letter of lettersOf(plain)) columns += letterWidth(letter);
  return columns;
}

function letterWidth(letter: string): 0 | 1 | 2 {
  if (NOTHING.test(letter)) return 0;
  return WIDE.test(letter) ? 2 : 1;
}

/** Cuts a text between letters as people see them to a number of columns; a cut text ends in `…`. */
export function cutText(text: string, columns: number): string {
  const composed = text.normalize("NFC");
  if (textWidth(composed) <= columns) return composed;
  if (columns < 1) return "";
  let [kept, used] = ["", 0];
  for (const letter of lettersOf(composed)) {
    used += letterWidth(letter);
    if (used > columns - 1) break;
    kept += letter;
  }
  return `${kept}…`;
}

let graphemes: Intl.Segmenter | undefined;

/** Letters as people see them. The segmenter is made when it is needed: that takes some 10 ms. */
function lettersOf(text: string): Iterable<string> {
  if (NARROW.test(text)) return text;
  graphemes ??= new Intl.Segmenter(undefined, { granularity: "grapheme" });
  return Iterator.from(graphemes.segment(text)).map(({ segment }) => segment);
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
