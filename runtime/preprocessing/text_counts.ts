import type { NgramFamily, NgramPlaces } from "../../pipeline/mod.ts";
import { type NgramCounts, openNgramCounts } from "./ngram_counts.ts";
import { openNgramHasher, openPlaceHasher, PLACED } from "./ngram_hashes.ts";

/** What is counted in texts. */
export interface TextCountsOptions {
  readonly families: readonly NgramFamily[];
  readonly maxLength: number;
  readonly minTexts: number;
  readonly places: NgramPlaces | undefined;
  /** Counts only n-grams whose hash begins with these bits: of `2 ** bits` such parts, one. */
  readonly part: { readonly bits: number; readonly value: number };
}

/** N-grams that enough texts hold: rising hashes. */
export interface FrequentNgrams {
  readonly grams: Uint32Array;
  readonly places: Uint32Array | undefined;
}

/** Counts in how many texts each n-gram occurs. */
export interface TextCounts {
  learn(text: string): void;
  finish(): Promise<FrequentNgrams>;
}

/** Opens counts of one part of all n-grams. */
export function openTextCounts(
  { families, maxLength, minTexts, places, part }: TextCountsOptions,
): TextCounts {
  const isOwn = part.bits === 0
    ? () => true
    : (hash: number) => hash >>> (32 - part.bits) === part.value;
  const hasher = openNgramHasher({ families, maxLength });
  const counts = openNgramCounts();
  const placed = places === undefined ? undefined : openPlaceCounts(places, isOwn);
  return {
    learn(text) {
      counts.add(hasher.hashes, keepOwn(hasher.hashes, hasher.read(text), isOwn));
      placed?.learn(text);
    },
    async finish() {
      return {
        grams: await counts.frequent(minTexts),
        places: await placed?.counts.frequent(places!.minTexts),
      };
    },
  };
}

type IsOwn = (hash: number) => boolean;

/** Moves the hashes of one part to the front. @returns How many they are. */
function keepOwn(hashes: Int32Array, count: number, isOwn: IsOwn): number {
  let kept = 0;
  for (let at = 0; at < count; at++) {
    const hash = hashes[at]!;
    hashes[kept] = hash;
    kept += isOwn(hash) ? 1 : 0;
  }
  return kept;
}

function openPlaceCounts(
  { maxLength }: NgramPlaces,
  isOwn: IsOwn,
): { readonly counts: NgramCounts; learn(text: string): void } {
  const hasher = openPlaceHasher({ maxLength });
  const counts = openNgramCounts();
  const grams = new Int32Array(hasher.hashes.length);
  return {
    counts,
    learn(text) {
      const length = PLACED * hasher.read(text);
      let count = 0;
      for (let at = 0; at < length; at++) {
        const hash = hasher.hashes[at]!;
        if (hash !== 0 && isOwn(hash)) grams[count++] = hash;
      }
      counts.add(grams, count);
    },
  };
}
