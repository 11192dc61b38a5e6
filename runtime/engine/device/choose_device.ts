import type { EngineName } from "../../../pipeline/engine_port.ts";
import { ExplainedError } from "../../../pipeline/explained_error.ts";
import { didYouMean } from "../../../pipeline/nearest_name.ts";
import { findGpuAdapter, type GpuAdapter } from "./adapter.ts";
import { describeCpu } from "./describe_cpu.ts";
import { ORT_VERSION } from "./ort_packages.ts";

/**
 * Weights from which a GPU gains: below, starting its kernels (about 40 microseconds each) takes longer than the CPU needs for
 * the arithmetic.
 */
export const GPU_WEIGHTS = 1_000_000;

/** An engine by name, or the choice left to the machine. */
export type RequestedEngine = "auto" | EngineName;

/** What the choice depends on. */
export interface ChooseOptions {
  /** Threads for the CPU. */
  readonly threads: number;
  /** About how many weights the model has, when it is known. */
  readonly modelSize?: number;
}

/** Which engine will run, and why. */
export interface EngineChoice {
  readonly engine: EngineName;
  /** For people: "CPU, 2 threads", "NVIDIA H200". */
  readonly device: string;
  /** What equal results can be expected of, for cache keys: "cpu-x86_64", "webgpu-NVIDIA H200". */
  readonly deviceClass: string;
  /** For people, a half sentence. */
  readonly why: string;
  readonly ortVersion: string;
}

/**
 * Chooses the engine without loading it. `auto` takes WebGPU for a large model on a real adapter, else the CPU.
 *
 * @throws {ExplainedError} `engine/unknown-engine`, or `engine/no-adapter` if WebGPU is asked for and there is none.
 */
export async function chooseEngine(
  requested: RequestedEngine,
  options: ChooseOptions,
): Promise<EngineChoice> {
  switch (requested) {
    case "cpu":
      return hostChoice("cpu", options, "it was asked for");
    case "wasm":
      return hostChoice("wasm", options, "it was asked for");
    case "webgpu": {
      const adapter = await findGpuAdapter();
      if (adapter !== undefined) return gpuChoice(adapter, "it was asked for");
      throw new ExplainedError("engine/no-adapter", {
        what: 'Cannot use the engine "webgpu"',
        why: "this machine has no WebGPU adapter",
        fix: "Use --engine cpu, or install a Vulkan driver (Debian: mesa-vulkan-drivers)",
      });
    }
    case "auto":
      return await chooseAutomatically(options);
    default: {
      const known = ["auto", "webgpu", "cpu", "wasm"];
      throw new ExplainedError("engine/unknown-engine", {
        what: `Cannot use the engine "${requested as string}"`,
        why: `there is no such engine${didYouMean(requested, known)}`,
        fix: `Use one of ${known.join(", ")}`,
      });
    }
  }
}

async function chooseAutomatically(options: ChooseOptions): Promise<EngineChoice> {
  const { modelSize } = options;
  if (modelSize === undefined) {
    return hostChoice("cpu", options, "no step says that its model is large enough for a GPU");
  }
  if (modelSize < GPU_WEIGHTS) {
    return hostChoice("cpu", options, "the model is too small for a GPU to gain");
  }
  const adapter = await findGpuAdapter();
  if (adapter === undefined) return hostChoice("cpu", options, "there is no WebGPU adapter");
  if (adapter.software) {
    return hostChoice(
      "cpu",
      options,
      `the only WebGPU adapter is software (${adapter.description})`,
    );
  }
  return gpuChoice(adapter, `about ${modelSize} weights gain from a GPU`);
}

function hostChoice(engine: "cpu" | "wasm", { threads }: ChooseOptions, why: string): EngineChoice {
  return {
    engine,
    device: engine === "cpu" ? describeCpu(threads) : "WebAssembly, 1 thread",
    deviceClass: engine === "cpu" ? `cpu-${Deno.build.arch}` : "wasm",
    why,
    ortVersion: ORT_VERSION,
  };
}

function gpuChoice({ description }: GpuAdapter, why: string): EngineChoice {
  return {
    engine: "webgpu",
    device: description,
    deviceClass: `webgpu-${description}`,
    why,
    ortVersion: ORT_VERSION,
  };
}
