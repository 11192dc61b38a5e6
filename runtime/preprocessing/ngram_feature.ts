import type { FittedNgrams, NgramFamily, NgramFeature, NgramPlaces } from "../../pipeline/mod.ts";
import type { FeatureLearner } from "./feature.ts";
import { encodeHashes } from "./hash_list.ts";
import { openNgramCounts } from "./ngram_counts.ts";
import { openNgramHasher, openPlaceHasher, PLACED } from "./ngram_hashes.ts";

/** What a value of the column must be. */
export const A_TEXT = "a text";

const FAMILIES: readonly NgramFamily[] = [
  { lengths: [1, 5], spaces: true },
  { lengths: [2, 4], spaces: false },
];

/** Learns which n-grams of a column of texts are frequent enough to be kept. */
export function learnNgrams(feature: NgramFeature): FeatureLearner<FittedNgrams> {
  const { column, families = FAMILIES, minTexts = 3, maxLength = 1024 } = feature;
  const hasher = openNgramHasher({ families, maxLength });
  const counts = openNgramCounts();
  const placed = feature.places === undefined ? undefined : learnPlaces(feature.places);
  let texts = 0;
  return {
    learn(value) {
      if (typeof value !== "string") return A_TEXT;
      texts++;
      counts.add(hasher.hashes, hasher.read(value));
      placed?.learn(value);
      return null;
    },
    problem: () =>
      texts > 0 && texts < minTexts
        ? `column "${column}" has ${texts} texts, and an n-gram is kept when ${minTexts} hold it`
        : null,
    async finish() {
      const hashes = await counts.frequent(minTexts);
      return {
        ...{ column, as: "ngrams", families, maxLength },
        count: hashes.length,
        hashes: encodeHashes(hashes),
        ...(placed === undefined ? {} : { places: await placed.finish() }),
      };
    },
  };
}

/** Learns which of the n-grams that are kept by place are frequent enough. */
function learnPlaces({ minTexts, maxLength }: NgramPlaces) {
  const hasher = openPlaceHasher({ maxLength });
  const counts = openNgramCounts();
  const grams = new Int32Array(hasher.hashes.length);
  return {
    learn(text: string): void {
      const length = PLACED * hasher.read(text);
      let count = 0;
      for (let at = 0; at < length; at++) {
        if (hasher.hashes[at] !== 0) grams[count++] = hasher.hashes[at]!;
      }
      counts.add(grams, count);
    },
    async finish(): Promise<NonNullable<FittedNgrams["places"]>> {
      const hashes = await counts.frequent(minTexts);
      return { maxLength, count: hashes.length, hashes: encodeHashes(hashes) };
    },
  };
}
