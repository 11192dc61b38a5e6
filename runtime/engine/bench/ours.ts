/**
 * Measures one case with our engine, in a process of its own: `deno run -A ours.ts CASE FOLDER`. Prints one JSON line.
 *
 * @module
 */
import process from "node:process";
import type { Batch } from "../../../pipeline/engine_port.ts";
import { openEngine } from "../mod.ts";
import { benchCases } from "./cases.ts";

const WARM_UP = 2;
const [name = "", folder = ""] = process.argv.slice(2);
const bench = benchCases[name]!;

/** Numbers that the peer makes the same way: `(7919 * i + 13 * iteration) mod 1009`. */
function counted(length: number, iteration: number): number[] {
  return Array.from({ length }, (_, i) => (7919 * i + 13 * iteration) % 1009);
}

function batchAt(iteration: number): Batch {
  const { batch, length, features, classes, architecture } = bench;
  const targets = {
    type: "int32",
    shape: [batch],
    data: Int32Array.from(counted(batch, iteration), (item) => item % classes),
  } as const;
  if (architecture.kind === "mlp") {
    const data = Float32Array.from(
      counted(batch * features, iteration),
      (item) => item / 504.5 - 1,
    );
    return { inputs: { features: { type: "float32", shape: [batch, features], data } }, targets };
  }
  const shape = [batch, length];
  const ids = counted(batch * length, iteration).map(BigInt);
  const mask = new BigInt64Array(batch * length).fill(1n);
  return {
    inputs: {
      input_ids: { type: "int64", shape, data: BigInt64Array.from(ids) },
      attention_mask: { type: "int64", shape, data: mask },
    },
    targets,
  };
}

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
  const batch = batchAt(iteration);
  const before = process.cpuUsage();
  losses.push((await training.iterate(batch)).loss);
  const { user, system } = process.cpuUsage(before);
  if (iteration >= WARM_UP) milliseconds.push((user + system) / 1000);
}
const status = await Deno.readTextFile("/proc/self/status");
const peakKilobytes = Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]);
process.stdout.write(`${JSON.stringify({ losses, milliseconds, peakKilobytes })}\n`);
