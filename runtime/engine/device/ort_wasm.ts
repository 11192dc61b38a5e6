import type { Device } from "./device.ts";
import { hostMemory } from "./host_memory.ts";
import { onOrtWeb } from "./one_at_a_time.ts";
import { loadOrtGraph, type OrtRuntime } from "./ort_graph.ts";
import { importOrtWasm } from "./ort_packages.ts";

/** Runs graphs on the CPU through WebAssembly, on one thread: where there is no native onnxruntime. */
export async function openWasm(): Promise<Device> {
  const ort = await importOrtWasm();
  ort.env.wasm.numThreads = 1; // more than one fails in Deno
  const runtime: OrtRuntime = {
    engine: "wasm",
    inLine: onOrtWeb,
    Tensor: ort.Tensor as OrtRuntime["Tensor"],
    open: (model, externalData) =>
      ort.InferenceSession.create(model, {
        executionProviders: ["wasm"],
        logSeverityLevel: 3,
        externalData: [...externalData],
      }),
  };
  const load: Device["load"] = (model, { externalData } = {}) =>
    loadOrtGraph(runtime, model, externalData);
  return {
    name: "wasm",
    description: "WebAssembly, 1 thread",
    givesRows: true,
    load,
    place: (weights, optimizer) => Promise.resolve(hostMemory(weights, optimizer, load)),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
