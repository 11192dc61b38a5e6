import { likeliest, type Predictions, probabilitiesOf } from "./predictions.ts";

/**
 * Mean negative log likelihood of the true class, in nats. Rows are made to add up to 1, and a probability is
 * kept 2^-52 away from 0 and 1, as scikit-learn does it in double precision.
 */
export function logLoss({ actual, probabilities, classes }: Predictions): number {
  let loss = 0;
  for (let row = 0; row < actual.length; row++) {
    let whole = 0;
    for (let id = 0; id < classes; id++) whole += clip(probabilities[row * classes + id]!);
    loss -= Math.log(clip(probabilities[row * classes + actual[row]!]!) / whole);
  }
  return loss / actual.length;
}

/**
 * Brier score. Two classes: mean squared distance of the positive class's probability from 0 or 1, in 0…1. More
 * classes: the sum of that over the classes, in 0…2.
 *
 * @see Brier, "Verification of forecasts expressed in terms of probability", 1950.
 */
export function brierScore({ actual, probabilities, classes }: Predictions): number {
  let squares = 0;
  for (let row = 0; row < actual.length; row++) {
    for (let id = 0; id < classes; id++) {
      squares += (probabilities[row * classes + id]! - (actual[row] === id ? 1 : 0)) ** 2;
    }
  }
  return squares / actual.length / (classes === 2 ? 2 : 1);
}

/**
 * Expected calibration error over ten equal bins: how far shares of right answers are from the confidence. Two
 * classes: of the probability of the positive class; more: of the likeliest class.
 */
export function calibrationError(predictions: Predictions, positive: number): number {
  const { actual, probabilities, classes } = predictions;
  if (classes === 2) {
    return binnedError(
      probabilitiesOf(predictions, positive),
      Array.from(actual, (id) => id === positive),
    );
  }
  const answers = Array.from(actual, (_, row) => likeliest(probabilities, row * classes, classes));
  return binnedError(
    Float64Array.from(answers, (id, row) => probabilities[row * classes + id]!),
    answers.map((id, row) => id === actual[row]),
  );
}

const BINS = 10;

function binnedError(confidence: Float64Array, isRight: readonly boolean[]): number {
  const right = new Array<number>(BINS).fill(0);
  const sure = new Array<number>(BINS).fill(0);
  confidence.forEach((share, i) => {
    let bin = Math.min(BINS - 1, Math.floor(share * BINS));
    if (bin > 0 && share < bin * 0.1) bin--; // numpy's edges are multiples of 0.1 in double precision
    sure[bin]! += share;
    if (isRight[i]) right[bin]!++;
  });
  const error = right.reduce((whole, count, bin) => whole + Math.abs(count - sure[bin]!), 0);
  return error / confidence.length;
}

function clip(probability: number): number {
  return Math.min(1 - Number.EPSILON, Math.max(Number.EPSILON, probability));
}
