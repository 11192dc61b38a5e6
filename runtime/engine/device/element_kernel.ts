/** A WGSL program that goes over the elements of each weight's buffers. */
export interface ElementKernel extends Disposable {
  /** Adds the kernel for all weights to the GPU's queue. @param scalars The numbers `s` for each weight. */
  run(scalars: (index: number) => readonly number[]): void;
}

/** What a kernel does to one element. */
export interface ElementProgram {
  /** Buffers by the name of their element, in the order in which they are bound. */
  readonly arrays: readonly { readonly name: string; readonly write: boolean }[];
  /** Statements over the elements' names and `s`. */
  readonly body: string;
  /** Leaves alone each row in which this array is all zeros. @default goes over every element */
  readonly unlessZero?: string;
}

/** Buffers of one weight in the order of the program's arrays. */
export interface BoundWeight {
  readonly length: number;
  /** Elements of a row. */
  readonly width: number;
  readonly buffers: readonly GPUBuffer[];
}

const GROUP = 256; // invocations of a workgroup, WebGPU's guaranteed limit
const GROUPS = 65535; // workgroups along one axis of a dispatch, likewise
const SCALARS = 16;
const WIDTH = 14; // place of the width among the scalars
const STRIDE = 256; // bytes between the scalars of two weights, the alignment of bound buffers

/** Compiles a program, and binds the buffers of every weight once. */
export function openElementKernel(
  gpu: GPUDevice,
  weights: readonly BoundWeight[],
  program: ElementProgram,
): ElementKernel {
  const module = gpu.createShaderModule({ code: elementShader(program) });
  const pipeline = gpu.createComputePipeline({
    layout: "auto",
    compute: { module, entryPoint: "main" },
  });
  const scalarBuffer = gpu.createBuffer({
    size: Math.max(1, weights.length) * STRIDE,
    usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST,
  });
  const bindings = weights.map(({ buffers }, index) =>
    gpu.createBindGroup({
      layout: pipeline.getBindGroupLayout(0),
      entries: [
        {
          binding: 0,
          resource: { buffer: scalarBuffer, offset: index * STRIDE, size: SCALARS * 4 },
        },
        ...buffers.map((buffer, i) => ({ binding: i + 1, resource: { buffer } })),
      ],
    })
  );
  const numbers = new Float32Array(weights.length * STRIDE / 4);
  return {
    run(scalars) {
      weights.forEach(({ width }, index) => {
        numbers.set(scalars(index), index * STRIDE / 4);
        numbers[index * STRIDE / 4 + WIDTH] = width;
      });
      gpu.queue.writeBuffer(scalarBuffer, 0, numbers);
      const encoder = gpu.createCommandEncoder();
      const pass = encoder.beginComputePass();
      pass.setPipeline(pipeline);
      weights.forEach(({ length, width }, index) => {
        const groups = Math.ceil(length / (program.unlessZero === undefined ? GROUP : width));
        pass.setBindGroup(0, bindings[index]!);
        pass.dispatchWorkgroups(Math.min(groups, GROUPS), Math.ceil(groups / GROUPS));
      });
      pass.end();
      gpu.queue.submit([encoder.finish()]);
    },
    [Symbol.dispose]: () => scalarBuffer.destroy(),
  };
}

/** The whole WGSL program; buffers are longer than the weight only by padding. */
export function elementShader(program: ElementProgram): string {
  const declared = program.arrays.map(({ name, write }, i) =>
    `@group(0) @binding(${i + 1}) var<storage, ${
      write ? "read_write" : "read"
    }> ${name}_array: array<f32>;`
  );
  return `
@group(0) @binding(0) var<storage, read> s: array<f32, ${SCALARS}>;
${declared.join("\n")}
${program.unlessZero === undefined ? everyElement(program) : rowsUnlessZero(program)}
`;
}

/** One invocation per element. */
function everyElement(program: ElementProgram): string {
  return `
@compute @workgroup_size(${GROUP})
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * ${GROUP}u + id.x;
  if (i >= arrayLength(&${program.arrays[0]!.name}_array)) { return; }
  ${oneElement(program)}
}`;
}

/** One workgroup per row: all look first whether there is anything to do. */
function rowsUnlessZero(program: ElementProgram): string {
  return `
var<workgroup> found: atomic<u32>;

@compute @workgroup_size(${GROUP})
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let width = u32(s[${WIDTH}]);
  let start = (group.y * groups.x + group.x) * width;
  let end = min(start + width, arrayLength(&${program.arrays[0]!.name}_array));
  for (var i = start + lane; i < end; i += ${GROUP}u) {
    if (${program.unlessZero}_array[i] != 0.0) { atomicStore(&found, 1u); }
  }
  workgroupBarrier();
  if (atomicLoad(&found) == 0u) { return; }
  for (var i = start + lane; i < end; i += ${GROUP}u) {
    ${oneElement(program)}
  }
}`;
}

function oneElement({ arrays, body }: ElementProgram): string {
  return `${arrays.map(({ name }) => `var ${name} = ${name}_array[i];`).join("\n  ")}
  ${body.trim()}
  ${
    arrays.filter(({ write }) => write).map(({ name }) => `${name}_array[i] = ${name};`).join(
      "\n  ",
    )
  }`;
}
