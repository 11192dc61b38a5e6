import type * as Ort from "onnxruntime-web/webgpu";
import { type Optimizer, updateRule, updateScalars } from "../optimizers/mod.ts";
import type {
  LoadedTrainingGraph,
  NamedTensors,
  PlacedWeights,
  StartingWeight,
  TrainingNames,
  UpdateOptions,
  WeightMemory,
  WeightPart,
} from "./device.ts";
import { openSession, type OrtRuntime, runSession, toTensor } from "./ort_graph.ts";
import {
  type BoundWeight,
  type ElementKernel,
  type ElementProgram,
  openElementKernel,
} from "./element_kernel.ts";
import { openNormKernel } from "./norm_kernel.ts";

/** A GPU as onnxruntime-web uses it. */
export interface OrtGpu {
  readonly ort: typeof Ort;
  readonly runtime: OrtRuntime;
  readonly gpu: GPUDevice;
  /** Rejects when the device is lost; never resolves. */
  readonly lost: Promise<never>;
}

/** Buffers of one weight. */
type GpuWeight = StartingWeight & { readonly buffers: Map<WeightPart, GPUBuffer> };

/** Weights in the GPU's memory; only losses, and what is read, ever leave it. */
export function gpuMemory(
  device: OrtGpu,
  { trainable: weights, frozen, tables, sparse }: PlacedWeights,
  optimizer: Optimizer,
): WeightMemory {
  const { gpu, lost } = device;
  const slots = optimizer.slots.map((slot) => `slot:${slot}` as const);
  const placed = weights.map((weight): GpuWeight => ({ ...weight, buffers: new Map() }));
  const allocate = (part: WeightPart): void => {
    for (const { buffers, data } of placed) buffers.set(part, storageBuffer(gpu, data.byteLength));
  };
  for (const part of ["weight", "gradient", ...slots] as const) allocate(part);
  for (const { data, buffers } of placed) writeBuffer(gpu, buffers.get("weight")!, data);
  const fixed = frozen.map((weight): GpuWeight => {
    const buffer = storageBuffer(gpu, weight.data.byteLength);
    writeBuffer(gpu, buffer, weight.data);
    return { ...weight, buffers: new Map([["weight", buffer]]) };
  });
  const bound = (
    parts: readonly WeightPart[],
    some: readonly GpuWeight[] = placed,
  ): BoundWeight[] =>
    some.map(({ shape, data, buffers }) => ({
      length: data.length,
      width: shape.at(-1) ?? 1,
      buffers: parts.map((part) => buffers.get(part)!),
    }));
  const open = new DisposableStack();
  const isSparse = ({ name }: StartingWeight): boolean => sparse && tables.includes(name);
  const whole = placed.filter((weight) => !isSparse(weight));
  const byRow = placed.filter(isSparse);
  const opened = (some: readonly GpuWeight[], program: ElementProgram) =>
    perSource((from) =>
      open.use(openElementKernel(gpu, bound(["weight", from, ...slots], some), program))
    );
  const program = updateProgram(optimizer);
  const updates = opened(whole, program);
  const rowUpdates = opened(byRow, { ...program, unlessZero: "gradient" });
  const norms = perSource((from) =>
    open.use(openNormKernel(gpu, placed.map(({ buffers }) => buffers.get(from)!)))
  );
  let sums: ElementKernel | undefined;
  return {
    load: (model, names) =>
      loadTrainingGraph(device, model, { names, weights: placed, frozen: fixed }),
    accumulate(share, first) {
      if (sums === undefined) {
        allocate("sum");
        sums = open.use(openElementKernel(gpu, bound(["sum", "gradient"]), SUM_PROGRAM));
      }
      sums.run(() => [share, first ? 0 : 1]);
      return Promise.resolve();
    },
    async gradientNorm(from) {
      const kernel = norms(from);
      kernel.run();
      const parts = await unlessLost(lost, readBuffer(gpu, kernel.partials, kernel.size));
      return Math.sqrt(parts.reduce((sum, part) => sum + part, 0));
    },
    update({ from, gradientScale, scalars }) {
      const numbers = (weight: StartingWeight) => updateScalars(scalars(weight), gradientScale);
      updates(from).run((index) => numbers(whole[index]!));
      if (byRow.length > 0) rowUpdates(from).run((index) => numbers(byRow[index]!));
      return Promise.resolve();
    },
    async read(part) {
      const data = placed.map(async ({ name, buffers, data: { byteLength } }) =>
        [name, await readBuffer(gpu, buffers.get(part)!, byteLength)] as const
      );
      return new Map(await unlessLost(lost, Promise.all(data)));
    },
    write(part, data) {
      for (const { name, buffers } of placed) {
        const elements = data.get(name);
        if (elements !== undefined) writeBuffer(gpu, buffers.get(part)!, elements);
      }
      return Promise.resolve();
    },
    [Symbol.asyncDispose]() {
      open.dispose();
      for (const { buffers } of [...placed, ...fixed]) {
        buffers.values().forEach((buffer) => buffer.destroy());
      }
      return Promise.resolve();
    },
  };
}

function updateProgram(optimizer: Optimizer): ElementProgram {
  const { names, rule } = updateRule(optimizer);
  return {
    arrays: names.map((name) => ({ name, write: name !== "gradient" })),
    body: rule,
  };
}

const SUM_PROGRAM: ElementProgram = {
  arrays: [{ name: "sum", write: true }, { name: "gradient", write: false }],
  body: "if (s[1] == 0.0) { sum = 0.0; }\nsum = sum + s[0] * gradient;",
};

/** Makes one of each kind when it is first needed. */
function perSource<T>(
  make: (from: UpdateOptions["from"]) => T,
): (from: UpdateOptions["from"]) => T {
  const made = new Map<UpdateOptions["from"], T>();
  return (from) => {
    const found = made.get(from) ?? make(from);
    made.set(from, found);
    return found;
  };
}

async function loadTrainingGraph(
  { ort, runtime, lost }: OrtGpu,
  model: Uint8Array,
  { names, weights, frozen }: {
    names: TrainingNames;
    weights: readonly GpuWeight[];
    frozen: readonly GpuWeight[];
  },
): Promise<LoadedTrainingGraph> {
  const session = await openSession(runtime, model);
  const onGpu = ({ shape, buffers }: GpuWeight, part: WeightPart): Ort.Tensor =>
    ort.Tensor.fromGpuBuffer(buffers.get(part)!, { dataType: "float32", dims: [...shape] });
  const trained = weights.filter(({ name }) => names.gradients.has(name));
  const given = [...trained, ...frozen.filter(({ name }) => names.frozen.includes(name))];
  const weightFeeds = given.map((weight) => [weight.name, onGpu(weight, "weight")] as const);
  const gradientFetches = trained.map((weight) =>
    [names.gradients.get(weight.name)!, onGpu(weight, "gradient")] as const
  );
  return {
    async run(inputs: NamedTensors) {
      const batch = Object.entries(inputs).map(([name, { type, data, shape }]) =>
        [name, new runtime.Tensor(type, data, shape)] as const
      );
      const feeds = Object.fromEntries([...batch, ...weightFeeds]);
      const host = names.host.map((name) => [name, null] as const);
      const fetches = Object.fromEntries([...host, ...gradientFetches]);
      const results = await unlessLost(lost, runSession(runtime, session, feeds, fetches));
      return Object.fromEntries(names.host.map((name) => [name, toTensor(name, results[name]!)]));
    },
    [Symbol.asyncDispose]: () => runtime.inLine(() => session.release()),
  };
}

const NEWS_OF_LOSS = 200; // milliseconds: work on a lost device fails before the device says that it is lost

/** The outcome of work on the GPU; if it fails because the device is lost, that is what is told. */
async function unlessLost<T>(lost: Promise<never>, work: Promise<T>): Promise<T> {
  try {
    return await Promise.race([lost, work]);
  } catch (error) {
    const waited = Promise.withResolvers<void>();
    const timer = setTimeout(waited.resolve, NEWS_OF_LOSS);
    await Promise.race([lost, waited.promise]).finally(() => clearTimeout(timer));
    throw error;
  }
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
