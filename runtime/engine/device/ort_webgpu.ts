import { ExplainedError } from "../../../pipeline/explained_error.ts";
import { input } from "../graph.ts";
import { graphToModel } from "../graph_to_model.ts";
import { writeModel } from "../onnx/write_model.ts";
import { emit } from "../operators/mod.ts";
import { lowerForWebgpu } from "./lower_for_webgpu.ts";
import type { Device } from "./device.ts";
import { gpuMemory } from "./gpu_memory.ts";
import { onOrtWeb } from "./one_at_a_time.ts";
import { loadOrtGraph, openSession, type OrtRuntime } from "./ort_graph.ts";
import { importOrtWebgpu } from "./ort_packages.ts";

/**
 * Runs graphs on the GPU through WebGPU, with onnxruntime-web.
 *
 * @param description What the adapter calls itself.
 */
export async function openWebgpu(description: string): Promise<Device> {
  const ort = await importOrtWebgpu();
  ort.env.wasm.numThreads = 1; // more than one fails in Deno
  const runtimeWith = (extra: Record<string, unknown>): OrtRuntime => ({
    engine: "webgpu",
    inLine: onOrtWeb,
    Tensor: ort.Tensor as OrtRuntime["Tensor"],
    open: (model, externalData) =>
      ort.InferenceSession.create(model, {
        executionProviders: ["webgpu"],
        logSeverityLevel: 3,
        externalData: [...externalData],
        extra,
      }),
  });
  const training = runtimeWith({ session: { disable_cpu_ep_fallback: "1" } });
  const inference = runtimeWith({}); // models of others may compute shapes, which only the CPU can
  const first = await openSession(training, smallestModel()); // only then there is a device
  const gpu = await ort.env.webgpu.device as GPUDevice;
  const lost = gpu.lost.then(({ message }) => Promise.reject(deviceLost(description, message)));
  lost.catch(() => {}); // told to whoever waits for a result
  return {
    name: "webgpu",
    description,
    lower: lowerForWebgpu,
    lacksIntegers: true,
    ...(gpu.features.has("shader-f16") ? { hasHalf: true } : {}),
    givesFrozen: true,
    load: (model, { strict = false, externalData } = {}) =>
      loadOrtGraph(strict ? training : inference, model, externalData),
    place: (weights, optimizer) =>
      Promise.resolve(gpuMemory({ ort, runtime: training, gpu, lost }, weights, optimizer)),
    [Symbol.asyncDispose]: () => onOrtWeb(() => first.release()),
  };
}

function smallestModel(): Uint8Array {
  const x = input("x", "float32", [1]);
  return writeModel(graphToModel({ inputs: [x], outputs: { y: emit.add(x, x) } }));
}

function deviceLost(description: string, message: string): ExplainedError {
  return new ExplainedError("engine/device-lost", {
    what: "Cannot go on with the training",
    why: `the device "${description}" was lost${message === "" ? "" : `: ${message}`}`,
    fix: "Run again: it goes on from the last checkpoint; or use --engine cpu",
  });
}
