/**
 * Measures what filling texts up to a few lengths gains over filling all up to the longest: `deno run -A lengths.ts CASE FOLDER`. Prints
 * one JSON line with tokens of texts (without padding) a second of CPU time.
 *
 * @module
 */
import process from "node:process";
import type { Batch } from "../../../pipeline/engine_port.ts";
import { openEngine } from "../mod.ts";
import { seededRandom } from "../seeded_random.ts";
import { type BenchCase, benchCases } from "./cases.ts";

const BATCHES = 16;
const [name = "", folder = ""] = process.argv.slice(2);
const bench = benchCases[name]!;
const BUCKETS = [1 / 4, 1 / 2, 3 / 4, 1].map((part) => part * bench.length);

/** Lengths of short texts with a few long ones, as reviews have them: half of the longest is rare. */
function textLengths({ batch, length }: BenchCase): number[] {
  const random = seededRandom(1);
  const skewed = () => Math.exp(2.5 + 0.8 * (random() + random() + random() - 1.5));
  return Array.from(
    { length: BATCHES * batch },
    () => Math.round(Math.min(length, Math.max(4, skewed()))),
  );
}

function batchOf(lengths: readonly number[], width: number): Batch {
  const shape = [lengths.length, width];
  const ids = new BigInt64Array(lengths.length * width);
  const mask = new BigInt64Array(ids.length);
  lengths.forEach((length, row) => {
    for (let i = 0; i < length; i++) {
      ids[row * width + i] = BigInt((7919 * i + 13 * row) % 1009);
      mask[row * width + i] = 1n;
    }
  });
  const targets = Int32Array.from(lengths, (_, row) => row % bench.classes);
  return {
    inputs: {
      input_ids: { type: "int64", shape, data: ids },
      attention_mask: { type: "int64", shape, data: mask },
    },
    targets: { type: "int32", shape: [lengths.length], data: targets },
  };
}

/** Tokens a second over the second of two rounds: the first loads a graph for each length. */
async function tokensPerSecond(batches: readonly Batch[], tokens: number): Promise<number> {
  await using engine = await openEngine("cpu", { threads: 1 });
  await using training = await engine.openTraining(await Deno.readFile(`${folder}/model.onnx`), {
    loss: { kind: "cross-entropy" },
    optimizer: { kind: "adamw", learningRate: 1e-4 },
  });
  let before = process.cpuUsage();
  for (let round = 0; round < 2; round++) {
    before = process.cpuUsage();
    for (const batch of batches) await training.iterate(batch);
  }
  const { user, system } = process.cpuUsage(before);
  return tokens / ((user + system) / 1e6);
}

const lengths = textLengths(bench);
const tokens = lengths.reduce((sum, length) => sum + length, 0);
const chunks = (all: readonly number[]): number[][] =>
  Array.from({ length: BATCHES }, (_, i) => all.slice(i * bench.batch, (i + 1) * bench.batch));
const whole = chunks(lengths).map((chunk) => batchOf(chunk, bench.length));
const fitting = chunks(lengths.toSorted((a, b) => a - b)).map((chunk) => {
  const longest = Math.max(...chunk);
  return batchOf(chunk, BUCKETS.find((bucket) => bucket >= longest)!);
});
const result = {
  padded: await tokensPerSecond(whole, tokens),
  bucketed: await tokensPerSecond(fitting, tokens),
};
process.stdout.write(`${JSON.stringify(result)}\n`);
