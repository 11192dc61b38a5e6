import {
  assembleModule,
  type Code,
  defineFunction,
  type Local,
  type NewLocal,
} from "../wasm/assemble.ts";
import { countUp, f32x4, i32, move } from "../wasm/instructions.ts";
import { activationCode } from "./activation_code.ts";
import type { DenseLayer } from "./find_dense_layers.ts";

const BYTES = 4;
/** Numbers of a register. */
const LANES = 4;
const QUAD = LANES * BYTES;
/** Registers that hold sums at once: enough that none of them has to wait for its last addition. */
const SUMS = 8;

/** Layers that are ready to run, a row at a time. */
export interface DenseKernel {
  /** Where the row goes. */
  readonly input: Float32Array;
  /** Where the last layer's numbers come out. */
  readonly output: Float32Array;
  run(): void;
}

/** Where a layer reads and writes, in bytes. */
interface LayerPlace {
  readonly layer: DenseLayer;
  readonly input: number;
  readonly output: number;
  readonly bias: number;
  readonly weights: number;
}

/**
 * Compiles layers into one function of WebAssembly. The sums of 32 outputs stay in registers while the inputs go by; the
 * weights lie in the order in which they are read.
 */
export function compileDense(layers: readonly DenseLayer[]): DenseKernel {
  const { places, bytes } = placeLayers(layers);
  const run = defineFunction("run", [], (newLocal) => {
    const parts = kernelLocals(newLocal);
    return places.flatMap((place) => layerCode(place, parts, newLocal));
  });
  const module = new WebAssembly.Module(assembleModule(bytes, [run]));
  const { exports } = new WebAssembly.Instance(module);
  const kernel = exports as unknown as { memory: WebAssembly.Memory; run: () => void };
  const floats = new Float32Array(kernel.memory.buffer);
  for (const { layer, bias, weights } of places) {
    floats.set(layer.bias, bias / BYTES);
    floats.set(inReadingOrder(layer), weights / BYTES);
  }
  const [first, last] = [places[0]!, places.at(-1)!];
  return {
    input: floats.subarray(first.input / BYTES, first.input / BYTES + first.layer.inputs),
    output: floats.subarray(last.output / BYTES, last.output / BYTES + last.layer.outputs),
    run: kernel.run,
  };
}

function placeLayers(
  layers: readonly DenseLayer[],
): { readonly places: readonly LayerPlace[]; readonly bytes: number } {
  let bytes = 0;
  const take = (numbers: number): number => {
    const at = bytes;
    bytes += numbers * BYTES;
    return at;
  };
  let input = take(filledUp(layers[0]!.inputs));
  const places = layers.map((layer) => {
    const width = filledUp(layer.outputs);
    const output = take(width);
    const place = { layer, input, output, bias: take(width), weights: take(layer.inputs * width) };
    input = output;
    return place;
  });
  return { places, bytes };
}

/** Rows end with whole registers. */
function filledUp(count: number): number {
  return Math.ceil(count / LANES) * LANES;
}

interface KernelLocals {
  readonly sums: readonly Local[];
  readonly factor: Local;
  readonly input: Local;
  readonly output: Local;
  readonly weights: Local;
}

function kernelLocals(newLocal: NewLocal): KernelLocals {
  return {
    sums: Array.from({ length: SUMS }, () => newLocal("v128")),
    factor: newLocal("v128"),
    input: newLocal("i32"),
    output: newLocal("i32"),
    weights: newLocal("i32"),
  };
}

function layerCode(place: LayerPlace, parts: KernelLocals, newLocal: NewLocal): Code {
  const { layer, output, weights } = place;
  const quads = filledUp(layer.outputs) / LANES;
  const whole = quads - quads % SUMS;
  const end = i32.of(output + whole * QUAD);
  return [
    ...parts.weights.set(i32.of(weights)),
    ...(whole === 0 ? [] : countUp(parts.output, {
      ...{ from: i32.of(output), end, step: SUMS * QUAD },
      body: sumsCode(place, parts, SUMS),
    })),
    ...(whole === quads ? [] : [...parts.output.set(end), ...sumsCode(place, parts, quads % SUMS)]),
    ...activationsCode(place, parts, newLocal),
  ];
}

/** So many registers of outputs, from `output` on; moves `weights` behind theirs. */
function sumsCode(
  { layer, input, output, bias }: LayerPlace,
  { sums: all, factor, input: at, output: to, weights }: KernelLocals,
  count: number,
): Code {
  const sums = all.slice(0, count);
  // Reached from the outputs: one number less to count.
  const ownBias = i32.add(to.get, i32.of(bias - output));
  return [
    ...sums.flatMap((sum, i) => sum.set(f32x4.load(ownBias, i * QUAD))),
    ...countUp(at, {
      ...{ from: i32.of(input), end: i32.of(input + layer.inputs * BYTES), step: BYTES },
      body: [
        ...factor.set(f32x4.loadSplat(at.get)),
        ...sums.flatMap((sum, i) => {
          const term = f32x4.mul(factor.get, f32x4.load(weights.get, i * QUAD));
          return sum.set(f32x4.add(sum.get, term));
        }),
        ...move(weights, count * QUAD),
      ],
    }),
    ...sums.flatMap((sum, i) => f32x4.store(to.get, sum.get, i * QUAD)),
  ];
}

function activationsCode(
  { layer, output }: LayerPlace,
  { sums: [numbers], output: to }: KernelLocals,
  newLocal: NewLocal,
): Code {
  if (layer.activation === "none") return [];
  return countUp(to, {
    ...{ from: i32.of(output), end: i32.of(output + filledUp(layer.outputs) * BYTES), step: QUAD },
    body: [
      ...numbers!.set(f32x4.load(to.get)),
      ...activationCode(layer.activation, newLocal)(numbers!),
      ...f32x4.store(to.get, numbers!.get),
    ],
  });
}

/** The weights of 32 outputs, input by input; then those of the next 32. */
function inReadingOrder({ weights, inputs, outputs }: DenseLayer): Float32Array {
  const width = filledUp(outputs);
  const ordered = new Float32Array(inputs * width);
  let at = 0;
  for (let first = 0; first < width; first += SUMS * LANES) {
    const last = Math.min(width, first + SUMS * LANES);
    for (let input = 0; input < inputs; input++) {
      for (let output = first; output < last; output++) {
        ordered[at++] = output < outputs ? weights[input * outputs + output]! : 0;
      }
    }
  }
  return ordered;
}
