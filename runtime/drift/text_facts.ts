/** What of a text is compared: it has no columns. */
export const TEXT_FACTS = ["length", "hangul", "latin", "cjk", "digits", "signs"] as const;

export type TextFact = typeof TEXT_FACTS[number];

const PARTS: readonly (readonly [Exclude<TextFact, "length">, RegExp])[] = [
  ["hangul", /\p{Script=Hangul}/gu],
  ["latin", /\p{Script=Latin}/gu],
  ["cjk", /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/gu],
  ["digits", /\p{Nd}/gu],
  ["signs", /[\p{P}\p{S}]/gu],
];

/** More of a long text says nothing new. */
const READ_CHARACTERS = 2000;

/**
 * Length of a text in characters, and which shares of them, white space left out, are Hangul, Latin letters, Han and
 * kana, digits, and signs (punctuation, symbols, emoji).
 */
export function textFacts(text: string): Readonly<Record<TextFact, number>> {
  const read = text.slice(0, READ_CHARACTERS);
  const all = countOf(read, /\S/gu);
  const shares = PARTS.map(([fact, part]) => [fact, all === 0 ? 0 : countOf(read, part) / all]);
  return { length: countOf(text, /./gsu), ...Object.fromEntries(shares) };
}

function countOf(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}
