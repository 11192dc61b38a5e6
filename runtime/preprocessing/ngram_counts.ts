import { setImmediate } from "node:timers/promises";
import { joinHashes } from "./hash_list.ts";

/** Counts in how many texts each of very many hashes occurs. */
export interface NgramCounts {
  /** Takes the n-grams of one more text: the first `count` of `hashes`. */
  add(hashes: Int32Array, count: number): void;
  /** The hashes that at least `minTexts` texts hold, in rising order. `minTexts` is at most `MOST_TEXTS`. */
  frequent(minTexts: number): Promise<Uint32Array<ArrayBuffer>>;
}

/** What a count goes up to; larger ones are not told apart. */
export const MOST_TEXTS = 15;

/** Bits of a slot's state that hold the count; the rest is the number of the last text. */
const COUNT_BITS = 4;

/** Tables by the highest bits of the hash: each is small enough for the processor's cache. */
const PARTS = 1024;
const PART_SHIFT = 22;

/** Hashes that wait for their table, so that it is fetched into the cache once for many. */
const WAITING = 4096;

const FIRST_SLOTS = 256;

/**
 * Opens an exact count. A large table would cost a cache miss for every n-gram; so they are dealt to many small
 * ones, and each of these is visited only when enough wait for it.
 */
export function openNgramCounts(): NgramCounts {
  const parts = Array.from({ length: PARTS }, newPart);
  const waiting = new Int32Array(PARTS * WAITING * 2);
  const lengths = new Int32Array(PARTS);
  let text = 0;
  const settle = (part: number): void => {
    const start = part * WAITING * 2;
    countAll(parts[part]!, waiting, start, start + 2 * lengths[part]!);
    lengths[part] = 0;
  };
  return {
    add(hashes, count) {
      text++;
      for (let i = 0; i < count; i++) {
        const hash = hashes[i]!;
        const part = hash >>> PART_SHIFT;
        if (lengths[part] === WAITING) settle(part);
        const at = 2 * (part * WAITING + lengths[part]!++);
        waiting[at] = hash;
        waiting[at + 1] = text;
      }
    },
    async frequent(minTexts) {
      const lists: Uint32Array[] = [];
      for (let part = 0; part < PARTS; part++) {
        settle(part);
        lists.push(frequentIn(parts[part]!, minTexts));
        if (part % 64 === 0) await setImmediate();
      }
      return joinHashes(lists);
    },
  };
}

/** An open-addressing table; a slot is a hash (0: free) and its state. */
interface Part {
  slots: Int32Array;
  used: number;
}

function newPart(): Part {
  return { slots: new Int32Array(2 * FIRST_SLOTS), used: 0 };
}

/** Counts pairs of hash and text. */
function countAll(part: Part, pairs: Int32Array, start: number, end: number): void {
  let { slots, used } = part;
  let mask = slots.length / 2 - 1;
  for (let i = start; i < end; i += 2) {
    const hash = pairs[i]!;
    const text = pairs[i + 1]!;
    const slot = findSlot(slots, hash, mask);
    if (slots[slot] === 0) {
      slots[slot] = hash;
      slots[slot + 1] = (text << COUNT_BITS) | 1;
      if (++used * 5 > (mask + 1) * 3) {
        slots = enlarge(slots);
        mask = slots.length / 2 - 1;
      }
    } else {
      const state = slots[slot + 1]!;
      if (state >>> COUNT_BITS === text << COUNT_BITS >>> COUNT_BITS) continue;
      slots[slot + 1] = (text << COUNT_BITS) | Math.min(MOST_TEXTS, (state & MOST_TEXTS) + 1);
    }
  }
  part.slots = slots;
  part.used = used;
}

function findSlot(slots: Int32Array, hash: number, mask: number): number {
  let slot = 2 * (hash & mask);
  while (slots[slot] !== hash && slots[slot] !== 0) slot = (slot + 2) & (2 * mask + 1);
  return slot;
}

function enlarge(slots: Int32Array): Int32Array {
  const larger = new Int32Array(4 * slots.length);
  const mask = larger.length / 2 - 1;
  for (let i = 0; i < slots.length; i += 2) {
    if (slots[i] === 0) continue;
    const slot = findSlot(larger, slots[i]!, mask);
    larger[slot] = slots[i]!;
    larger[slot + 1] = slots[i + 1]!;
  }
  return larger;
}

function frequentIn({ slots }: Part, minTexts: number): Uint32Array {
  const found: number[] = [];
  for (let i = 0; i < slots.length; i += 2) {
    if (slots[i] !== 0 && (slots[i + 1]! & MOST_TEXTS) >= minTexts) found.push(slots[i]!);
  }
  return Uint32Array.from(found).sort();
}
