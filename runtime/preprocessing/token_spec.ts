import type { PreprocessingSpec, WordPieceTokenizer } from "../../pipeline/mod.ts";

/** Begin, end and one token; and more than any known encoder has positions for. */
const SHORTEST = 3;
const LONGEST = 4096;

/** What contradicts itself among the token features of a spec. */
export function tokenFeatureProblems(features: PreprocessingSpec["features"]): readonly string[] {
  return features.flatMap((feature) => {
    if (feature.as !== "tokens") return [];
    const { column, tokenizer, maxLength = SHORTEST } = feature;
    return [
      ...(features.length === 1 ? [] : [`the tokens of "${column}" stand beside other features`]),
      ...(isTokenCount(maxLength)
        ? []
        : [`maxLength of "${column}" is ${maxLength}, and not ${SHORTEST} to ${LONGEST}`]),
      ...tokenizerProblems(tokenizer),
    ];
  });
}

/** Whether a value is a number of tokens that texts can be cut to. */
export function isTokenCount(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= SHORTEST && Number(value) <= LONGEST;
}

/** What keeps a tokenizer from working. */
export function tokenizerProblems({ vocabulary, special }: WordPieceTokenizer): readonly string[] {
  const known = new Set(vocabulary);
  const missing = Object.entries(special).filter(([, token]) => !known.has(token));
  return missing.map(([use, token]) => `the vocabulary has no token "${token}" for ${use}`);
}

/** Whether a value has the form of a tokenizer, and could work. */
export function isTokenizer(value: unknown): value is WordPieceTokenizer {
  if (typeof value !== "object" || value === null) return false;
  const { vocabulary, special, ...flags } = value as Partial<WordPieceTokenizer>;
  const isText = (each: unknown): boolean => typeof each === "string";
  return Array.isArray(vocabulary) && vocabulary.every(isText) &&
    typeof special === "object" && special !== null &&
    ["unknown", "begin", "end", "padding"].every((use) => Object.hasOwn(special, use)) &&
    Object.values(special).every(isText) &&
    [flags.lowercase, flags.stripAccents, flags.cutChinese].every((flag) =>
      typeof flag === "boolean"
    ) && tokenizerProblems(value as WordPieceTokenizer).length === 0;
}
