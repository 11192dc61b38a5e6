import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import type { Batch } from "../../pipeline/mod.ts";
import { type Examples, takeBatch } from "./examples.ts";

/** How the examples of an epoch are dealt. */
export interface BatchOptions {
  readonly batchSize: number;
  readonly seed: number;
  /** 1 for the first. Every epoch has an order of its own, whatever came before it. */
  readonly epoch: number;
}

/** Every example once, in an order that seed and epoch decide; the last batch may be shorter. */
export function* shuffledBatches(
  examples: Examples,
  { batchSize, seed, epoch }: BatchOptions,
): Iterable<Batch> {
  const order = shuffledPlaces(examples.count, { seed, epoch });
  for (let at = 0; at < order.length; at += batchSize) {
    yield takeBatch(examples, order.subarray(at, at + batchSize));
  }
}

/** Every example once, as they stand. */
export function* orderedBatches(examples: Examples, batchSize: number): Iterable<Batch> {
  const order = Uint32Array.from({ length: examples.count }, (_, place) => place);
  for (let at = 0; at < order.length; at += batchSize) {
    yield takeBatch(examples, order.subarray(at, at + batchSize));
  }
}

/**
 * The numbers below `count` in an order of their own for each seed and epoch (Fisher-Yates).
 * Epochs are 2^64 numbers of one generator apart.
 */
export function shuffledPlaces(
  count: number,
  { seed, epoch }: Pick<BatchOptions, "seed" | "epoch">,
): Uint32Array {
  const random = xoroshiro128plus(seed);
  for (let i = 0; i < epoch; i++) random.jump();
  const places = Uint32Array.from({ length: count }, (_, place) => place);
  for (let last = count - 1; last > 0; last--) {
    const chosen = uniformInt(random, 0, last);
    [places[last], places[chosen]] = [places[chosen]!, places[last]!];
  }
  return places;
}
