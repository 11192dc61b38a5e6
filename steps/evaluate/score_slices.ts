import type { Metrics } from "../../pipeline/mod.ts";
import { metricPart, sliceMetrics } from "./classification_metrics.ts";
import type { PredictedDataset } from "./predict_dataset.ts";
import { selectPredictions } from "./predictions.ts";
import { sliceColumn } from "./slices.ts";

/** A part of a split with its metrics. */
export interface ScoredSlice {
  readonly column: string;
  readonly value: string;
  readonly metrics: Metrics;
}

/** Which parts are scored, and how. */
export interface SliceOptions {
  /** Rows that a part must have. */
  readonly minRows: number;
  readonly positive: number | undefined;
}

/** Parts of the kept columns: those that are large enough, and how many are not. */
export function scoreSlices(
  { cells, predictions }: PredictedDataset,
  { minRows, positive }: SliceOptions,
): { readonly scored: readonly ScoredSlice[]; readonly small: number } {
  const slices = Object.entries(cells).flatMap(([column, values]) =>
    sliceColumn(values).map((slice) => ({ column, ...slice }))
  );
  const large = slices.filter(({ rows }) => rows.length >= minRows);
  const scored = large.map(({ column, value, rows }) => ({
    column,
    value,
    metrics: sliceMetrics(selectPredictions(predictions, rows), positive),
  }));
  return { scored, small: slices.length - large.length };
}

/** The metrics of parts by name: `accuracy/plan:basic`. */
export function sliceMetricNames(slices: readonly ScoredSlice[]): Metrics {
  return Object.fromEntries(
    slices.flatMap(({ column, value, metrics }) =>
      Object.entries(metrics).map(([name, number]) => [
        `${name}/${metricPart(column)}:${metricPart(value)}`,
        number,
      ])
    ),
  );
}
