import { z } from "zod";
import type { Attribution } from "../../pipeline/mod.ts";
import type { EarlyStopping } from "../train/early_stopping.ts";

/** Params of the fine-tune step, defaults filled in. */
export interface FineTuneParams {
  /** Passes over the training split, at most. @default 3 */
  readonly epochs: number;
  /** Texts of one iteration. @default 32 */
  readonly batch_size: number;
  /** Of AdamW, at its peak. @default 5e-5 */
  readonly learning_rate: number;
  /** Of matrices. @default 0.01 */
  readonly weight_decay: number;
  /** Share of all iterations in which the learning rate rises, before it falls in a line, 0 to 1. @default 0.1 */
  readonly warmup: number;
  /** Share of the hidden values that training leaves out at random, 0 to 1. @default 0.1 */
  readonly dropout: number;
  /** Gradients are scaled down when their norm is above this. @default 1 */
  readonly clip_norm: number;
  /** Only this many of the last layers are trained, and the classifier. @default null: all */
  readonly unfrozen_layers: number | null;
  /** Keeps on disk what the frozen layers make of each text, so that later epochs skip them; they then leave nothing out. @default true */
  readonly frozen_cache: boolean;
  /** Ends training when validation does not improve. @default null: train all epochs */
  readonly early_stopping: EarlyStopping | null;
  /** Seconds between two checkpoints, from which training goes on after a kill. @default 60 */
  readonly checkpoint_seconds: number;
  /** Iterations between two checkpoints, whatever time they take. @default null */
  readonly checkpoint_iterations: number | null;
  /** What the encoder is called in the model card: `beomi/kcbert-base`. */
  readonly base: string;
  readonly seed: number;
  /** Where the data comes from, for the model card. @default what the training split says */
  readonly attribution?: Attribution;
}

/** Params as a pipeline gives them: all but seed and base have a default. */
export type FineTuneGiven =
  & Pick<FineTuneParams, "seed" | "base">
  & {
    readonly [Name in Exclude<keyof FineTuneParams, "seed" | "base">]?:
      | FineTuneParams[Name]
      | undefined;
  };

/** Schema of the fine-tune step's params. */
export const fineTuneParams: z.ZodType<FineTuneParams, FineTuneGiven> = z.strictObject({
  epochs: z.int().min(1).default(3),
  batch_size: z.int().min(1).default(32),
  learning_rate: z.number().positive().default(5e-5),
  weight_decay: z.number().min(0).default(0.01),
  warmup: z.number().min(0).max(1).default(0.1),
  dropout: z.number().min(0).lt(1).default(0.1),
  clip_norm: z.number().positive().default(1),
  unfrozen_layers: z.int().min(0).nullable().default(null),
  frozen_cache: z.boolean().default(true),
  early_stopping: z.strictObject({
    patience: z.int().min(1),
    metric: z.enum(["validation_loss", "validation_accuracy"]),
  }).nullable().default(null),
  checkpoint_seconds: z.number().positive().default(60),
  checkpoint_iterations: z.int().min(1).nullable().default(null),
  base: z.string().min(1),
  seed: z.int().min(0).max(0xffff_ffff),
  attribution: z.strictObject({
    title: z.string(),
    license: z.string(),
    url: z.string().exactOptional(),
  }).exactOptional(),
});
