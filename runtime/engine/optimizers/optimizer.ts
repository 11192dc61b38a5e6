import type { Shape } from "../shape.ts";

/** The arrays of one weight, all of the same length. */
export interface WeightArrays {
  readonly weight: Float32Array;
  readonly gradient: Float32Array;
  /** In the order of {@link Optimizer.slots}. */
  readonly slots: readonly Float32Array[];
}

/** A rule that changes weights by their gradients, one element at a time. */
export interface Optimizer {
  readonly kind: string;
  /** What it remembers of every element between iterations; starts at 0. */
  readonly slots: readonly string[];
  /**
   * The numbers that `update` and `wgsl` call `s`: at most 8, and what the average adds.
   *
   * @param iteration 1 for the first.
   */
  scalars(iteration: number, learningRate: number, shape: Shape): readonly number[];
  /** Changes weight and slots in place, on the CPU. */
  update(arrays: WeightArrays, s: readonly number[]): void;
  /** The same in WGSL: statements over `w`, `g`, a variable per slot, and the array `s`. */
  readonly wgsl: string;
}
