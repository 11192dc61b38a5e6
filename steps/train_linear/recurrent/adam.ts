import type { RecurrentWeights } from "../../../pipeline/mod.ts";

/** Moves weights by their gradients, and empties these. */
export interface Adam {
  /** @param batch Examples whose gradients were summed. */
  update(rate: number, batch: number): void;
}

const BETA1 = 0.9;
const BETA2 = 0.99;
const EPSILON = 1e-8;

/** @see Kingma & Ba, "Adam", 2015, algorithm 1. */
export function openAdam(weights: RecurrentWeights, gradients: RecurrentWeights): Adam {
  const parts = (Object.keys(weights) as (keyof RecurrentWeights)[]).map((name) => ({
    weight: weights[name],
    gradient: gradients[name],
    mean: new Float32Array(weights[name].length),
    square: new Float32Array(weights[name].length),
  }));
  let iteration = 0;
  return {
    update(rate, batch) {
      iteration++;
      const meanShare = 1 - BETA1 ** iteration;
      const squareShare = 1 - BETA2 ** iteration;
      for (const { weight, gradient, mean, square } of parts) {
        for (let i = 0; i < weight.length; i++) {
          const slope = gradient[i]! / batch;
          mean[i] = BETA1 * mean[i]! + (1 - BETA1) * slope;
          square[i] = BETA2 * square[i]! + (1 - BETA2) * slope * slope;
          weight[i]! -= rate * (mean[i]! / meanShare) /
            (Math.sqrt(square[i]! / squareShare) + EPSILON);
        }
        gradient.fill(0);
      }
    },
  };
}
