import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import type { Batch } from "../../pipeline/mod.ts";
import type { TokenizedSplit } from "../tokenize/token_files.ts";
import { shuffledPlaces } from "../train/batches.ts";

/** How tokens become batches. */
export interface TokenBatchOptions {
  readonly batchSize: number;
  /** Tokens of the longest text. */
  readonly maxLength: number;
  /** Id that fills short texts up. */
  readonly padding: number;
}

/** Batches among which texts of like length are put together: enough to waste little, few enough to stay random. */
const WINDOW = 64;

/** Parts of the longest length to which texts are filled up: the engine keeps a graph for each. */
const BUCKETS = [1 / 8, 1 / 4, 3 / 8, 1 / 2, 3 / 4, 1];

/**
 * The places of an epoch, batch by batch: shuffled by seed and epoch, texts of like length side by side, the batches then in
 * random order.
 */
export function epochBatches(
  { count, starts }: TokenizedSplit,
  { batchSize, seed, epoch }: {
    readonly batchSize: number;
    readonly seed: number;
    readonly epoch: number;
  },
): readonly Uint32Array[] {
  const order = shuffledPlaces(count, { seed, epoch });
  const random = xoroshiro128plus(seed ^ 0x9e3779b9);
  for (let i = 0; i < epoch; i++) random.jump();
  const batches: Uint32Array[] = [];
  for (let first = 0; first < count; first += WINDOW * batchSize) {
    const window = [...order.subarray(first, first + WINDOW * batchSize)];
    // Sorting is stable: texts of one length stay in their random order.
    window.sort((a, b) => (starts[a + 1]! - starts[a]!) - (starts[b + 1]! - starts[b]!));
    for (let at = 0; at < window.length; at += batchSize) {
      batches.push(Uint32Array.from(window.slice(at, at + batchSize)));
    }
  }
  for (let last = batches.length - 1; last > 0; last--) {
    const chosen = uniformInt(random, 0, last);
    [batches[last], batches[chosen]] = [batches[chosen]!, batches[last]!];
  }
  return batches;
}

/** All places, those of short texts first, batch by batch. */
export function lengthBatches(
  { count, starts }: TokenizedSplit,
  batchSize: number,
): readonly Uint32Array[] {
  const places = Array.from({ length: count }, (_, place) => place)
    .sort((a, b) => (starts[a + 1]! - starts[a]!) - (starts[b + 1]! - starts[b]!));
  return Array.from(
    { length: Math.ceil(count / batchSize) },
    (_, i) => Uint32Array.from(places.slice(i * batchSize, (i + 1) * batchSize)),
  );
}

/** The texts at these places as tensors, filled up to the next bucket. */
export function takeTokens(
  { ids, starts, targets }: TokenizedSplit,
  places: Uint32Array,
  { maxLength, padding }: Omit<TokenBatchOptions, "batchSize">,
): Batch {
  const longest = places.reduce((most, at) => Math.max(most, starts[at + 1]! - starts[at]!), 1);
  const length = bucketOf(longest, maxLength);
  const shape = [places.length, length];
  const padded = new BigInt64Array(places.length * length).fill(BigInt(padding));
  const mask = new BigInt64Array(padded.length);
  places.forEach((place, row) => {
    let to = row * length;
    for (let at = starts[place]!; at < starts[place + 1]!; at++, to++) {
      padded[to] = BigInt(ids[at]!);
      mask[to] = 1n;
    }
  });
  return {
    inputs: {
      input_ids: { type: "int64", shape, data: padded },
      attention_mask: { type: "int64", shape, data: mask },
    },
    targets: {
      type: "int32",
      shape: [places.length],
      data: Int32Array.from(places, (place) => targets[place]!),
    },
  };
}

function bucketOf(length: number, maxLength: number): number {
  const buckets = BUCKETS.map((part) => Math.min(maxLength, Math.ceil(part * maxLength / 8) * 8));
  return buckets.find((bucket) => bucket >= length) ?? length;
}
