import type { FittedNgrams, NgramFamily } from "../../pipeline/mod.ts";
import type { NgramFilter } from "./ngram_filter.ts";

/** Hashes the n-grams of texts; made for many texts, one after the other. */
export interface NgramHasher {
  /** Hashes of the text that was read last; only the first `read()` of them count. */
  readonly hashes: Int32Array;
  /** Reads a text. @returns How many n-grams it has, equal ones counted each time. */
  read(text: string): number;
}

const SPACE = 32;

/** Lets every n-gram pass. */
const EVERYTHING: NgramFilter = { bits: Int32Array.of(-1), shift: 27 };

/** Characters of a run that are kept: 'ㅋㅋㅋㅋㅋㅋ' says no more than 'ㅋㅋㅋ'. */
const LONGEST_RUN = 3;

/**
 * Opens a hasher. No hash is 0.
 *
 * @param known Leaves out n-grams that it does not let pass, and longer ones that begin like them: no text holds a longer n-gram
 * without its beginning, so when that is rare, it is rare, too.
 */
export function openNgramHasher(
  { families, maxLength }: Pick<FittedNgrams, "families" | "maxLength">,
  known: NgramFilter = EVERYTHING,
): NgramHasher {
  const whole = new Uint16Array(maxLength + 2);
  const dense = new Uint16Array(maxLength);
  const hashes = new Int32Array(whole.length * ngramsPerCharacter(families));
  return {
    hashes,
    read(text) {
      const lengths = normalize(text.toLowerCase(), whole, dense);
      let count = 0;
      families.forEach(({ lengths: [from, to], spaces }, place) => {
        const units = spaces ? whole : dense;
        const seed = Math.imul(place + 1, 0x2545f491);
        const length = spaces ? lengths.whole : lengths.dense;
        count = hashFamily(units, length, { from, to, seed, known }, hashes, count);
      });
      return count;
    },
  };
}

function ngramsPerCharacter(families: readonly NgramFamily[]): number {
  return families.reduce((sum, { lengths: [from, to] }) => sum + to - from + 1, 0);
}

/** Reads n-grams of 1 to 3 characters place by place. */
export interface PlaceHasher {
  /** Three hashes for each character; 0 where the text is too short. */
  readonly hashes: Int32Array;
  /** Reads a text. @returns How many characters it has, at least one. */
  read(text: string): number;
}

/** Opens a hasher of the n-grams that begin at each character of a text. */
export function openPlaceHasher({ maxLength }: { readonly maxLength: number }): PlaceHasher {
  const whole = new Uint16Array(maxLength + 1);
  const dense = new Uint16Array(maxLength);
  const hashes = new Int32Array(PLACED * whole.length);
  return {
    hashes,
    read(text) {
      const { whole: length } = normalize(text.toLowerCase(), whole, dense);
      for (let first = 0; first < length; first++) {
        let hash = 0x2545f491;
        for (let n = 1; n <= PLACED; n++) {
          const at = first + n - 1;
          hash = mixUnit(hash, whole[at]!);
          hashes[PLACED * first + n - 1] = at < length ? finished(hash, n) : 0;
        }
      }
      return length;
    },
  };
}

/** N-grams that begin at a character. */
export const PLACED = 3;

function mixUnit(hash: number, unit: number): number {
  const mixed = Math.imul(hash ^ unit, 0x9e3779b1);
  return mixed ^ (mixed >>> 15);
}

/** MurmurHash3's last mixing step; never 0. */
function finished(hash: number, n: number): number {
  let mixed = (hash + n) | 0;
  mixed ^= mixed >>> 16;
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  mixed ^= mixed >>> 16;
  return mixed === 0 ? 1 : mixed;
}

/** Writes a text with one space for all white space, and one at each end; and, `dense`, without any. */
function normalize(
  text: string,
  whole: Uint16Array,
  dense: Uint16Array,
): { readonly whole: number; readonly dense: number } {
  let length = 0;
  let denseLength = 0;
  whole[length++] = SPACE;
  let last = SPACE;
  let run = 0;
  for (let i = 0; i < text.length && length < whole.length - 1; i++) {
    const unit = text.charCodeAt(i);
    if (isSpace(unit)) {
      if (last !== SPACE) whole[length++] = last = SPACE;
      continue;
    }
    run = unit === last ? run + 1 : 1;
    last = unit;
    if (run > LONGEST_RUN) continue;
    whole[length++] = unit;
    dense[denseLength++] = unit;
  }
  if (last !== SPACE) whole[length++] = SPACE;
  return { whole: length, dense: denseLength };
}

/** White space as `\s` has it. */
function isSpace(unit: number): boolean {
  if (unit < 0x80) return unit === SPACE || (unit >= 9 && unit <= 13);
  return unit === 0xa0 || unit === 0x3000 || unit === 0xfeff || unit === 0x1680 ||
    (unit >= 0x2000 && unit <= 0x200a) || unit === 0x2028 || unit === 0x2029 ||
    unit === 0x202f || unit === 0x205f;
}

/**
 * Hashes all n-grams of `from` to `to` units. Those that start at one place share the work: each goes on from the
 * shorter one, and is finished on its own by MurmurHash3's last mixing step.
 */
function hashFamily(
  units: Uint16Array,
  length: number,
  { from, to, seed, known: { bits, shift } }: {
    readonly from: number;
    readonly to: number;
    readonly seed: number;
    readonly known: NgramFilter;
  },
  into: Int32Array,
  start: number,
): number {
  let at = start;
  for (let first = 0; first < length; first++) {
    const end = Math.min(to, length - first);
    let hash = seed;
    for (let n = 1; n <= end; n++) {
      hash = mixUnit(hash, units[first + n - 1]!);
      if (n < from) continue;
      const found = finished(hash, n);
      const place = found >>> shift;
      if ((bits[place >>> 5]! & (1 << (place & 31))) === 0) break;
      into[at++] = found;
    }
  }
  return at;
}
