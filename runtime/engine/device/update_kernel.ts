import type { Optimizer } from "../optimizers/optimizer.ts";
import type { StartingWeight } from "./device.ts";
import type { GpuWeight } from "./gpu_memory.ts";

/** Changes every weight on the GPU by its gradient. */
export interface UpdateKernel extends Disposable {
  /** @param scalars What the optimizer wants for each weight. */
  run(scalars: (weight: StartingWeight) => readonly number[]): void;
}

const GROUP = 256; // invocations of a workgroup, WebGPU's guaranteed limit
const GROUPS = 65535; // workgroups along one axis of a dispatch, likewise
const SCALARS = 8;
const STRIDE = 256; // bytes between the scalars of two weights, the alignment of bound buffers

/** Compiles an optimizer's rule, and binds the buffers of every weight once. */
export function openUpdateKernel(
  gpu: GPUDevice,
  weights: readonly GpuWeight[],
  optimizer: Optimizer,
): UpdateKernel {
  const module = gpu.createShaderModule({ code: updateShader(optimizer) });
  const pipeline = gpu.createComputePipeline({
    layout: "auto",
    compute: { module, entryPoint: "main" },
  });
  const buffer = gpu.createBuffer({
    size: Math.max(1, weights.length) * STRIDE,
    usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST,
  });
  const bindings = weights.map(({ buffers }, index) => {
    const parts = ["weight", "gradient", ...optimizer.slots.map((slot) => `slot:${slot}`)] as const;
    return gpu.createBindGroup({
      layout: pipeline.getBindGroupLayout(0),
      entries: [
        { binding: 0, resource: { buffer, offset: index * STRIDE, size: SCALARS * 4 } },
        ...parts.map((part, i) => ({
          binding: i + 1,
          resource: { buffer: buffers.get(part as "weight")! },
        })),
      ],
    });
  });
  const numbers = new Float32Array(weights.length * STRIDE / 4);
  return {
    run(scalars) {
      weights.forEach((weight, index) => numbers.set(scalars(weight), index * STRIDE / 4));
      gpu.queue.writeBuffer(buffer, 0, numbers);
      const encoder = gpu.createCommandEncoder();
      const pass = encoder.beginComputePass();
      pass.setPipeline(pipeline);
      weights.forEach(({ data }, index) => {
        const groups = Math.ceil(data.length / GROUP);
        pass.setBindGroup(0, bindings[index]!);
        pass.dispatchWorkgroups(Math.min(groups, GROUPS), Math.ceil(groups / GROUPS));
      });
      pass.end();
      gpu.queue.submit([encoder.finish()]);
    },
    [Symbol.dispose]: () => buffer.destroy(),
  };
}

/** The whole WGSL program of an optimizer: one invocation per element. */
export function updateShader({ slots, wgsl }: Pick<Optimizer, "slots" | "wgsl">): string {
  const slotLines = slots.map((slot, i) =>
    `@group(0) @binding(${i + 3}) var<storage, read_write> ${slot}_array: array<f32>;`
  );
  return `
@group(0) @binding(0) var<storage, read> s: array<f32, ${SCALARS}>;
@group(0) @binding(1) var<storage, read_write> weights: array<f32>;
@group(0) @binding(2) var<storage, read> gradients: array<f32>;
${slotLines.join("\n")}

@compute @workgroup_size(${GROUP})
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * ${GROUP}u + id.x;
  if (i >= arrayLength(&weights)) { return; }
  let g = gradients[i];
  var w = weights[i];
  ${slots.map((slot) => `var ${slot} = ${slot}_array[i];`).join("\n  ")}
  ${wgsl.trim()}
  weights[i] = w;
  ${slots.map((slot) => `${slot}_array[i] = ${slot};`).join("\n  ")}
}
`;
}
