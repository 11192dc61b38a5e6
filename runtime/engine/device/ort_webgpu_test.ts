import { deepEqual, equal, ok } from "node:assert/strict";
import { engineCases } from "./_cases.ts";
import { badIdCases, exportedCases, statisticsCases } from "./_exported_cases.ts";
import { frozenCases } from "./_frozen_cases.ts";
import { mixedCases } from "./_mixed_cases.ts";
import { operatorCases } from "./_operator_cases.ts";
import { optionCases, oracleCases } from "./_oracle_cases.ts";
import { sparseCases } from "./_sparse_cases.ts";
import { findGpuAdapter } from "./adapter.ts";

const ignore = await findGpuAdapter() === undefined;

engineCases("webgpu", ignore);
operatorCases("webgpu", { ignore, except: ["Cast"] }); // to float64, which GPUs lack
oracleCases("webgpu", ignore);
optionCases("webgpu", ignore);
exportedCases("webgpu", ignore);
badIdCases("webgpu", ignore);
statisticsCases("webgpu", ignore);
frozenCases("webgpu", ignore);
sparseCases("webgpu", ignore);

const adapter = ignore ? null : await navigator.gpu.requestAdapter();
mixedCases(adapter?.features.has("shader-f16") !== true);

const skipped = ignore ? " (skipped: no WebGPU adapter)" : "";
const url = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href);

/** What a small program that trains prints: in a process of its own, because a lost device stays lost. */
async function trained(
  rest: string,
  features = 2,
): Promise<{ success: boolean; printed: string }> {
  const code = `
    import { openEngine } from ${url("../mod.ts")};
    import { importOrtWebgpu } from ${url("./ort_packages.ts")};
    const engine = await openEngine("webgpu", { threads: 1 });
    const model = await engine.build({ kind: "mlp", hidden: [] }, { features: ${features}, classes: 2, seed: 1 });
    const options = { loss: { kind: "cross-entropy" }, optimizer: { kind: "sgd", learningRate: 1 } };
    const training = await engine.openTraining(model, options);
    const batch = {
      inputs: { features: { type: "float32", shape: [1, ${features}], data: new Float32Array(${features}) } },
      targets: { type: "int32", shape: [1], data: new Int32Array(1) },
    };
    await training.iterate(batch);
    ${rest}`;
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", code],
    stderr: "null",
  }).output();
  return { success, printed: new TextDecoder().decode(stdout).trim() };
}

Deno.test({
  name: `webgpu engine lets the process end, released or not${skipped}`,
  ignore,
  fn: async () => {
    equal((await trained("")).success, true);
  },
});

Deno.test({
  name: `webgpu engine says that the device was lost, and the checkpoint is still good${skipped}`,
  ignore,
  fn: async () => {
    const { printed } = await trained(`
      const checkpoint = await training.save();
      (await (await importOrtWebgpu()).env.webgpu.device).destroy();
      const errors = [];
      for (const attempt of [() => training.iterate(batch), () => training.save()]) {
        try { await attempt(); } catch (error) { errors.push(error.code + ": " + error.fix); }
      }
      const other = await openEngine("cpu", { threads: 1 });
      const resumed = await other.openTraining(model, { ...options, checkpoint });
      const { iteration } = await resumed.iterate(batch);
      console.log(JSON.stringify({ errors, iteration }));
      Deno.exit(0);`);

    const lost = "engine/device-lost: " +
      "Run again: it goes on from the last checkpoint; or use --engine cpu";
    deepEqual(JSON.parse(printed), { errors: [lost, lost], iteration: 2 });
  },
});

Deno.test({
  name: `webgpu engine leaves weights, gradients and moments where they are${skipped}`,
  ignore,
  fn: async () => {
    const { printed } = await trained(
      `
      const moving = await engine.openTraining(model, {
        ...options, clipNorm: 1, averageDecay: 0.9, optimizer: { kind: "adamw", learningRate: 0.1 },
      });
      await moving.iterate(batch);
      const device = await (await importOrtWebgpu()).env.webgpu.device;
      const moved = { read: 0, written: 0 };
      const { mapAsync } = GPUBuffer.prototype;
      GPUBuffer.prototype.mapAsync = function (mode, ...rest) {
        if (mode === GPUMapMode.READ) moved.read += this.size;
        return mapAsync.call(this, mode, ...rest);
      };
      const { writeBuffer } = device.queue;
      device.queue.writeBuffer = function (buffer, at, data, from, size) {
        moved.written += size ?? data.byteLength;
        return writeBuffer.call(this, buffer, at, data, from, size);
      };
      for (let i = 0; i < 10; i++) await moving.iterate(batch);
      const training10 = { ...moved };
      await moving.save();
      console.log(JSON.stringify([training10, moved]));
      Deno.exit(0);`,
      5000,
    );

    const [training, saved] = JSON.parse(printed) as { read: number; written: number }[];
    // 10,002 weights are 40 KB. Each iteration reads its loss and the norm, and writes 5,000 features.
    ok(training!.read < 10 * 4096, `${training!.read} bytes were read`);
    ok(training!.written < 10 * 30_000, `${training!.written} bytes were written`);
    // Weights, two moments and the average: what is counted is counted rightly.
    ok(saved!.read - training!.read >= 4 * 40_008, `${saved!.read} bytes were read`);
  },
});

Deno.test({
  name: `webgpu engine holds no more memory after 500 iterations, nor buffers of the GPU${skipped}`,
  ignore,
  fn: async () => {
    const { printed } = await trained(`
      const device = await (await importOrtWebgpu()).env.webgpu.device;
      let live = 0;
      const counted = { create: device.createBuffer, destroy: GPUBuffer.prototype.destroy };
      device.createBuffer = function (given) { live += given.size; return counted.create.call(this, given); };
      GPUBuffer.prototype.destroy = function () { live -= this.size; return counted.destroy.call(this); };
      const sizes = [];
      for (let i = 0; i < 500; i++) {
        await training.iterate(batch);
        if (i === 20 || i === 499) sizes.push(live, Deno.memoryUsage().rss);
      }
      console.log(JSON.stringify(sizes));
      Deno.exit(0);`);

    const [warm, warmRss, end, endRss] = JSON.parse(printed) as number[];
    // One buffer of 16 bytes kept by each iteration would come to 7664.
    ok(end! - warm! < 4096, `the GPU has ${end! - warm!} bytes more`);
    ok(endRss! - warmRss! < 80e6, `the process has ${endRss! - warmRss!} bytes more`);
  },
});
