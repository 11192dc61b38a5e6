import { deepEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import type { TokenizedSplit } from "../tokenize/token_files.ts";
import { epochBatches, lengthBatches, takeTokens } from "./token_batches.ts";

function splitOf(lengths: readonly number[]): TokenizedSplit {
  const starts = Int32Array.from([0, ...lengths]);
  for (let i = 1; i < starts.length; i++) starts[i]! += starts[i - 1]!;
  return {
    count: lengths.length,
    starts,
    ids: Int32Array.from({ length: starts.at(-1)! }, (_, i) => i + 1),
    targets: Int32Array.from(lengths, (_, i) => i % 2),
  };
}

const lengths = fc.array(fc.integer({ min: 2, max: 64 }), { minLength: 1, maxLength: 300 });

Deno.test("epochBatches() deals every text once, in an order of its own for each epoch", () => {
  fc.assert(
    fc.property(lengths, fc.integer({ min: 1, max: 8 }), (all, batchSize) => {
      const split = splitOf(all);
      const deal = (epoch: number) => epochBatches(split, { batchSize, seed: 3, epoch });

      const places = deal(1).flatMap((batch) => [...batch]);

      deepEqual(places.toSorted((a, b) => a - b), all.map((_, i) => i));
      deepEqual(deal(1), deal(1));
      ok(deal(1).every(({ length }) => length >= 1 && length <= batchSize));
    }),
    { seed: 8, numRuns: 50 },
  );
});

Deno.test("epochBatches() differs between epochs and seeds, and puts like lengths together", () => {
  const split = splitOf(Array.from({ length: 512 }, (_, i) => 2 + (i * 37) % 60));
  const deal = (seed: number, epoch: number) => epochBatches(split, { batchSize: 8, seed, epoch });

  ok(JSON.stringify(deal(1, 1)) !== JSON.stringify(deal(1, 2)));
  ok(JSON.stringify(deal(1, 1)) !== JSON.stringify(deal(2, 1)));
  const lengthOf = (place: number) => split.starts[place + 1]! - split.starts[place]!;
  for (const batch of deal(1, 1)) {
    const found = [...batch].map(lengthOf);
    ok(Math.max(...found) - Math.min(...found) <= 2);
  }
});

Deno.test("lengthBatches() puts short texts first, every one once", () => {
  const batches = lengthBatches(splitOf([5, 3, 4]), 2);

  deepEqual(batches.map((batch) => [...batch]), [[1, 2], [0]]);
});

Deno.test("takeTokens() fills texts up to a length that few graphs share", () => {
  const split = splitOf([3, 2, 40]);
  const texts = { maxLength: 64, padding: 9 };

  const short = takeTokens(split, Uint32Array.of(1, 0), texts);

  deepEqual(short.inputs.input_ids!.shape, [2, 8]);
  deepEqual(Array.from(short.inputs.input_ids!.data, Number), [
    ...[4, 5, 9, 9, 9, 9, 9, 9],
    ...[1, 2, 3, 9, 9, 9, 9, 9],
  ]);
  deepEqual(Array.from(short.inputs.attention_mask!.data, Number), [
    ...[1, 1, 0, 0, 0, 0, 0, 0],
    ...[1, 1, 1, 0, 0, 0, 0, 0],
  ]);
  deepEqual([...short.targets.data], [1, 0]);
  deepEqual(takeTokens(split, Uint32Array.of(2), texts).inputs.input_ids!.shape, [1, 48]);
  const shapes = Array.from({ length: 63 }, (_, i) => {
    const { inputs } = takeTokens(splitOf([i + 2]), Uint32Array.of(0), texts);
    return inputs.input_ids!.shape[1];
  });
  equal(new Set(shapes).size, 6);
});
