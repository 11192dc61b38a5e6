import { z } from "zod";

/** Params of the evaluate step, defaults filled in. */
export interface EvaluateParams {
  /** Name of the evaluated split. @default "test" */
  readonly split: string;
  /** Label that plain `precision`, `recall` and `f1` are of. @default of two labels the second, of more none */
  readonly positive_label?: string;
  /**
   * Columns whose values cut the split into parts; a column of many numbers is cut at its quartiles. `length(column)` cuts by the
   * characters of its texts. @default []
   */
  readonly slices: readonly string[];
  /** Rows that a part must have to be scored. @default 20 */
  readonly slice_min_rows: number;
  /** How many of the most confident mistakes are kept. @default 10 */
  readonly mistakes: number;
}

/** Params of the evaluate step as a pipeline gives them. */
export type EvaluateGiven = {
  readonly [Name in keyof EvaluateParams]?: EvaluateParams[Name] | undefined;
};

/** Schema of the evaluate step's params. */
export const evaluateParams: z.ZodType<EvaluateParams, EvaluateGiven> = z.strictObject({
  split: z.string().min(1).default("test"),
  positive_label: z.string().exactOptional(),
  slices: z.array(z.string()).readonly().default([]),
  slice_min_rows: z.int().min(1).default(20),
  mistakes: z.int().min(3).max(1000).default(10),
});
