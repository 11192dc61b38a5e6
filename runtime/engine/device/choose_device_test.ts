import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { findGpuAdapter } from "./adapter.ts";
import { chooseEngine, GPU_WEIGHTS, type RequestedEngine } from "./choose_device.ts";
import { ORT_VERSION } from "./ort_packages.ts";

const adapter = await findGpuAdapter();

Deno.test("chooseEngine() keeps small models on the CPU and says why", async () => {
  deepEqual(await chooseEngine("auto", { threads: 2, modelSize: 5000 }), {
    engine: "cpu",
    device: "CPU, 2 threads",
    deviceClass: `cpu-${Deno.build.arch}`,
    why: "the model is too small for a GPU to gain",
    ortVersion: ORT_VERSION,
  });
});

Deno.test("chooseEngine() stays on the CPU while the size of the model is not known", async () => {
  equal((await chooseEngine("auto", { threads: 2 })).engine, "cpu");
});

Deno.test("chooseEngine() takes a GPU for a large model only if it is real", async () => {
  const { engine, why } = await chooseEngine("auto", { threads: 2, modelSize: GPU_WEIGHTS });

  equal(engine, adapter !== undefined && !adapter.software ? "webgpu" : "cpu");
  match(
    why,
    adapter === undefined ? /no WebGPU adapter/ : adapter.software ? /software/ : /gain from a GPU/,
  );
});

Deno.test("chooseEngine() takes WebGPU by name, whatever the adapter", async () => {
  if (adapter === undefined) {
    await rejects(chooseEngine("webgpu", { threads: 1 }), /no WebGPU adapter/);
    return;
  }
  const { engine, device } = await chooseEngine("webgpu", { threads: 1 });

  deepEqual({ engine, device }, { engine: "webgpu", device: adapter.description });
});

Deno.test("chooseEngine() refuses an unknown engine and names the nearest", async () => {
  await rejects(chooseEngine("webgup" as RequestedEngine, { threads: 1 }), /did you mean "webgpu"/);
});
