/**
 * Measures the perceptron in a browser's engines, ours or jax-js: `deno run -A web.ts wasm|webgpu ours|jax CASE FOLDER`. Prints one JSON
 * line: losses, and milliseconds of CPU time of an iteration (which a software GPU spends on the CPU, too).
 *
 * @module
 */
import process from "node:process";
import type { Batch } from "../../../pipeline/engine_port.ts";
import { openEngine } from "../mod.ts";
import { readSafetensors } from "../safetensors.ts";
import { batchAt } from "./batches.ts";
import { type BenchCase, benchCases } from "./cases.ts";

/** One update; resolves to the loss. */
type Step = (batch: Batch) => Promise<number>;

const WARM_UP = 5;
const ITERATIONS = 25;
const LEARNING_RATE = 0.01;
const [device = "", who = "", name = "", folder = ""] = process.argv.slice(2);
const bench = benchCases[name]!;

async function openOurs(engineName: "wasm" | "webgpu"): Promise<Step> {
  const engine = await openEngine(engineName, { threads: 1 });
  const training = await engine.openTraining(await Deno.readFile(`${folder}/model.onnx`), {
    loss: { kind: "cross-entropy" },
    optimizer: { kind: "sgd", learningRate: LEARNING_RATE },
  });
  return async (batch) => (await training.iterate(batch)).loss;
}

/** The same in jax-js: one compiled function for loss, gradients and update, weights on its device. */
async function openJax(
  deviceName: "wasm" | "webgpu",
  { batch: examples, features, classes, architecture }: BenchCase,
): Promise<Step> {
  const jax = await import("@jax-js/jax");
  const { numpy: np } = jax;
  type Arrays = Record<string, InstanceType<typeof jax.Array>>;
  await jax.init(deviceName);
  jax.defaultDevice(deviceName);
  const { tensors } = readSafetensors(await Deno.readFile(`${folder}/weights.safetensors`));
  let weights: Arrays = Object.fromEntries(
    tensors.entries().map(([key, { data, shape }]) => [
      key,
      np.array(Float32Array.from(data as Float32Array)).reshape([...shape]),
    ]),
  );
  const layers = architecture.kind === "mlp" ? architecture.hidden.length + 1 : 0;
  const loss = (w: Arrays, x: Arrays[string], y: Arrays[string]) => {
    for (let i = 1; i <= layers; i++) {
      const layer = i === layers ? "output" : `hidden_${i}`;
      x = np.matmul(x, w[`${layer}.weight`]!).add(w[`${layer}.bias`]!);
      if (i < layers) x = jax.nn.relu(x);
    }
    return jax.nn.logSoftmax(x).mul(y).sum().mul(-1 / examples);
  };
  const update = jax.jit((w: Arrays, x: Arrays[string], y: Arrays[string]) => {
    const kept = Object.fromEntries(Object.entries(w).map(([key, value]) => [key, value.ref]));
    const [value, gradients] = jax.valueAndGrad(loss)(kept, x, y);
    const next: Arrays = {};
    for (const [key, weight] of Object.entries(w)) {
      next[key] = weight.sub(gradients[key]!.mul(LEARNING_RATE));
    }
    return [value, next] as [Arrays[string], Arrays];
  });
  return async ({ inputs, targets }) => {
    const rows = new Float32Array(examples * classes);
    targets.data.forEach((id, row) => rows[row * classes + Number(id)] = 1);
    const x = np.array(Float32Array.from(inputs.features!.data as Float32Array));
    const [value, next] = update(
      weights,
      x.reshape([examples, features]),
      np.array(rows).reshape([examples, classes]),
    );
    weights = next;
    return (await value.data())[0]!;
  };
}

const target = device === "wasm" ? "wasm" : "webgpu";
const step = who === "jax" ? await openJax(target, bench) : await openOurs(target);
const losses: number[] = [];
const milliseconds: number[] = [];
for (let iteration = 0; iteration < WARM_UP + ITERATIONS; iteration++) {
  const batch = batchAt(bench, iteration);
  const before = process.cpuUsage();
  losses.push(await step(batch));
  const { user, system } = process.cpuUsage(before);
  if (iteration >= WARM_UP) milliseconds.push((user + system) / 1000);
}
process.stdout.write(`${JSON.stringify({ losses, milliseconds, peakKilobytes: 0 })}\n`);
process.exit(); // jax-js keeps its GPU open
