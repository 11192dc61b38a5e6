import type { FittedNgrams, NgramFamily } from "../../pipeline/mod.ts";

/** Hashes the n-grams of texts; made for many texts, one after the other. */
export interface NgramHasher {
  /** Hashes of the text that was read last; only the first `read()` of them count. */
  readonly hashes: Int32Array;
  /** Reads a text. @returns How many n-grams it has, equal ones counted each time. */
  read(text: string): number;
}

const SPACE = 32;

/** Characters of a run that are kept: 'ㅋㅋㅋㅋㅋㅋ' says no more than 'ㅋㅋㅋ'. */
const LONGEST_RUN = 3;

/** Opens a hasher. No hash is 0. */
export function openNgramHasher(
  { families, maxLength }: Pick<FittedNgrams, "families" | "maxLength">,
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
        count = hashFamily(units, length, { from, to, seed }, hashes, count);
      });
      return count;
    },
  };
}

function ngramsPerCharacter(families: readonly NgramFamily[]): number {
  return families.reduce((sum, { lengths: [from, to] }) => sum + to - from + 1, 0);
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
  { from, to, seed }: { readonly from: number; readonly to: number; readonly seed: number },
  into: Int32Array,
  start: number,
): number {
  let at = start;
  for (let first = 0; first < length; first++) {
    const end = Math.min(to, length - first);
    let hash = seed;
    for (let n = 1; n <= end; n++) {
      hash = Math.imul(hash ^ units[first + n - 1]!, 0x9e3779b1);
      hash ^= hash >>> 15;
      if (n < from) continue;
      let mixed = (hash + n) | 0;
      mixed ^= mixed >>> 16;
      mixed = Math.imul(mixed, 0x85ebca6b);
      mixed ^= mixed >>> 13;
      mixed = Math.imul(mixed, 0xc2b2ae35);
      mixed ^= mixed >>> 16;
      into[at++] = mixed === 0 ? 1 : mixed;
    }
  }
  return at;
}
