import type { Cell, Row } from "./dataset.ts";
import type { Tensor } from "./tensor.ts";

/** How a numeric column becomes one number. */
export interface NumberFeature {
  readonly column: string;
  readonly as: "number";
  /** `standard`: (x - mean) / deviation; `minmax`: to 0…1; `none`: as it is. @default "standard" */
  readonly scale?: "standard" | "minmax" | "none";
  /** What stands in for a missing value, before scaling; `error` refuses the row. @default "error" */
  readonly missing?: "mean" | "median" | "error" | { readonly value: number };
  /** Adds a second number that is 1 where the value is missing. @default false */
  readonly indicator?: boolean;
}

/** How a categorical column becomes one number per category seen in training (one-hot). */
export interface CategoryFeature {
  readonly column: string;
  readonly as: "category";
  /** `category`: a category of its own; `most-frequent`; `error` refuses the row. @default "error" */
  readonly missing?: "category" | "most-frequent" | "error";
  /** A category never seen in training: all zeros, or refused. @default "ignore" */
  readonly unknown?: "ignore" | "error";
}

/** How raw rows become tensors, as data; not yet fitted. */
export interface PreprocessingSpec {
  readonly features: readonly (NumberFeature | CategoryFeature)[];
  /** Column that holds the label. */
  readonly label: string;
}

/** A numeric feature with what was learned from the training split. */
export interface FittedNumber {
  readonly column: string;
  readonly as: "number";
  /** Subtracted first. */
  readonly shift: number;
  /** Then divided by. Never 0. */
  readonly divisor: number;
  /** Stands in for a missing value; `null` refuses it. */
  readonly fill: number | null;
  readonly indicator: boolean;
  /** Smallest and largest value seen, for forms and drift. */
  readonly range: readonly [number, number];
  /** Whether every value seen was a whole number. */
  readonly integer: boolean;
}

/** A categorical feature with the categories of the training split, sorted. */
export interface FittedCategory {
  readonly column: string;
  readonly as: "category";
  readonly type: "string" | "number" | "boolean";
  readonly categories: readonly string[];
  /** Category a missing value counts as; `null` refuses it. A category of its own is the last, named "". */
  readonly fill: string | null;
  readonly unknown: "ignore" | "error";
}

/** Preprocessing learned on the training split: kept in the model, run in training and in serving alike. */
export interface FittedPreprocessing {
  readonly version: 1;
  readonly features: readonly (FittedNumber | FittedCategory)[];
  /** Length of the feature vector. */
  readonly width: number;
  readonly label: {
    readonly column: string;
    readonly labels: readonly string[];
  };
}

/** Runs one fitted preprocessing. */
export interface Preprocessor {
  readonly fitted: FittedPreprocessing;
  /**
   * Rows to the model's inputs: `{ features: float32 [rows, width] }`.
   *
   * @param options `firstRow`: position of the first row in its dataset, for messages; 0 unless given.
   * @throws {ExplainedError} `preprocessing/bad-rows` naming every refused value.
   */
  encode(
    rows: readonly Readonly<Record<string, unknown>>[],
    options?: { readonly firstRow?: number },
  ): Record<string, Tensor>;
  /**
   * Labels to class ids, int32 `[rows]`.
   *
   * @throws {ExplainedError} `preprocessing/unknown-label` naming every label never seen in training.
   */
  encodeLabels(rows: readonly Row[]): Tensor;
}

/** What a step may ask of the preprocessing. */
export interface PreprocessingPort {
  fit(
    spec: PreprocessingSpec,
    rows: AsyncIterable<Row>,
  ): Promise<FittedPreprocessing>;
  open(fitted: FittedPreprocessing): Preprocessor;
}

/** A label as it is shown: `5`, `true`, `setosa`. */
export function labelText(cell: Cell): string {
  return String(cell);
}
