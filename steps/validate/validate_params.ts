import { z } from "zod";
import type { ColumnType } from "../../pipeline/mod.ts";

/** What is demanded of one column. */
export interface ColumnRules {
  /** Whether the column must be there, with at least one value. @default true */
  readonly required?: boolean | undefined;
  /** An integer column also serves as `number`. */
  readonly type?: ColumnType | undefined;
  /** Smallest number. */
  readonly min?: number | undefined;
  /** Largest number. */
  readonly max?: number | undefined;
  /** The only values there may be, compared as text: `1` is `"1"`. */
  readonly allowed?: readonly (string | number | boolean)[] | undefined;
  /** Whether no value may occur twice. @default false */
  readonly unique?: boolean | undefined;
  /** Largest share of rows without a value, 0 to 1. */
  readonly max_missing?: number | undefined;
  /** Largest share of texts that are empty, 0 to 1. */
  readonly max_empty?: number | undefined;
}

/** What is demanded of a dataset. */
export interface ValidateGiven {
  /** Column of the label: it must have a value in every row, and two different ones at least. */
  readonly label?: string | null | undefined;
  /** Demands by column name. @default {} */
  readonly columns?: Readonly<Record<string, ColumnRules>> | undefined;
  /** What to think of columns that `columns` does not name (and that are not the label). @default "allow" */
  readonly other_columns?: "allow" | "warn" | "refuse" | undefined;
  readonly min_rows?: number | undefined;
  readonly max_rows?: number | undefined;
  /** Largest share of rows that are equal to an earlier one, 0 to 1. */
  readonly max_duplicates?: number | undefined;
  /** Bounds of every label's share of the rows, 0 to 1. */
  readonly label_balance?: {
    readonly min_share?: number | undefined;
    readonly max_share?: number | undefined;
  } | undefined;
  /** Severity by type of anomaly, where it should not be the usual one: `{ DATASET_DUPLICATES: "warning" }`. */
  readonly severity?: Readonly<Record<string, "warning" | "error">> | undefined;
  /** From which severity on the step fails. @default "error" */
  readonly fail_on?: "error" | "warning" | "never" | undefined;
}

/** Params of the validate step, defaults filled in. */
export interface ValidateParams extends ValidateGiven {
  readonly label: string | null;
  readonly columns: Readonly<Record<string, ColumnRules>>;
  readonly other_columns: "allow" | "warn" | "refuse";
  readonly severity: Readonly<Record<string, "warning" | "error">>;
  readonly fail_on: "error" | "warning" | "never";
}

/** Types of anomalies: those of TensorFlow Data Validation where one fits, else ours (marked). */
export const ANOMALY_TYPES = [
  "SCHEMA_MISSING_COLUMN",
  "SCHEMA_NEW_COLUMN",
  "UNEXPECTED_DATA_TYPE",
  "FEATURE_TYPE_NOT_PRESENT",
  "FEATURE_TYPE_LOW_FRACTION_PRESENT",
  "FEATURE_TYPE_LOW_UNIQUE",
  "FEATURE_TYPE_EMPTY_TEXTS", // ours
  "INT_TYPE_SMALL_INT",
  "INT_TYPE_BIG_INT",
  "FLOAT_TYPE_SMALL_FLOAT",
  "FLOAT_TYPE_BIG_FLOAT",
  "ENUM_TYPE_UNEXPECTED_STRING_VALUES",
  "DATASET_LOW_NUM_EXAMPLES",
  "DATASET_HIGH_NUM_EXAMPLES",
  "DATASET_DUPLICATES", // ours
  "LABEL_SINGLE_VALUE", // ours
  "LABEL_LOW_SHARE", // ours
  "LABEL_HIGH_SHARE", // ours
] as const;

/** A type of anomaly. */
export type AnomalyType = typeof ANOMALY_TYPES[number];

const share = z.number().min(0).max(1);

const columnRules = z.strictObject({
  required: z.boolean().optional(),
  type: z.enum(["number", "integer", "string", "boolean"]).optional(),
  min: z.number().optional(),
  max: z.number().optional(),
  allowed: z.array(z.union([z.string(), z.number(), z.boolean()])).min(1).optional(),
  unique: z.boolean().optional(),
  max_missing: share.optional(),
  max_empty: share.optional(),
}).refine(({ min, max }) => min === undefined || max === undefined || min <= max, {
  message: "min must not be more than max",
});

/** Schema of the params of the validate step. */
export const validateParams: z.ZodType<ValidateParams, ValidateGiven> = z.strictObject({
  label: z.string().nullable().default(null),
  columns: z.record(z.string(), columnRules).default({}),
  other_columns: z.enum(["allow", "warn", "refuse"]).default("allow"),
  min_rows: z.int().min(0).optional(),
  max_rows: z.int().min(0).optional(),
  max_duplicates: share.optional(),
  label_balance: z.strictObject({
    min_share: share.optional(),
    max_share: share.optional(),
  }).optional(),
  severity: z.partialRecord(z.enum(ANOMALY_TYPES), z.enum(["warning", "error"])).default({}),
  fail_on: z.enum(["error", "warning", "never"]).default("error"),
}).refine(({ label, label_balance }) => label !== null || label_balance === undefined, {
  path: ["label_balance"],
  message: "needs `label` to know the labels",
});
