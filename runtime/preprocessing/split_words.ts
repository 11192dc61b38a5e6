import type { WordPieceTokenizer } from "../../pipeline/mod.ts";

/** How texts are cut into words. */
export type WordRules = Pick<WordPieceTokenizer, "lowercase" | "stripAccents" | "cutChinese">;

/** What a character is to the tokenizer; 0 is not known yet. */
const LETTER = 1;
const SPACE = 2;
const DROPPED = 3;
/** A word of its own. */
const ALONE = 4;
const CHINESE = 5;

/** Kinds of the characters below 2^16, found out when they first occur. */
const kinds = new Uint8Array(0x1_0000);

/**
 * Cuts a text into words as BERT's basic tokenizer does: control characters go, white space parts words, and each
 * punctuation mark is one.
 *
 * @see google-research/bert, tokenization.py, `BasicTokenizer`.
 */
export function splitWords(text: string, rules: WordRules): readonly string[] {
  const words: string[] = [];
  for (const word of cutAtSpaces(text, rules.cutChinese)) {
    const lower = rules.lowercase ? word.toLowerCase() : word;
    const plain = rules.stripAccents ? lower.normalize("NFD").replace(/\p{Mn}/gu, "") : lower;
    cutAtPunctuation(plain, words);
  }
  return words;
}

function cutAtSpaces(text: string, cutChinese: boolean): readonly string[] {
  const words: string[] = [];
  let word = "";
  let start = 0; // of what is not yet in `word`
  const end = (at: number): void => {
    word += text.slice(start, at);
    if (word !== "") words.push(word);
    word = "";
  };
  for (let at = 0; at < text.length;) {
    const point = text.codePointAt(at)!;
    const next = at + (point > 0xffff ? 2 : 1);
    const kind = kindOf(point);
    if (kind === SPACE) {
      end(at);
      start = next;
    } else if (kind === DROPPED) {
      word += text.slice(start, at);
      start = next;
    } else if (kind === CHINESE && cutChinese) {
      end(at);
      words.push(text.slice(at, next));
      start = next;
    }
    at = next;
  }
  end(text.length);
  return words;
}

function cutAtPunctuation(word: string, words: string[]): void {
  let start = 0;
  for (let at = 0; at < word.length;) {
    const point = word.codePointAt(at)!;
    const next = at + (point > 0xffff ? 2 : 1);
    if (kindOf(point) === ALONE) {
      if (at > start) words.push(word.slice(start, at));
      words.push(word.slice(at, next));
      start = next;
    }
    at = next;
  }
  if (start < word.length) words.push(word.slice(start));
}

function kindOf(point: number): number {
  if (point > 0xffff) return findKind(point);
  return kinds[point] ||= findKind(point);
}

function findKind(point: number): number {
  const character = String.fromCodePoint(point);
  if (/^[\t\n\r\p{Zs}]$/u.test(character)) return SPACE;
  if (point === 0xfffd || /^\p{C}$/u.test(character)) return DROPPED;
  // All signs of ASCII count as punctuation, also those that Unicode takes for symbols.
  if (/^[!-/:-@[-`{-~\p{P}]$/u.test(character)) return ALONE;
  return isChinese(point) ? CHINESE : LETTER;
}

/** The blocks of Chinese characters that BERT knows; Hangul and kana are not among them. */
function isChinese(point: number): boolean {
  return (point >= 0x4e00 && point <= 0x9fff) || (point >= 0x3400 && point <= 0x4dbf) ||
    (point >= 0x20000 && point <= 0x2a6df) || (point >= 0x2a700 && point <= 0x2b73f) ||
    (point >= 0x2b740 && point <= 0x2b81f) || (point >= 0x2b820 && point <= 0x2ceaf) ||
    (point >= 0xf900 && point <= 0xfaff) || (point >= 0x2f800 && point <= 0x2fa1f);
}
