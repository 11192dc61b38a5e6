import { sortMetricNames } from "../sort_metric_names.ts";

/** Named numbers as JSON can hold them. */
export type JsonNumbers = Readonly<Record<string, number | "NaN" | "Infinity" | "-Infinity">>;

/** NaN and infinities become texts. */
export function jsonNumbers(entries: Iterable<readonly [string, number]>): JsonNumbers {
  return Object.fromEntries(
    [...entries].map(([name, value]) => [
      name,
      Number.isFinite(value) ? value : String(value) as "NaN" | "Infinity" | "-Infinity",
    ]),
  );
}

/** Metrics as JSON, those that say most first. */
export function jsonMetrics(entries: Iterable<readonly [string, number]>): JsonNumbers {
  const numbers = jsonNumbers(entries);
  return Object.fromEntries(
    sortMetricNames(Object.keys(numbers)).map((name) => [name, numbers[name]!]),
  );
}
