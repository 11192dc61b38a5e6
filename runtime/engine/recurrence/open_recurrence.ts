import type { Recurrence, RecurrentSizes, RecurrentWeights } from "../../../pipeline/recurrence.ts";
import { assembleModule } from "../wasm/assemble.ts";
import { adamKernel, BETA1, BETA2 } from "./adam_kernel.ts";
import { linearBackwardKernel, linearKernel } from "./linear_kernels.ts";
import { DENSE, FEATURES, type Place, placeRegions, type Places } from "./recurrence_memory.ts";
import { stateGradientKernel, stateKernel } from "./state_kernels.ts";
import { moveKernel, sumKernel } from "./sum_kernels.ts";

/** What the kernels export. Places are bytes in the memory. */
interface Kernels {
  readonly memory: WebAssembly.Memory;
  readonly sum: (length: number) => void;
  readonly forward0: (length: number) => void;
  readonly forward1: (length: number) => void;
  readonly backward0: (length: number) => void;
  readonly backward1: (length: number) => void;
  readonly moveVectors: (length: number, rate: number) => void;
  readonly adam: (share: number, rate: number, correction: number) => void;
  readonly linear: (
    outputs: number,
    matrix: number,
    inputs: number,
    rows: number,
    columns: number,
  ) => void;
  readonly linearBackward: (
    slopes: number,
    matrix: number,
    gradient: number,
    inputs: number,
    inputSlopes: number,
    rows: number,
    columns: number,
  ) => void;
}

/**
 * Opens the arithmetic of a recurrent part, as `RecurrentPart` writes it down, in WebAssembly that works on four values of the state at
 * once: they do not depend on each other, and each stays in a register from the first character to the last.
 *
 * @throws {RangeError} If a width is no multiple of 4, or the vectors do not fit into 4 GiB.
 */
export function openRecurrence(sizes: RecurrentSizes): Recurrence {
  const { width, hidden, scores } = sizes;
  if (width % 4 !== 0 || hidden % 4 !== 0) {
    throw new RangeError(`Widths must be multiples of 4, not ${width} and ${hidden}`);
  }
  const { places, bytes } = placeRegions(sizes);
  const kernels = compileKernels(places, bytes, width);
  const { buffer } = kernels.memory;
  const floats = ({ at, length }: Place) => new Float32Array(buffer as ArrayBuffer, at, length);
  const [units, unitGradients] = [floats(places.units), floats(places.unitGradients)];
  const featureGradients = floats(places.featureGradients);
  const scored = floats(places.scores);
  const scoreGradients = floats(places.scoreGradients);
  const { weights, gradients } = denseWeights(places, floats);
  const at = (region: keyof Places): number => places[region].at;
  const features = FEATURES * width;
  let updates = 0;
  return {
    vectors: floats(places.vectors),
    scales: floats(places.scales),
    squares: floats(places.squares),
    ids: new Int32Array(buffer as ArrayBuffer, places.ids.at, places.ids.length),
    ...{ weights, gradients, scores: scored, scoreGradients },
    forward(length) {
      kernels.sum(length);
      kernels.forward0(length);
      kernels.forward1(length);
      units.set(weights.hiddenBias);
      kernels.linear(at("units"), at("hiddenWeights"), at("features"), hidden, features);
      for (let unit = 0; unit < hidden; unit++) if (units[unit]! < 0) units[unit] = 0;
      scored.set(weights.outputBias);
      kernels.linear(at("scores"), at("directWeights"), at("features"), scores, features);
      kernels.linear(at("scores"), at("outputWeights"), at("units"), scores, hidden);
    },
    backward(length) {
      featureGradients.fill(0);
      unitGradients.fill(0);
      const back = (slopes: keyof Places, matrix: "hiddenWeights" | "directWeights") =>
        kernels.linearBackward(
          ...[at(slopes), at(matrix), at(`${matrix}Gradients`)] as const,
          ...[at("features"), at("featureGradients"), places[slopes].length, features] as const,
        );
      back("scoreGradients", "directWeights");
      kernels.linearBackward(
        ...[at("scoreGradients"), at("outputWeights"), at("outputWeightsGradients")] as const,
        ...[at("units"), at("unitGradients"), scores, hidden] as const,
      );
      addTo(gradients.outputBias, scoreGradients);
      for (let unit = 0; unit < hidden; unit++) if (units[unit] === 0) unitGradients[unit] = 0;
      back("unitGradients", "hiddenWeights");
      addTo(gradients.hiddenBias, unitGradients);
      kernels.backward0(length);
      kernels.backward1(length);
    },
    moveVectors: (length, learningRate) => kernels.moveVectors(length, learningRate),
    moveWeights(texts, learningRate) {
      updates++;
      const rate = learningRate / (1 - BETA1 ** updates);
      kernels.adam(1 / texts, rate, 1 / (1 - BETA2 ** updates));
    },
  };
}

function compileKernels(places: Places, bytes: number, width: number): Kernels {
  const module = assembleModule(bytes, [
    sumKernel(places, 2 * width),
    stateKernel(places, width, 0),
    stateKernel(places, width, 1),
    linearKernel(),
    linearBackwardKernel(),
    stateGradientKernel(places, width, 0),
    stateGradientKernel(places, width, 1),
    moveKernel(places, 2 * width),
    adamKernel(places),
  ]);
  const instance = new WebAssembly.Instance(new WebAssembly.Module(module));
  return instance.exports as unknown as Kernels;
}

function denseWeights(
  places: Places,
  floats: (place: Place) => Float32Array<ArrayBuffer>,
): { weights: RecurrentWeights; gradients: RecurrentWeights } {
  const pick = (suffix: "" | "Gradients") =>
    Object.fromEntries(DENSE.map((name) => [name, floats(places[`${name}${suffix}`])]));
  return {
    weights: pick("") as unknown as RecurrentWeights,
    gradients: pick("Gradients") as unknown as RecurrentWeights,
  };
}

function addTo(into: Float32Array, terms: Float32Array): void {
  for (let i = 0; i < into.length; i++) into[i]! += terms[i]!;
}
