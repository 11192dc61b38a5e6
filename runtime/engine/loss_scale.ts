/** What the loss is multiplied by before it is differentiated in half precision, whose smallest number is 6e-8. */
export interface LossScale {
  readonly value: number;
  /** After an update. */
  raise(): void;
  /** After gradients that were infinite. @returns Whether there is a smaller scale to try. */
  lower(): boolean;
}

const FIRST = 2 ** 15;
const PATIENCE = 500; // updates until a larger scale is tried

/** Where a scale is kept: its value, and the updates since it last changed. */
export function startingLossScale(): Float32Array<ArrayBuffer> {
  return Float32Array.of(FIRST, 0);
}

/**
 * A scale that halves when gradients are infinite, and doubles when they have not been for long.
 *
 * @param kept As {@link startingLossScale} makes it; it is part of a checkpoint.
 */
export function openLossScale(kept: Float32Array): LossScale {
  return {
    get value() {
      return kept[0]!;
    },
    raise() {
      kept[1]! += 1;
      if (kept[1]! < PATIENCE) return;
      kept[0]! *= 2;
      kept[1] = 0;
    },
    lower() {
      kept[1] = 0;
      if (kept[0]! <= 1) return false;
      kept[0]! /= 2;
      return true;
    },
  };
}
