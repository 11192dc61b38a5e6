import { z } from "zod";
import type { Architecture, Attribution, ModelSignature } from "../../pipeline/mod.ts";
import type { EarlyStopping } from "./early_stopping.ts";

/** Params of the train step, defaults filled in. */
export interface TrainParams {
  /** @default { kind: "mlp", hidden: [64], activation: "relu" } */
  readonly architecture: Architecture;
  /** Passes over the training split, at most. @default 20 */
  readonly epochs: number;
  /** Examples of one iteration. @default 32 */
  readonly batch_size: number;
  /** @default "adamw" */
  readonly optimizer: "adamw" | "sgd";
  /** At its peak. @default 0.001 */
  readonly learning_rate: number;
  /** Of AdamW; matrices only. @default 0.01 */
  readonly weight_decay?: number;
  /** Of SGD, 0 to 1. @default 0 */
  readonly momentum?: number;
  /** How the learning rate falls until the last epoch. @default "cosine" */
  readonly schedule: "constant" | "linear" | "cosine";
  /** Share of all iterations in which the learning rate rises, 0 to 1. @default 0 */
  readonly warmup: number;
  /** Share of the target spread over all classes, 0 to 1. @default 0 */
  readonly label_smoothing: number;
  /** Ends training when validation does not improve. @default null: train all epochs */
  readonly early_stopping: EarlyStopping | null;
  /** Whether the weights of the best epoch are kept, by the metric of `early_stopping` or else the validation loss; the last epoch's otherwise. @default true */
  readonly restore_best: boolean;
  /** Of the starting weights, of the order of the examples and of dropout. */
  readonly seed: number;
  /** How a page shows the inputs. @default one field each */
  readonly form?: NonNullable<ModelSignature["form"]>;
  /** Where the data comes from, for the model card. @default what the training split says */
  readonly attribution?: Attribution;
}

type Given<T, Required extends keyof T> =
  & Pick<T, Required>
  & { readonly [Name in Exclude<keyof T, Required>]?: T[Name] | undefined };

/** Params of the train step as a pipeline gives them: all but the seed have a default. */
export type TrainGiven = Given<TrainParams, "seed">;

const share = z.number().min(0).max(1);

const architecture = z.strictObject({
  kind: z.literal("mlp"),
  hidden: z.array(z.int().min(1).max(16_384)).readonly(),
  activation: z.enum(["relu", "tanh", "gelu"]).exactOptional(),
  dropout: z.number().min(0).lt(1).exactOptional(),
});

/** Schema of the train step's params. */
export const trainParams: z.ZodType<TrainParams, TrainGiven> = z.strictObject({
  architecture: architecture.default({ kind: "mlp", hidden: [64], activation: "relu" }),
  epochs: z.int().min(1).default(20),
  batch_size: z.int().min(1).default(32),
  optimizer: z.enum(["adamw", "sgd"]).default("adamw"),
  learning_rate: z.number().positive().default(0.001),
  weight_decay: z.number().min(0).exactOptional(),
  momentum: z.number().min(0).lt(1).exactOptional(),
  schedule: z.enum(["constant", "linear", "cosine"]).default("cosine"),
  warmup: share.default(0),
  label_smoothing: share.default(0),
  early_stopping: z.strictObject({
    patience: z.int().min(1),
    metric: z.enum(["validation_loss", "validation_accuracy"]),
  }).nullable().default(null),
  restore_best: z.boolean().default(true),
  seed: z.int().min(0).max(0xffff_ffff),
  form: z.strictObject({
    kind: z.literal("grid"),
    width: z.int().min(1),
    height: z.int().min(1),
  }).exactOptional(),
  attribution: z.strictObject({
    title: z.string(),
    license: z.string(),
    url: z.string().exactOptional(),
  }).exactOptional(),
}).refine(({ optimizer, weight_decay }) => optimizer === "adamw" || weight_decay === undefined, {
  path: ["weight_decay"],
  message: "sgd has no weight decay: leave it out, or use optimizer adamw",
}).refine(({ optimizer, momentum }) => optimizer === "sgd" || momentum === undefined, {
  path: ["momentum"],
  message: "adamw has no momentum to set: leave it out, or use optimizer sgd",
});
