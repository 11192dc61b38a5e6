import type { CategoryFeature, FittedCategory } from "../../pipeline/mod.ts";
import { type FeatureEncoder, type FeatureLearner, isMissing } from "./feature.ts";

/** Name of the category that missing values are when they have one of their own. */
const MISSING = "";

const A_CATEGORY = "a text, a number or true/false";

/** Learns the categories of a column. */
export function learnCategory(feature: CategoryFeature): FeatureLearner<FittedCategory> {
  const { missing = "error" } = feature;
  const counts = new Map<string, number>();
  let type: FittedCategory["type"] | undefined;
  let seen = 0;
  return {
    learn(value) {
      seen++;
      if (isMissing(value)) {
        if (missing === "category") counts.set(MISSING, (counts.get(MISSING) ?? 0) + 1);
        return missing === "error" ? expectedType(type) : null;
      }
      const found = categoryType(value);
      if (found === undefined || (type !== undefined && found !== type)) return expectedType(type);
      type = found;
      const name = String(value);
      counts.set(name, (counts.get(name) ?? 0) + 1);
      return null;
    },
    problem: () =>
      counts.size === 0 && seen > 0 ? `column "${feature.column}" holds no value at all` : null,
    finish: () => {
      const categories = sortNames(counts.keys(), type ?? "string");
      return {
        column: feature.column,
        as: "category",
        type: type ?? "string",
        categories: missing === "category" ? missingLast(categories) : categories,
        fill: fillOf(missing, categories, counts),
        unknown: feature.unknown ?? "ignore",
      };
    },
  };
}

/** Names in the order of their values: numbers by size, everything else by code unit. */
export function sortNames(
  names: Iterable<string>,
  type: FittedCategory["type"],
): readonly string[] {
  return [...names].sort((a, b) => type === "number" ? Number(a) - Number(b) : a < b ? -1 : 1);
}

/** What kind of category a value is, or `undefined` when it can be none. */
export function categoryType(value: unknown): FittedCategory["type"] | undefined {
  if (typeof value === "number") return Number.isFinite(value) ? "number" : undefined;
  return typeof value === "string" || typeof value === "boolean"
    ? typeof value as "string" | "boolean"
    : undefined;
}

function missingLast(categories: readonly string[]): readonly string[] {
  const named = categories.filter((name) => name !== MISSING);
  return named.length < categories.length ? [...named, MISSING] : named;
}

/** A missing value's category. Ties of the most frequent go to the first, as in scikit-learn. */
function fillOf(
  missing: NonNullable<CategoryFeature["missing"]>,
  categories: readonly string[],
  counts: ReadonlyMap<string, number>,
): string | null {
  if (missing === "error") return null;
  if (missing === "category") return MISSING;
  return categories.reduce((best, name) => counts.get(name)! > counts.get(best)! ? name : best);
}

function expectedType(type: FittedCategory["type"] | undefined): string {
  if (type === undefined) return A_CATEGORY;
  return { string: "a text", number: "a number", boolean: "true or false" }[type];
}

/** Writes 1 at the place of the value's category. */
export function encodeCategory(fitted: FittedCategory): FeatureEncoder {
  const { type, categories, fill, unknown } = fitted;
  const places = new Map(categories.map((name, place) => [name, place]));
  return {
    width: categories.length,
    encode(value, into, at) {
      const missing = isMissing(value);
      if (missing && fill === null) return expectedType(type);
      if (!missing && categoryType(value) !== type) return expectedType(type);
      const place = places.get(missing ? fill! : String(value));
      if (place !== undefined) into[at + place] = 1;
      else if (unknown === "error") return oneOf(categories);
      return null;
    },
  };
}

function oneOf(categories: readonly string[]): string {
  const shown = categories.slice(0, 8).map((name) => JSON.stringify(name)).join(", ");
  const rest = categories.length - 8;
  return `one of ${shown}${rest > 0 ? ` and ${rest} more` : ""}`;
}
