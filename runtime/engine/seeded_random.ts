import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";

/** Uniform numbers in [0, 1), each call the next. */
export type RandomNumbers = () => number;

/**
 * Random numbers that only the seed decides.
 *
 * @throws {RangeError} If the seed is not a whole number.
 */
export function seededRandom(seed: number): RandomNumbers {
  if (!Number.isSafeInteger(seed)) {
    throw new RangeError(`The seed must be a whole number, and is ${seed}`);
  }
  const generator = xoroshiro128plus(seed);
  return () => uniformFloat64(generator);
}
