import { z } from "zod";

/** How the recurrent part is trained. */
export interface RecurrentParams {
  /** Share of the scores, 0 to 1; the rest is the linear part's. @default 0.35 */
  readonly share: number;
  /** Values of the state in each direction; a multiple of 4. @default 24 */
  readonly width: number;
  /** Units of the layer above; a multiple of 4. @default 32 */
  readonly hidden: number;
  /** @default 3 */
  readonly epochs: number;
  /** Of the vectors (Adagrad); it falls in a line to a twentieth. @default 0.15 */
  readonly learning_rate: number;
  /** Share of n-grams that training leaves out at random, 0 to 1. @default 0.35 */
  readonly dropout: number;
}

/** Params as a pipeline gives them. */
export type RecurrentGiven = {
  readonly [Name in keyof RecurrentParams]?: RecurrentParams[Name] | undefined;
};

/** Schema of the recurrent part's params. */
export const recurrentParams: z.ZodType<RecurrentParams, RecurrentGiven> = z.strictObject({
  share: z.number().gt(0).lt(1).default(0.35),
  width: z.int().min(4).max(256).multipleOf(4).default(24),
  hidden: z.int().min(4).max(1024).multipleOf(4).default(32),
  epochs: z.int().min(1).default(3),
  learning_rate: z.number().positive().default(0.15),
  dropout: z.number().min(0).lt(1).default(0.35),
});
