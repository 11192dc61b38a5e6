import { z } from "zod";
import type { CategoryFeature, NgramFeature, NumberFeature } from "../../pipeline/mod.ts";

/** What to do otherwise with one column than `features: auto` would. */
export type ColumnRule = "ignore" | NumberRule | CategoryRule;

/** A numeric column's rule; what it leaves out stays as `auto` has it. */
export type NumberRule = Omit<NumberFeature, "column" | "as"> & { readonly as?: "number" };

/** A categorical column's rule; what it leaves out stays as `auto` has it. */
export type CategoryRule = Omit<CategoryFeature, "column" | "as"> & { readonly as: "category" };

/** N-grams of a column of texts, as a pipeline gives them. */
export interface NgramGiven extends Pick<NgramFeature, "column" | "as" | "families"> {
  /** Texts that must hold an n-gram, or it is left out; 1 to 15. @default 3 */
  readonly min_texts?: number | undefined;
  /** Characters of a text that are read. @default 1024 */
  readonly max_length?: number | undefined;
  /** Also the short n-grams place by place, for `train_linear` with `recurrent`. @default none */
  readonly places?: { readonly min_texts: number; readonly max_length: number } | undefined;
}

/** Params of the preprocess step, defaults filled in. */
export interface PreprocessParams {
  /** Column that holds the label. */
  readonly label: string;
  /** `auto`: every column but the label, by its type; or the features one by one. */
  readonly features: "auto" | readonly (NumberFeature | CategoryFeature | NgramFeature)[];
  /** How `features: auto` scales numbers. @default "standard" */
  readonly scale?: NonNullable<NumberFeature["scale"]>;
  /** Exceptions to `features: auto`, by column. */
  readonly columns: Readonly<Record<string, ColumnRule>>;
}

/** Params of the preprocess step as a pipeline gives them. */
export interface PreprocessGiven {
  readonly label: string;
  /** @default "auto" */
  readonly features?:
    | "auto"
    | readonly (NumberFeature | CategoryFeature | NgramGiven)[]
    | undefined;
  /** @default "standard" */
  readonly scale?: PreprocessParams["scale"] | undefined;
  /** @default none */
  readonly columns?: PreprocessParams["columns"] | undefined;
}

const scale = z.enum(["standard", "minmax", "none"]).exactOptional();

const numberRule = {
  scale,
  missing: z.union([
    z.enum(["mean", "median", "error"]),
    z.strictObject({ value: z.number() }),
  ]).exactOptional(),
  indicator: z.boolean().exactOptional(),
};

const categoryRule = {
  missing: z.enum(["category", "most-frequent", "error"]).exactOptional(),
  unknown: z.enum(["ignore", "error"]).exactOptional(),
};

const ngrams = z.strictObject({
  column: z.string(),
  as: z.literal("ngrams"),
  families: z.array(z.strictObject({
    lengths: z.tuple([z.int().min(1), z.int().min(1)]).readonly(),
    spaces: z.boolean(),
  })).min(1).readonly().exactOptional(),
  min_texts: z.int().min(1).max(15).default(3),
  max_length: z.int().min(1).max(65_536).default(1024),
  places: z.strictObject({
    min_texts: z.int().min(1).max(15),
    max_length: z.int().min(1).max(1024),
  }).optional(),
}).transform(({ min_texts, max_length, places, ...rest }): NgramFeature => ({
  ...rest,
  minTexts: min_texts,
  maxLength: max_length,
  ...(places === undefined
    ? {}
    : { places: { minTexts: places.min_texts, maxLength: places.max_length } }),
}));

const feature = z.discriminatedUnion("as", [
  z.strictObject({ column: z.string(), as: z.literal("number"), ...numberRule }),
  z.strictObject({ column: z.string(), as: z.literal("category"), ...categoryRule }),
  ngrams,
]);

const rule = z.union([
  z.literal("ignore"),
  z.strictObject({ as: z.literal("number").exactOptional(), ...numberRule }),
  z.strictObject({ as: z.literal("category"), ...categoryRule }),
]);

/** Schema of the preprocess step's params. */
export const preprocessParams: z.ZodType<PreprocessParams, PreprocessGiven> = z.strictObject({
  label: z.string().min(1),
  features: z.union([z.literal("auto"), z.array(feature).min(1).readonly()]).default("auto"),
  scale,
  columns: z.record(z.string(), rule).default({}),
}).refine(
  ({ features, columns }) => features === "auto" || Object.keys(columns).length === 0,
  { path: ["columns"], message: "are exceptions to `features: auto`, and here they are listed" },
).refine(
  ({ features, scale }) => features === "auto" || scale === undefined,
  { path: ["scale"], message: "is of `features: auto`, and here they are listed" },
);
