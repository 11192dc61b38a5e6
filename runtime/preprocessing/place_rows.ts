import type { FittedNgrams, Tensor } from "../../pipeline/mod.ts";
import { decodeHashes } from "./hash_list.ts";
import { openPlaceHasher, PLACED } from "./ngram_hashes.ts";

/** Rows are as long as the longest text needs, rounded up to this: batches of one length can be joined. */
const LENGTH_STEP = 16;

/** Ids below this are no n-grams: 0 is behind the end of a text, 1 an n-gram that was not kept. */
const FIRST_ID = 2;
const NOT_KEPT = 1;

/** Writes the n-grams that begin at each character of texts: int32 `[rows, characters, 3]`. */
export function encodePlaces(
  fitted: NonNullable<FittedNgrams["places"]>,
): (texts: readonly string[]) => Tensor {
  const hasher = openPlaceHasher(fitted);
  const idOf = openHashIndex(decodeHashes(fitted.hashes, fitted.count)!);
  return (texts) => {
    const rows = texts.map((text) => {
      const length = hasher.read(text);
      const ids = new Int32Array(PLACED * length);
      for (let at = 0; at < ids.length; at++) {
        const hash = hasher.hashes[at]!;
        ids[at] = hash === 0 ? NOT_KEPT : idOf(hash);
      }
      return ids;
    });
    const longest = rows.reduce((most, { length }) => Math.max(most, length / PLACED), 1);
    const length = Math.ceil(longest / LENGTH_STEP) * LENGTH_STEP;
    const data = new Int32Array(rows.length * length * PLACED);
    rows.forEach((ids, row) => data.set(ids, row * length * PLACED));
    return { type: "int32", shape: [rows.length, length, PLACED], data };
  };
}

/** An open-addressing table that is at most half full. */
function openHashIndex(hashes: Uint32Array): (hash: number) => number {
  const bits = Math.max(4, Math.ceil(Math.log2(2 * hashes.length + 1)));
  const mask = 2 ** bits - 1;
  const slots = new Int32Array(2 * (mask + 1)); // hash (0: free) and id
  const slotOf = (hash: number): number => {
    let slot = 2 * (hash & mask);
    while (slots[slot] !== hash && slots[slot] !== 0) slot = (slot + 2) & (2 * mask + 1);
    return slot;
  };
  hashes.forEach((each, place) => {
    const slot = slotOf(each | 0);
    slots[slot] = each | 0;
    slots[slot + 1] = FIRST_ID + place;
  });
  return (hash) => {
    const slot = slotOf(hash);
    return slots[slot] === 0 ? NOT_KEPT : slots[slot + 1]!;
  };
}
