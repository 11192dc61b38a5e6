/**
 * Measures how much of an epoch is left when the frozen part is found on disk: `deno run -A frozen.ts CASE FOLDER`. Prints one JSON line.
 *
 * @module
 */
import process from "node:process";
import { openEngine } from "../mod.ts";
import { batchAt } from "./batches.ts";
import { benchCases } from "./cases.ts";

const BATCHES = 6;
const [name = "", folder = ""] = process.argv.slice(2);
const bench = benchCases[name]!;

await using engine = await openEngine("cpu", { threads: 1 });
const model = await Deno.readFile(`${folder}/model.onnx`);
await using training = await engine.openTraining(model, {
  loss: { kind: "cross-entropy" },
  optimizer: { kind: "adamw", learningRate: 1e-4 },
  unfrozenLayers: bench.unfrozenLayers ?? 0,
  frozenCache: { folder: `${folder}/frozen` },
});
const epochs: number[][] = [[], []];
for (const milliseconds of epochs) {
  for (let iteration = 0; iteration < BATCHES; iteration++) {
    const batch = batchAt(bench, iteration);
    const before = process.cpuUsage();
    await training.iterate(batch);
    const { user, system } = process.cpuUsage(before);
    milliseconds.push((user + system) / 1000);
  }
}
const [first, second] = epochs;
process.stdout.write(`${JSON.stringify({ first, second })}\n`);
