import { describeCpu } from "./describe_cpu.ts";
import type { Device } from "./device.ts";
import { loadFillingGraph } from "./filling_graph.ts";
import { hostMemory } from "./host_memory.ts";
import { loadOrtGraph, type OrtRuntime } from "./ort_graph.ts";
import { importOrtNode } from "./ort_packages.ts";

/** Runs graphs natively on the CPU, with onnxruntime-node. @param threads Threads of one operator. */
export async function openCpu(threads: number): Promise<Device> {
  const ort = await importOrtNode();
  const runtimeOf = (use: "training" | "inference"): OrtRuntime => ({
    engine: "cpu",
    inLine: (work) => work(),
    Tensor: ort.Tensor as OrtRuntime["Tensor"],
    open: (model, externalData) =>
      ort.InferenceSession.create(model, {
        executionProviders: ["cpu"],
        executionMode: "sequential",
        intraOpNumThreads: threads,
        interOpNumThreads: 1,
        logSeverityLevel: 3,
        externalData: [...externalData],
        // A plan of the memory is kept for every shape that was ever seen. Training has a few; a server that takes texts
        // as they come has thousands, each of some 50 kB (BERT-base), and most of them are seen once.
        enableMemPattern: use === "training",
      }),
  });
  const [training, inference] = [runtimeOf("training"), runtimeOf("inference")];
  return {
    name: "cpu",
    description: describeCpu(threads),
    givesFrozen: true,
    givesRows: true,
    load: (model, { externalData } = {}) => loadOrtGraph(inference, model, externalData),
    place: (weights, optimizer) =>
      Promise.resolve(
        hostMemory(weights, optimizer, (model) => loadFillingGraph(training, model)),
      ),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
