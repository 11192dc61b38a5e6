/** Where the n-grams of a text are to be written. */
export interface FoundNgrams {
  /** Ids, each once. */
  readonly ids: Int32Array;
  /** How often each occurs. */
  readonly counts: Int32Array;
  /** Where to begin; there is room for as many as are looked up. */
  readonly start: number;
}

/** Knows the ids of the kept n-grams. */
export interface NgramTable {
  /** Writes the known ones among the first `count` hashes, in the order of their first places. @returns Where they end. */
  find(hashes: Int32Array, count: number, into: FoundNgrams): number;
}

/** Hashes whose highest bits are equal stand side by side; there are about as many such groups as hashes. */
const GROUP_BITS = 20;
const GROUP_SHIFT = 32 - GROUP_BITS;

/** @param hashes In rising order; the id of a hash is its place. */
export function openNgramTable(hashes: Uint32Array): NgramTable {
  const groups = groupStarts(hashes);
  // Where an n-gram of this text was written; right only when that place is of this text and says so itself.
  const places = new Int32Array(hashes.length);
  let found = new Int32Array(0);
  let warmth = 0;
  return {
    find(grams, count, { ids, counts, start }) {
      if (found.length < count) found = new Int32Array(2 * count);
      // Each of these loops only loads, so that the processor waits for many cache misses at once.
      for (let i = 0; i < count; i++) found[i] = groups[grams[i]! >>> GROUP_SHIFT]!;
      for (let i = 0; i < count; i++) warmth ^= hashes[found[i]!]! | 0;
      const known = keepKnown(hashes, grams, count, found);
      for (let i = 0; i < known; i++) warmth ^= places[found[i]!]!;
      let end = start;
      for (let i = 0; i < known; i++) {
        const id = found[i]!;
        const place = places[id]!;
        if (place >= start && place < end && ids[place] === id) counts[place]!++;
        else {
          places[id] = end;
          ids[end] = id;
          counts[end++] = 1;
        }
      }
      return end;
    },
  };
}

/** Turns starts of groups into ids, and closes the gaps of unknown hashes. @returns How many are known. */
function keepKnown(
  hashes: Uint32Array,
  grams: Int32Array,
  count: number,
  found: Int32Array,
): number {
  let known = 0;
  for (let i = 0; i < count; i++) {
    const gram = grams[i]! >>> 0;
    let id = found[i]!;
    while (id < hashes.length && hashes[id]! < gram) id++;
    found[known] = id;
    known += hashes[id] === gram ? 1 : 0;
  }
  return known;
}

/** The first id of every group of hashes, and their number at the end. */
function groupStarts(hashes: Uint32Array): Int32Array {
  const starts = new Int32Array(2 ** GROUP_BITS + 1);
  let id = 0;
  for (let group = 0; group < starts.length; group++) {
    while (id < hashes.length && hashes[id]! >>> GROUP_SHIFT < group) id++;
    starts[group] = id;
  }
  return starts;
}
