/** Tells most n-grams that were not kept apart from those that were, by one bit. */
export interface NgramFilter {
  readonly bits: Int32Array;
  /** The highest bits of a hash, from here on, are the place of its bit. */
  readonly shift: number;
}

/** Bits for each n-gram: one in so many that were not kept passes. */
const BITS = 16;

/** Of more n-grams so many occur in every text that to ask first costs more than it saves. */
const MOST_NGRAMS = 1 << 18;

/** @returns A filter that lets all of `hashes` pass; `undefined` when there are too many for it to help. */
export function openNgramFilter(hashes: Uint32Array): NgramFilter | undefined {
  if (hashes.length > MOST_NGRAMS) return undefined;
  const size = Math.max(5, Math.ceil(Math.log2(BITS * hashes.length + 1)));
  const shift = 32 - size;
  const bits = new Int32Array(2 ** (size - 5));
  for (const hash of hashes) {
    const place = hash >>> shift;
    bits[place >>> 5]! |= 1 << (place & 31);
  }
  return { bits, shift };
}
