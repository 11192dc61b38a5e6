/** Sums of squares on the GPU. */
export interface NormKernel extends Disposable {
  /** Adds the kernel to the GPU's queue; the partial sums are in `partials` then. */
  run(): void;
  readonly partials: GPUBuffer;
  /** Bytes of `partials`. */
  readonly size: number;
}

const PARTS = 64; // partial sums of each weight, added up by the CPU in double precision

/** Compiles the kernel and binds one buffer per weight. The order of the sums is fixed: same numbers, same norm. */
export function openNormKernel(gpu: GPUDevice, buffers: readonly GPUBuffer[]): NormKernel {
  const module = gpu.createShaderModule({ code: SHADER });
  const pipeline = gpu.createComputePipeline({
    layout: "auto",
    compute: { module, entryPoint: "main" },
  });
  const size = buffers.length * PARTS * 4;
  const partials = gpu.createBuffer({
    size,
    usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC,
  });
  const bindings = buffers.map((buffer, index) =>
    gpu.createBindGroup({
      layout: pipeline.getBindGroupLayout(0),
      entries: [
        { binding: 0, resource: { buffer } },
        { binding: 1, resource: { buffer: partials, offset: index * PARTS * 4, size: PARTS * 4 } },
      ],
    })
  );
  return {
    partials,
    size,
    run() {
      const encoder = gpu.createCommandEncoder();
      const pass = encoder.beginComputePass();
      pass.setPipeline(pipeline);
      for (const binding of bindings) {
        pass.setBindGroup(0, binding);
        pass.dispatchWorkgroups(1);
      }
      pass.end();
      gpu.queue.submit([encoder.finish()]);
    },
    [Symbol.dispose]: () => partials.destroy(),
  };
}

const SHADER = `
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> partials: array<f32>;

@compute @workgroup_size(${PARTS})
fn main(@builtin(local_invocation_index) part: u32) {
  var sum = 0.0;
  for (var i = part; i < arrayLength(&x); i += ${PARTS}u) { sum += x[i] * x[i]; }
  partials[part] = sum;
}
`;
