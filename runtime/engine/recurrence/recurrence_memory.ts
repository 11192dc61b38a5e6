import type { RecurrentSizes } from "../../../pipeline/recurrence.ts";

/** Bytes of a number. */
export const BYTES = 4;

/** N-grams that begin at a character. */
export const PLACED = 3;

/** Last, largest and twice the mean state of two directions, for each value of the state. */
export const FEATURES = 6;

/** Regions of the memory start at multiples of this: instructions of 16 bytes then never touch two lines of the cache. */
const ALIGNMENT = 64;

/** The weights that are no vectors. */
export const DENSE = [
  "gateScale",
  "gateShift",
  "hiddenWeights",
  "hiddenBias",
  "directWeights",
  "outputWeights",
  "outputBias",
] as const;

type Dense = typeof DENSE[number];

/** A part of a recurrence's memory. */
export type Region =
  | Dense
  | `${Dense}Gradients`
  | "vectors"
  | "scales"
  | "squares"
  | "ids"
  | "sums"
  | "sumGradients"
  | "forwardStates"
  | "backwardStates"
  | "peaks"
  | "features"
  | "featureGradients"
  | "units"
  | "unitGradients"
  | "scores"
  | "scoreGradients"
  | "means"
  | "meanSquares";

/** A part of the memory: its first byte, and how many numbers it has. */
export interface Place {
  readonly at: number;
  readonly length: number;
}

/** Where everything lies. */
export type Places = Readonly<Record<Region, Place>>;

/** Lays the regions side by side. @returns Their places, and the bytes of all. */
export function placeRegions(sizes: RecurrentSizes): { places: Places; bytes: number } {
  let bytes = 0;
  const entries = Object.entries(lengthsOf(sizes)).map(([name, length]) => {
    const at = bytes;
    bytes = Math.ceil((at + length * BYTES) / ALIGNMENT) * ALIGNMENT;
    return [name, { at, length }] as const;
  });
  return { places: Object.fromEntries(entries) as Places, bytes };
}

/** Numbers of all dense weights, with what lies between them. */
function denseBlock(dense: Readonly<Record<Dense, number>>): number {
  const aligned = DENSE.map((name) => Math.ceil(dense[name] * BYTES / ALIGNMENT) * ALIGNMENT);
  return aligned.reduce((sum, bytes) => sum + bytes, 0) / BYTES;
}

function lengthsOf(
  { width, hidden, scores, grams, longest }: RecurrentSizes,
): Readonly<Record<Region, number>> {
  const row = 2 * width;
  const features = FEATURES * width;
  const dense: Readonly<Record<Dense, number>> = {
    gateScale: row,
    gateShift: row,
    hiddenWeights: hidden * features,
    hiddenBias: hidden,
    directWeights: scores * features,
    outputWeights: scores * hidden,
    outputBias: scores,
  };
  const gradients = DENSE.map((name) => [`${name}Gradients`, dense[name]] as const);
  return {
    ...dense,
    ...Object.fromEntries(gradients) as Record<`${Dense}Gradients`, number>,
    vectors: grams * row,
    scales: grams,
    squares: grams,
    ids: longest * PLACED,
    sums: longest * row,
    sumGradients: longest * row,
    // A row is states, then forget gates; one of zeros stands before the first, and one behind the last.
    forwardStates: (longest + 2) * row,
    backwardStates: (longest + 2) * row,
    peaks: row,
    features,
    featureGradients: features,
    units: hidden,
    unitGradients: hidden,
    scores,
    scoreGradients: scores,
    // Adam's, for all dense weights together: these stand side by side, and so do their gradients.
    means: denseBlock(dense),
    meanSquares: denseBlock(dense),
  };
}
