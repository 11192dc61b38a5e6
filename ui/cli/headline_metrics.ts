import { sortMetricNames } from "../sort_metric_names.ts";
import { renderNumber } from "./quantity.ts";

/** The first metrics in a few words: `accuracy 0.9833 · f1_macro 0.98`. */
export function headlineMetrics(
  metrics: Readonly<Record<string, number>>,
  count: number,
): string {
  return sortMetricNames(Object.keys(metrics)).slice(0, count)
    .map((name) => `${name} ${renderNumber(metrics[name]!)}`).join(" · ");
}
