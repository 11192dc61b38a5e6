import type { Shape } from "../shape.ts";

/** A rule that changes weights by their gradients, one element at a time. */
export interface Optimizer {
  readonly kind: string;
  /** What it remembers of every element between iterations; starts at 0. */
  readonly slots: readonly string[];
  /**
   * The numbers that the rule calls `s`: at most 12, and what the average adds.
   *
   * @param iteration 1 for the first.
   */
  scalars(iteration: number, learningRate: number, shape: Shape): readonly number[];
  /**
   * Statements of WGSL over `w`, `g`, a variable per slot, and the array `s`; what they may be made of stands at `parseElementRule`,
   * for the CPU compiles the same text.
   */
  readonly rule: string;
}

/** Where the scale of the gradients stands among the scalars. */
const GRADIENT_SCALE = 15;

/** The whole update of an element. */
export function updateRule({ slots, rule }: Optimizer): { names: string[]; rule: string } {
  return {
    names: ["w", "gradient", ...slots],
    rule: `let g = gradient * s[${GRADIENT_SCALE}];\n${rule}`,
  };
}

/** The numbers that {@link updateRule} calls `s`. */
export function updateScalars(scalars: readonly number[], gradientScale: number): number[] {
  return [...scalars, ...new Array<number>(GRADIENT_SCALE - scalars.length).fill(0), gradientScale];
}
