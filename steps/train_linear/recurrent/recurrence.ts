import { PLACED } from "./placed_texts.ts";

/** Sizes of a recurrent part. */
export interface RecurrentSizes {
  readonly width: number;
  readonly hidden: number;
  readonly scores: number;
  /** Rows of the table of vectors. */
  readonly grams: number;
  /** Characters of the longest text. */
  readonly longest: number;
}

/** Weights that are no vectors of n-grams; layouts as in `RecurrentPart`. */
export interface DenseWeights {
  readonly gateScale: Float32Array<ArrayBuffer>;
  readonly gateShift: Float32Array<ArrayBuffer>;
  readonly hiddenWeights: Float32Array<ArrayBuffer>;
  readonly hiddenBias: Float32Array<ArrayBuffer>;
  readonly directWeights: Float32Array<ArrayBuffer>;
  readonly outputWeights: Float32Array<ArrayBuffer>;
  readonly outputBias: Float32Array<ArrayBuffer>;
}

/** Numbers of zeros, laid out like the weights. */
export function zeroWeights({ width, hidden, scores }: RecurrentSizes): DenseWeights {
  const features = FEATURES * width;
  return {
    gateScale: new Float32Array(2 * width),
    gateShift: new Float32Array(2 * width),
    hiddenWeights: new Float32Array(hidden * features),
    hiddenBias: new Float32Array(hidden),
    directWeights: new Float32Array(scores * features),
    outputWeights: new Float32Array(scores * hidden),
    outputBias: new Float32Array(scores),
  };
}

/** Last, largest and twice the mean state of two directions, for each value of the state. */
export const FEATURES = 6;

/** One text at a time: what it makes of the sums of its n-grams' vectors, and back. */
export interface Recurrence {
  /** Sums of the vectors of each character, `[characters, 2 width]`: values, then gates. To be filled before `forward`. */
  readonly sums: Float32Array;
  /** Their gradients, after `backward`. */
  readonly sumGradients: Float32Array;
  /** The scores of the text whose sums are filled; the same array every time. */
  forward(length: number): Float32Array;
  /** Adds to `gradients`, from the gradients of the scores, of the text that went forward last. */
  backward(length: number, scoreGradients: Float32Array, gradients: DenseWeights): void;
}

/** Opens the arithmetic of a recurrent part, as `RecurrentPart` writes it down. */
export function openRecurrence(weights: DenseWeights, sizes: RecurrentSizes): Recurrence {
  const { width, scores, longest } = sizes;
  const states = new Float32Array(2 * longest * width);
  const forgets = new Float32Array(2 * longest * width);
  const peaks = new Int32Array(2 * width); // places of the largest states
  const sums = new Float32Array(longest * 2 * width);
  const sumGradients = new Float32Array(longest * 2 * width);
  const features = new Float32Array(FEATURES * width);
  const featureGradients = new Float32Array(FEATURES * width);
  const head = openHead(weights, sizes, { features, featureGradients });
  const layer = { weights, sizes, states, forgets, peaks, sums, features };
  const scored = new Float32Array(scores);
  return {
    sums,
    sumGradients,
    forward(length) {
      runDirection(layer, length, 0);
      runDirection(layer, length, 1);
      head.forward(scored);
      return scored;
    },
    backward(length, scoreGradients, gradients) {
      head.backward(scoreGradients, gradients);
      sumGradients.fill(0, 0, length * 2 * width);
      const back = { ...layer, sumGradients, featureGradients, gradients };
      returnDirection(back, length, 0);
      returnDirection(back, length, 1);
    },
  };
}

interface Layer {
  readonly weights: DenseWeights;
  readonly sizes: RecurrentSizes;
  readonly states: Float32Array;
  readonly forgets: Float32Array;
  readonly peaks: Int32Array;
  readonly sums: Float32Array;
  readonly features: Float32Array;
}

/** One value of the state after the other: what it needs then stays in the processor. */
function runDirection(
  { weights, sizes: { width, longest }, states, forgets, peaks, sums, features }: Layer,
  length: number,
  direction: 0 | 1,
): void {
  const row = 2 * width;
  const base = direction * longest * width;
  const step = direction === 0 ? 1 : -1;
  const first = direction === 0 ? 0 : length - 1;
  for (let d = 0; d < width; d++) {
    const scale = weights.gateScale[direction * width + d]!;
    const shift = weights.gateShift[direction * width + d]!;
    let state = 0;
    let largest = -Infinity;
    let peak = first;
    let sum = 0;
    for (let i = 0; i < length; i++) {
      const at = first + step * i;
      const gate = scale * sums[at * row + width + d]! + shift;
      const forget = 0.5 + 0.5 * gate / (1 + Math.abs(gate));
      state = forget * state + (1 - forget) * sums[at * row + d]!;
      forgets[base + at * width + d] = forget;
      states[base + at * width + d] = state;
      sum += state;
      if (state > largest) {
        largest = state;
        peak = at;
      }
    }
    peaks[direction * width + d] = peak;
    const feature = direction * 3 * width + d;
    features[feature] = state;
    features[feature + width] = largest;
    features[feature + 2 * width] = 2 * sum / length;
  }
}

interface BackLayer extends Layer {
  readonly sumGradients: Float32Array;
  readonly featureGradients: Float32Array;
  readonly gradients: DenseWeights;
}

function returnDirection(layer: BackLayer, length: number, direction: 0 | 1): void {
  const { weights, sizes: { width, longest }, states, forgets, peaks, sums } = layer;
  const { sumGradients, featureGradients, gradients } = layer;
  const row = 2 * width;
  const base = direction * longest * width;
  const step = direction === 0 ? 1 : -1;
  const first = direction === 0 ? 0 : length - 1;
  for (let d = 0; d < width; d++) {
    const scale = weights.gateScale[direction * width + d]!;
    const feature = direction * 3 * width + d;
    const peak = peaks[direction * width + d]!;
    const mean = 2 * featureGradients[feature + 2 * width]! / length;
    let gradient = featureGradients[feature]!; // dL/dc at this character
    let scaleGradient = 0;
    let shiftGradient = 0;
    for (let i = length - 1; i >= 0; i--) {
      const at = first + step * i;
      gradient += at === peak ? mean + featureGradients[feature + width]! : mean;
      const forget = forgets[base + at * width + d]!;
      const before = i === 0 ? 0 : states[base + (at - step) * width + d]!;
      const gateSum = sums[at * row + width + d]!;
      // df/du = 0.5 / (1 + |u|)², and 1 / (1 + |u|) = 1 - |2 f - 1|: no division.
      const slope = 1 - Math.abs(2 * forget - 1);
      const gate = 0.5 * gradient * (before - sums[at * row + d]!) * slope * slope;
      sumGradients[at * row + d]! += gradient * (1 - forget);
      sumGradients[at * row + width + d]! += gate * scale;
      scaleGradient += gate * gateSum;
      shiftGradient += gate;
      gradient *= forget;
    }
    gradients.gateScale[direction * width + d]! += scaleGradient;
    gradients.gateShift[direction * width + d]! += shiftGradient;
  }
}

/** The linear maps and the layer of ReLU above the features. */
interface Head {
  forward(scored: Float32Array): void;
  backward(scoreGradients: Float32Array, gradients: DenseWeights): void;
}

function openHead(
  weights: DenseWeights,
  { width, hidden, scores }: RecurrentSizes,
  { features, featureGradients }: {
    readonly features: Float32Array;
    readonly featureGradients: Float32Array;
  },
): Head {
  const { hiddenWeights, hiddenBias, directWeights, outputWeights, outputBias } = weights;
  const size = FEATURES * width;
  const units = new Float32Array(hidden);
  return {
    forward(scored) {
      for (let unit = 0; unit < hidden; unit++) {
        const sum = hiddenBias[unit]! + product(hiddenWeights, unit * size, features);
        units[unit] = sum > 0 ? sum : 0;
      }
      for (let score = 0; score < scores; score++) {
        scored[score] = outputBias[score]! + product(directWeights, score * size, features) +
          product(outputWeights, score * hidden, units);
      }
    },
    backward(scoreGradients, gradients) {
      featureGradients.fill(0);
      for (let score = 0; score < scores; score++) {
        const slope = scoreGradients[score]!;
        gradients.outputBias[score]! += slope;
        addProduct(gradients.directWeights, score * size, features, slope);
        addScaled(featureGradients, directWeights, score * size, slope);
        addProduct(gradients.outputWeights, score * hidden, units, slope);
      }
      for (let unit = 0; unit < hidden; unit++) {
        if (units[unit] === 0) continue;
        let slope = 0;
        for (let score = 0; score < scores; score++) {
          slope += scoreGradients[score]! * outputWeights[score * hidden + unit]!;
        }
        gradients.hiddenBias[unit]! += slope;
        addProduct(gradients.hiddenWeights, unit * size, features, slope);
        addScaled(featureGradients, hiddenWeights, unit * size, slope);
      }
    },
  };
}

function product(matrix: Float32Array, at: number, vector: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < vector.length; i++) sum += matrix[at + i]! * vector[i]!;
  return sum;
}

function addProduct(into: Float32Array, at: number, vector: Float32Array, factor: number): void {
  for (let i = 0; i < vector.length; i++) into[at + i]! += factor * vector[i]!;
}

function addScaled(into: Float32Array, matrix: Float32Array, at: number, factor: number): void {
  for (let i = 0; i < into.length; i++) into[i]! += factor * matrix[at + i]!;
}

/** Adds up the vectors of the n-grams of a text. @param used Ids of its n-grams, 0 for those left out. */
export function sumVectors(
  sums: Float32Array,
  vectors: Float32Array,
  { used, scales, length, row }: {
    readonly used: Int32Array;
    readonly scales: Float32Array;
    readonly length: number;
    /** Numbers of a vector. */
    readonly row: number;
  },
): void {
  sums.fill(0, 0, length * row);
  for (let at = 0; at < length * PLACED; at++) {
    const id = used[at]!;
    if (id === 0) continue;
    const scale = scales[id]!;
    const to = Math.floor(at / PLACED) * row;
    const from = id * row;
    for (let d = 0; d < row; d++) sums[to + d]! += scale * vectors[from + d]!;
  }
}
