import type * as Ort from "onnxruntime-web/webgpu";
import type { Optimizer } from "../optimizers/optimizer.ts";
import type {
  LoadedTrainingGraph,
  NamedTensors,
  StartingWeight,
  TrainingNames,
  WeightMemory,
  WeightPart,
} from "./device.ts";
import { openSession, type OrtRuntime, runSession } from "./ort_graph.ts";
import { openUpdateKernel } from "./update_kernel.ts";

/** A GPU as onnxruntime-web uses it. */
export interface OrtGpu {
  readonly ort: typeof Ort;
  readonly runtime: OrtRuntime;
  readonly gpu: GPUDevice;
  /** Rejects when the device is lost; never resolves. */
  readonly lost: Promise<never>;
}

/** Buffers of one weight. */
export type GpuWeight = StartingWeight & {
  readonly buffers: ReadonlyMap<WeightPart, GPUBuffer>;
};

/** Weights in the GPU's memory; only losses, and what is read, ever leave it. */
export function gpuMemory(
  device: OrtGpu,
  weights: readonly StartingWeight[],
  optimizer: Optimizer,
): WeightMemory {
  const { gpu, lost } = device;
  const parts: WeightPart[] = [
    "weight",
    "gradient",
    ...optimizer.slots.map((slot) => `slot:${slot}` as const),
  ];
  const placed = weights.map((weight): GpuWeight => ({
    ...weight,
    buffers: new Map(parts.map((part) => [part, storageBuffer(gpu, weight.data.byteLength)])),
  }));
  for (const { data, buffers } of placed) writeBuffer(gpu, buffers.get("weight")!, data);
  const kernel = openUpdateKernel(gpu, placed, optimizer);
  return {
    load: (model, names) => loadTrainingGraph(device, model, { names, weights: placed }),
    update: (scalars) => Promise.resolve(kernel.run(scalars)),
    read: async (part) => {
      const data = placed.map(async ({ name, buffers, data: { byteLength } }) =>
        [name, await readBuffer(gpu, buffers.get(part)!, byteLength)] as const
      );
      return new Map(await Promise.race([lost, Promise.all(data)]));
    },
    write: (part, data) => {
      for (const { name, buffers } of placed) {
        const elements = data.get(name);
        if (elements !== undefined) writeBuffer(gpu, buffers.get(part)!, elements);
      }
      return Promise.resolve();
    },
    [Symbol.asyncDispose]: () => {
      kernel[Symbol.dispose]();
      for (const { buffers } of placed) buffers.values().forEach((buffer) => buffer.destroy());
      return Promise.resolve();
    },
  };
}

async function loadTrainingGraph(
  { ort, runtime, lost }: OrtGpu,
  model: Uint8Array,
  { names, weights }: { names: TrainingNames; weights: readonly GpuWeight[] },
): Promise<LoadedTrainingGraph> {
  const session = await openSession(runtime, model);
  const onGpu = ({ shape, buffers }: GpuWeight, part: WeightPart): Ort.Tensor =>
    ort.Tensor.fromGpuBuffer(buffers.get(part)!, { dataType: "float32", dims: [...shape] });
  const weightFeeds = weights.map((weight) => [weight.name, onGpu(weight, "weight")] as const);
  const gradientFetches = weights.map((weight) =>
    [names.gradients.get(weight.name)!, onGpu(weight, "gradient")] as const
  );
  return {
    async run(inputs: NamedTensors) {
      const batch = Object.entries(inputs).map(([name, { type, data, shape }]) =>
        [name, new runtime.Tensor(type, data, shape)] as const
      );
      const feeds = Object.fromEntries([...batch, ...weightFeeds]);
      const fetches = Object.fromEntries([[names.loss, null], ...gradientFetches]);
      const results = await Promise.race([lost, runSession(runtime, session, feeds, fetches)]);
      return Number((results[names.loss]!.data as Float32Array)[0]);
    },
    [Symbol.asyncDispose]: () => session.release(),
  };
}

/** onnxruntime wants whole blocks of 16 bytes. */
function storageBuffer(gpu: GPUDevice, bytes: number): GPUBuffer {
  return gpu.createBuffer({
    size: Math.ceil(bytes / 16) * 16,
    usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
  });
}

function writeBuffer(gpu: GPUDevice, buffer: GPUBuffer, data: Float32Array): void {
  gpu.queue.writeBuffer(buffer, 0, data.buffer as ArrayBuffer, data.byteOffset, data.byteLength);
}

async function readBuffer(
  gpu: GPUDevice,
  buffer: GPUBuffer,
  bytes: number,
): Promise<Float32Array<ArrayBuffer>> {
  const staging = gpu.createBuffer({
    size: bytes,
    usage: GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ,
  });
  const encoder = gpu.createCommandEncoder();
  encoder.copyBufferToBuffer(buffer, 0, staging, 0, bytes);
  gpu.queue.submit([encoder.finish()]);
  await staging.mapAsync(GPUMapMode.READ);
  const data = new Float32Array(staging.getMappedRange().slice(0));
  staging.destroy();
  return data;
}
