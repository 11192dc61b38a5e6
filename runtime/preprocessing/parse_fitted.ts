import {
  ExplainedError,
  type FittedCategory,
  type FittedNgrams,
  type FittedNumber,
  type FittedPreprocessing,
  listProblems,
} from "../../pipeline/mod.ts";
import { featureWidth } from "./fit_table.ts";
import { decodeHashes } from "./hash_list.ts";
import { areFamilies, isLength, isPlaceCount } from "./ngram_spec.ts";
import { isTokenCount, isTokenizer } from "./token_spec.ts";

type Fields = Readonly<Record<string, unknown>>;

/**
 * Checks a preprocessing that was kept as JSON, e.g. `preprocessing.json` of a model version.
 *
 * @throws {ExplainedError} `preprocessing/damaged` naming everything that is wrong.
 */
export function parseFitted(value: unknown): FittedPreprocessing {
  const problems = problemsOf(value);
  if (problems.length === 0) return value as FittedPreprocessing;
  throw new ExplainedError("preprocessing/damaged", {
    what: "Cannot use the preprocessing of the model",
    why: listProblems(problems),
    fix: "Register the model again: its preprocessing.json is damaged, or made by a newer version",
  });
}

function problemsOf(value: unknown): readonly string[] {
  if (!isFields(value)) return ["it is not an object"];
  const { version, features, width, label } = value;
  if (version !== 1) return [`its version is ${JSON.stringify(version)}, and only 1 is known`];
  if (!Array.isArray(features)) return ["features is not a list"];
  const problems = features.flatMap(featureProblems);
  if (problems.length === 0 && featureWidth(features) !== width) {
    problems.push(`width is ${width}, and its features write ${featureWidth(features)} numbers`);
  }
  const standsAlone = ({ as }: Fields): boolean => as === "ngrams" || as === "tokens";
  if (problems.length === 0 && features.length > 1 && features.some(standsAlone)) {
    problems.push("n-grams or tokens stand beside other features");
  }
  const hasLabel = isFields(label) && typeof label.column === "string" && areNames(label.labels);
  return hasLabel ? problems : [...problems, "label does not name a column and its labels"];
}

function featureProblems(feature: unknown, place: number): readonly string[] {
  const isKnown = isFields(feature) && typeof feature.column === "string" &&
    (feature.as === "number"
      ? isNumberFeature(feature)
      : feature.as === "ngrams"
      ? isNgramFeature(feature)
      : feature.as === "tokens"
      ? isTokenizer(feature.tokenizer) && isTokenCount(feature.maxLength)
      : isCategoryFeature(feature));
  return isKnown ? [] : [`features.${place} is not of a known form`];
}

function isNumberFeature(
  { shift, divisor, fill, indicator, range, integer }: Fields & Partial<FittedNumber>,
): boolean {
  return Number.isFinite(shift) && Number.isFinite(divisor) && divisor !== 0 &&
    (fill === null || Number.isFinite(fill)) && typeof indicator === "boolean" &&
    Array.isArray(range) && range.length === 2 && range.every(Number.isFinite) &&
    typeof integer === "boolean";
}

function isCategoryFeature(
  { as, type, categories, fill, unknown }: Fields & Partial<FittedCategory>,
): boolean {
  return as === "category" && ["string", "number", "boolean"].includes(type ?? "") &&
    areNames(categories) && (fill === null || typeof fill === "string") &&
    (unknown === "ignore" || unknown === "error");
}

function isNgramFeature(
  { families, maxLength, places, ...list }: Fields & Partial<FittedNgrams>,
): boolean {
  return areFamilies(families) && isLength(maxLength) && isHashList(list) &&
    (places === undefined ||
      (isFields(places) && isPlaceCount(places.maxLength) && isHashList(places)));
}

function isHashList({ count, hashes }: Fields): boolean {
  return typeof hashes === "string" && Number.isSafeInteger(count) &&
    decodeHashes(hashes, Number(count)) !== undefined;
}

function areNames(value: unknown): boolean {
  return Array.isArray(value) && value.every((name) => typeof name === "string");
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
