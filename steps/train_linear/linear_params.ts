import { z } from "zod";
import type { Attribution } from "../../pipeline/mod.ts";
import {
  type RecurrentGiven,
  type RecurrentParams,
  recurrentParams,
} from "./recurrent/recurrent_params.ts";

/** Params of the train-linear step, defaults filled in. */
export interface LinearParams {
  /** Weight of an error against the size of the weights: more follows the training split more closely. @default 3 */
  readonly cost: number;
  /** Power of the inverse document frequency: more makes rare features count more. @default 1.2 */
  readonly idf_power: number;
  /** Share of the naive-Bayes weights, 0 to 1. @default 0.8 */
  readonly naive_bayes: number;
  /** Passes over the training split, at most. @default 6 */
  readonly passes: number;
  /** Ends training before: largest violation of the optimality conditions that is accepted. @default 0.1 */
  readonly tolerance: number;
  /** A part that reads the text in its order beside the linear one; needs n-grams by place. @default null: none */
  readonly recurrent: RecurrentParams | null;
  /** Of the order of the examples. */
  readonly seed: number;
  /** Where the data comes from, for the model card. @default what the training split says */
  readonly attribution?: Attribution;
}

/** Params of the train-linear step as a pipeline gives them: all but the seed have a default. */
export type LinearGiven =
  & Pick<LinearParams, "seed">
  & { readonly recurrent?: RecurrentGiven | null | undefined }
  & {
    readonly [Name in Exclude<keyof LinearParams, "seed" | "recurrent">]?:
      | LinearParams[Name]
      | undefined;
  };

/** Schema of the train-linear step's params. */
export const linearParams: z.ZodType<LinearParams, LinearGiven> = z.strictObject({
  cost: z.number().positive().max(1e6).default(3),
  idf_power: z.number().min(0).max(10).default(1.2),
  naive_bayes: z.number().min(0).max(1).default(0.8),
  passes: z.int().min(1).max(1000).default(6),
  tolerance: z.number().positive().default(0.1),
  recurrent: recurrentParams.nullable().default(null),
  seed: z.int().min(0).max(0xffff_ffff),
  attribution: z.strictObject({
    title: z.string(),
    license: z.string(),
    url: z.string().exactOptional(),
  }).exactOptional(),
});
