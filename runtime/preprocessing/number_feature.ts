import type { FittedNumber, NumberFeature } from "../../pipeline/mod.ts";
import {
  type FeatureEncoder,
  type FeatureLearner,
  FLOAT32_MAX,
  isMissing,
  isUsableNumber,
} from "./feature.ts";

/** What one pass over a numeric column tells. */
interface NumberStatistics {
  count: number;
  mean: number;
  /** Sum of squared distances from the mean. */
  m2: number;
  min: number;
  max: number;
  integer: boolean;
  /** All values, kept only for the median. */
  readonly values: number[] | null;
}

/** Learns scaling and fill of a numeric column. */
export function learnNumber(feature: NumberFeature): FeatureLearner<FittedNumber> {
  const { missing = "error" } = feature;
  const statistics: NumberStatistics = {
    count: 0,
    mean: 0,
    m2: 0,
    min: Infinity,
    max: -Infinity,
    integer: true,
    values: missing === "median" ? [] : null,
  };
  return {
    learn(value) {
      if (isMissing(value)) return missing === "error" ? expectedFor(value) : null;
      if (!isUsableNumber(value)) return expectedFor(value);
      addNumber(statistics, value);
      return null;
    },
    problem: () =>
      statistics.count === 0 ? `column "${feature.column}" holds no value at all` : null,
    finish: () => ({
      column: feature.column,
      as: "number",
      ...scaling(feature.scale ?? "standard", statistics),
      fill: fillOf(missing, statistics),
      indicator: feature.indicator ?? false,
      range: [statistics.min, statistics.max],
      integer: statistics.integer,
    }),
  };
}

/** Welford's update: stable where a sum of squares would cancel (Welford 1962). */
function addNumber(statistics: NumberStatistics, x: number): void {
  statistics.count++;
  const distance = x - statistics.mean;
  statistics.mean += distance / statistics.count;
  statistics.m2 += distance * (x - statistics.mean);
  statistics.min = Math.min(statistics.min, x);
  statistics.max = Math.max(statistics.max, x);
  statistics.integer &&= Number.isInteger(x);
  statistics.values?.push(x);
}

function scaling(
  scale: NonNullable<NumberFeature["scale"]>,
  statistics: NumberStatistics,
): { readonly shift: number; readonly divisor: number } {
  const { min, max, mean } = statistics;
  if (scale === "none") return { shift: 0, divisor: 1 };
  if (scale === "minmax") return { shift: min, divisor: max > min ? max - min : 1 };
  return { shift: mean, divisor: deviation(statistics) };
}

/** Population deviation; 1 where what varies is rounding only, as scikit-learn's StandardScaler decides it. */
function deviation({ count, mean, m2 }: NumberStatistics): number {
  const variance = m2 / count;
  const rounding = count * Number.EPSILON * variance + (count * mean * Number.EPSILON) ** 2;
  return variance <= rounding ? 1 : Math.sqrt(variance);
}

function fillOf(
  missing: NonNullable<NumberFeature["missing"]>,
  statistics: NumberStatistics,
): number | null {
  if (missing === "error") return null;
  if (missing === "mean") return statistics.mean;
  if (missing === "median") return median(statistics.values!);
  return missing.value;
}

/** Middle value, or the mean of the two in the middle. */
function median(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

/** Writes `(x - shift) / divisor`, and the indicator behind it when there is one. */
export function encodeNumber(fitted: FittedNumber): FeatureEncoder {
  const { shift, divisor, fill, indicator } = fitted;
  return {
    width: indicator ? 2 : 1,
    encode(value, into, at) {
      const missing = isMissing(value);
      const x = missing ? fill : value;
      if (!isUsableNumber(x)) return expectedFor(x);
      into[at] = withinFloat32((x - shift) / divisor);
      if (indicator && missing) into[at + 1] = 1;
      return null;
    },
  };
}

function expectedFor(value: unknown): string {
  return typeof value === "number" && !Number.isNaN(value)
    ? "a number between -3.4e38 and 3.4e38"
    : "a number";
}

/** A value far outside a narrow training range must not become infinite. */
export function withinFloat32(x: number): number {
  if (x <= FLOAT32_MAX && x >= -FLOAT32_MAX) return x;
  return Math.min(FLOAT32_MAX, Math.max(-FLOAT32_MAX, x));
}
