import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import type { Turn } from "./turns.ts";

/** Samples that are drawn to see what chance does. */
const DRAWS = 30;
/** Standard deviations above the mean: of samples without drift some 1 in 100 is that far off. */
const SPREADS = 4;
/** Always the same draws: the same samples are judged alike. */
const SEED = 7;

/**
 * The distance that a sample of `size` values drawn from a reference of `from` values does not reach by chance: mean and four
 * standard deviations of 30 samples, and a little more as the reference is a sample itself.
 *
 * @param turn Asked before every sample: drawing one of 5,000 takes some tenths of a millisecond.
 * @param distanceOf Distance of the values at these sorted places of the reference from the whole reference.
 *
 * @see NannyML, whose thresholds are made of chunks of the reference, with three standard deviations.
 */
export async function chanceDistance(
  { from, size, turn }: { readonly from: number; readonly size: number; readonly turn: Turn },
  distanceOf: (places: Float64Array) => number,
): Promise<number> {
  const random = xoroshiro128plus(SEED);
  const drawn = new Uint32Array(from);
  const places = new Float64Array(size);
  const distances: number[] = [];
  for (let draw = 0; draw < DRAWS; draw++) {
    await turn();
    drawn.fill(0);
    for (let i = 0; i < size; i++) drawn[uniformInt(random, 0, from - 1)]!++;
    let filled = 0;
    for (let place = 0; place < from; place++) {
      for (let times = drawn[place]!; times > 0; times--) places[filled++] = place;
    }
    distances.push(distanceOf(places));
  }
  const mean = distances.reduce((sum, each) => sum + each, 0) / DRAWS;
  const squares = distances.reduce((sum, each) => sum + (each - mean) ** 2, 0);
  return (mean + SPREADS * Math.sqrt(squares / (DRAWS - 1))) * Math.sqrt(1 + size / from);
}
