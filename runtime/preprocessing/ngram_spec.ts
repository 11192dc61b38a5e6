import type { NgramFamily, PreprocessingSpec } from "../../pipeline/mod.ts";
import { MOST_TEXTS } from "./ngram_counts.ts";

/** Longest n-gram, and most characters of a text: they decide how much memory reading a text takes. */
const LONGEST_NGRAM = 32;
const LONGEST_TEXT = 65_536;
const LONGEST_PLACES = 1024;

/** What contradicts itself among the n-gram features of a spec. */
export function ngramFeatureProblems(
  features: PreprocessingSpec["features"],
): readonly string[] {
  return features.flatMap((feature) => {
    if (feature.as !== "ngrams") return [];
    const { column, families, minTexts = 1, maxLength, places } = feature;
    const isAlone = features.length === 1;
    const isCount = isTextCount(minTexts);
    return [
      ...(isAlone ? [] : [`the n-grams of "${column}" stand beside other features`]),
      ...(families === undefined || areFamilies(families)
        ? []
        : [`the families of "${column}" are not lengths from 1 to ${LONGEST_NGRAM}`]),
      ...(isCount ? [] : [`minTexts of "${column}" is ${minTexts}, and not 1 to ${MOST_TEXTS}`]),
      ...(maxLength === undefined || isLength(maxLength)
        ? []
        : [`maxLength of "${column}" is ${maxLength}, and not 1 to ${LONGEST_TEXT}`]),
      ...(places === undefined || (isTextCount(places.minTexts) && isPlaceCount(places.maxLength))
        ? []
        : [
          `places of "${column}" are not minTexts 1 to ${MOST_TEXTS}, maxLength 1 to ${LONGEST_PLACES}`,
        ]),
    ];
  });
}

function isTextCount(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) >= 1 && Number(value) <= MOST_TEXTS;
}

/** Whether a value is a number of characters that are read place by place. */
export function isPlaceCount(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 1 && Number(value) <= LONGEST_PLACES;
}

/** Whether a value is a length that texts can be cut to. */
export function isLength(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 1 && Number(value) <= LONGEST_TEXT;
}

/** Whether a value is a list of n-gram families. */
export function areFamilies(value: unknown): value is readonly NgramFamily[] {
  return Array.isArray(value) && value.length > 0 && value.every(isFamily);
}

function isFamily(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { lengths, spaces } = value as Partial<NgramFamily>;
  if (!Array.isArray(lengths) || lengths.length !== 2 || !lengths.every(Number.isInteger)) {
    return false;
  }
  const [from, to] = lengths as [number, number];
  return from >= 1 && from <= to && to <= LONGEST_NGRAM && typeof spaces === "boolean";
}
