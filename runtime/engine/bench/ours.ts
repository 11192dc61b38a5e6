/**
 * Measures one case with our engine, in a process of its own: `deno run -A ours.ts CASE FOLDER`. Prints one JSON line.
 *
 * @module
 */
import process from "node:process";
import { openEngine } from "../mod.ts";
import { batchAt } from "./batches.ts";
import { benchCases } from "./cases.ts";

const WARM_UP = 2;
const [name = "", folder = ""] = process.argv.slice(2);
const bench = benchCases[name]!;

await using engine = await openEngine("cpu", { threads: 1 });
const { unfrozenLayers } = bench;
const model = await Deno.readFile(`${folder}/model.onnx`);
await using training = await engine.openTraining(model, {
  loss: { kind: "cross-entropy" },
  optimizer: { kind: "adamw", learningRate: 1e-4 },
  ...(unfrozenLayers === undefined ? {} : { unfrozenLayers }),
});
const losses: number[] = [];
const milliseconds: number[] = [];
for (let iteration = 0; iteration < WARM_UP + bench.iterations; iteration++) {
  const batch = batchAt(bench, iteration);
  const before = process.cpuUsage();
  losses.push((await training.iterate(batch)).loss);
  const { user, system } = process.cpuUsage(before);
  if (iteration >= WARM_UP) milliseconds.push((user + system) / 1000);
}
const status = await Deno.readTextFile("/proc/self/status");
const peakKilobytes = Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]);
process.stdout.write(`${JSON.stringify({ losses, milliseconds, peakKilobytes })}\n`);
