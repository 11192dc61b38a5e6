import type { Cell, ColumnType } from "./dataset.ts";

/** How many values lie between one edge and the next; the last bucket holds its upper edge too. */
export interface Histogram {
  /** One more than there are buckets, ascending; equal width. */
  readonly edges: readonly number[];
  readonly counts: readonly number[];
}

/** Statistics of numbers. */
export interface NumberStatistics {
  /** `null` when the sum is beyond what a float64 holds, like `std`. */
  readonly mean: number | null;
  /** Standard deviation of the population (divided by the count). */
  readonly std: number | null;
  readonly min: number;
  readonly max: number;
  readonly median: number;
  /** The 0 %, 10 %, … 100 % quantiles, linear between neighbours. */
  readonly quantiles: readonly number[];
  readonly zeros: number;
  /** Ten buckets from `min` to `max`; one when they are equal. */
  readonly histogram: Histogram;
  /** Median, quantiles and histogram come from every n-th value: 1, but for data beyond memory. */
  readonly sampledEvery: number;
}

/** A value and how often it occurs. */
export interface ValueCount {
  /** Texts are cut after 200 characters. */
  readonly value: Exclude<Cell, null>;
  readonly count: number;
}

/** Statistics of one column. */
export interface ColumnStatistics {
  readonly name: string;
  readonly type: ColumnType;
  /** Rows with a value. */
  readonly count: number;
  readonly missing: number;
  /** Different values; at least so many when `uniqueIsExact` is false. */
  readonly unique: number;
  readonly uniqueIsExact: boolean;
  /** The 20 most frequent values, most frequent first. */
  readonly top: readonly ValueCount[];
  /** For numbers and integers with at least one value. */
  readonly numbers?: NumberStatistics;
  /** For texts with at least one value. */
  readonly texts?: {
    readonly empty: number;
    /** Of the number of characters; the average length is its `mean`. */
    readonly lengths: NumberStatistics;
  };
}

/** Statistics of a dataset. */
export interface DatasetStatistics {
  readonly rows: number;
  /** Rows that are equal to an earlier one; at least so many when `duplicatesIsExact` is false. */
  readonly duplicates: number;
  readonly duplicatesIsExact: boolean;
  readonly columns: readonly ColumnStatistics[];
}

/** Something in a dataset that is not as it should be. */
export interface Anomaly {
  /** A type of TensorFlow Data Validation where one fits: `SCHEMA_MISSING_COLUMN`. */
  readonly type: string;
  /** `null` for the dataset as a whole. */
  readonly column: string | null;
  readonly severity: "warning" | "error";
  /** What was found and what was demanded, in words. */
  readonly reason: string;
  /** How many rows or values are concerned. */
  readonly count: number;
}

/** What the validate step found: its `report` output. */
export interface ValidationReport {
  /** Whether no anomaly is an error. */
  readonly passed: boolean;
  /** Errors first. */
  readonly anomalies: readonly Anomaly[];
  readonly statistics: DatasetStatistics;
  /** Column of the label, when the step was told. */
  readonly label: string | null;
}
