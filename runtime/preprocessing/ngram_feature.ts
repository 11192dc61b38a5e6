import type { FittedNgrams, NgramFamily, NgramFeature } from "../../pipeline/mod.ts";
import { openParallelCounts } from "./count_texts.ts";
import type { FeatureLearner } from "./feature.ts";
import { encodeHashes } from "./hash_list.ts";

/** What a value of the column must be. */
export const A_TEXT = "a text";

const FAMILIES: readonly NgramFamily[] = [
  { lengths: [1, 5], spaces: true },
  { lengths: [2, 4], spaces: false },
];

/** Learns which n-grams of a column of texts are frequent enough to be kept. */
export function learnNgrams(feature: NgramFeature): FeatureLearner<FittedNgrams> {
  const { column, families = FAMILIES, minTexts = 3, maxLength = 1024, places } = feature;
  const counts = openParallelCounts({ families, minTexts, maxLength, places });
  let texts = 0;
  return {
    learn(value) {
      if (typeof value !== "string") return A_TEXT;
      texts++;
      counts.learn(value);
      return null;
    },
    rest: () => counts.rest(),
    problem: () =>
      texts > 0 && texts < minTexts
        ? `column "${column}" has ${texts} texts, and an n-gram is kept when ${minTexts} hold it`
        : null,
    async finish() {
      const found = await counts.finish();
      return {
        ...{ column, as: "ngrams", families, maxLength },
        count: found.grams.length,
        hashes: encodeHashes(found.grams),
        ...(found.places === undefined ? {} : {
          places: {
            maxLength: places!.maxLength,
            count: found.places.length,
            hashes: encodeHashes(found.places),
          },
        }),
      };
    },
    [Symbol.dispose]: () => counts[Symbol.dispose](),
  };
}
