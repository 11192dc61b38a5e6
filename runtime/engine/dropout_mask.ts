import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";

/** Which mask to draw. The same four numbers give the same mask on every engine, so a resumed training draws what it would have. */
export interface MaskSeed {
  readonly seed: number;
  readonly iteration: number;
  /** Which batch of the iteration. */
  readonly part: number;
  /** Which dropout of the model. */
  readonly index: number;
}

/**
 * Zeros for the share `ratio`, and 1 / (1 - ratio) elsewhere, so that the expected sum stays.
 *
 * Each element is decided by 16 random bits: `ratio` is met to 1 / 65536.
 */
export function dropoutMask(
  length: number,
  ratio: number,
  which: MaskSeed,
): Float32Array<ArrayBuffer> {
  const generator = xoroshiro128plus(mixed([which.seed, which.iteration, which.part, which.index]));
  const limit = Math.round(ratio * 65536);
  const kept = 1 / (1 - ratio);
  const mask = new Float32Array(length);
  for (let i = 0; i < length; i += 2) {
    const bits = generator.next();
    if ((bits & 0xffff) >= limit) mask[i] = kept;
    if ((bits >>> 16) >= limit && i + 1 < length) mask[i + 1] = kept;
  }
  return mask;
}

/** Numbers stirred into one 32-bit integer (the finalizer of MurmurHash3 after each). */
function mixed(numbers: readonly number[]): number {
  return numbers.reduce((hash, number) => {
    let h = Math.imul(hash ^ number, 0x9e3779b1);
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    return h ^ (h >>> 16);
  }, 0x2545f491);
}
