import { type Histogram, type NumberStatistics, quantile } from "../../pipeline/mod.ts";

/** Numbers that are being summarised. */
export interface NumberSummary {
  take(value: number): void;
  /** The statistics, or `undefined` when no number was taken. */
  finish(): NumberStatistics | undefined;
}

/** Buckets of a histogram, and steps between quantiles. */
const PARTS = 10;

/**
 * Begins to summarise numbers. Mean and deviation are those of all numbers (Welford's method).
 *
 * @param capacity Numbers that are kept for median, quantiles and histogram: beyond that, every second,
 * fourth, … number.
 *
 * @see Welford, "Note on a method for calculating corrected sums of squares and products", Technometrics 4 (1962).
 */
export function openNumberSummary(capacity: number): NumberSummary {
  const kept = openStridedSample(capacity);
  let count = 0;
  let zeros = 0;
  let mean = 0;
  let squares = 0; // sum of (value - mean)^2
  let min = Infinity;
  let max = -Infinity;
  return {
    take(value) {
      count++;
      if (value === 0) zeros++;
      if (value < min) min = value;
      if (value > max) max = value;
      const delta = value - mean;
      mean += delta / count;
      squares += delta * (value - mean);
      kept.take(value);
    },
    finish() {
      if (count === 0) return undefined;
      const { values, stride } = kept.finish();
      const sorted = values.sort();
      return {
        mean: finiteOrNull(mean),
        std: finiteOrNull(Math.sqrt(squares / count)),
        min,
        max,
        median: quantile(sorted, 0.5),
        quantiles: Array.from(
          { length: PARTS + 1 },
          (_, i) => i === 0 ? min : i === PARTS ? max : quantile(sorted, i / PARTS),
        ),
        zeros,
        histogram: histogramOf(sorted, min, max),
        sampledEvery: stride,
      };
    },
  };
}

/** Keeps every `stride`-th number, doubling `stride` whenever there are too many. */
function openStridedSample(
  capacity: number,
): { take(value: number): void; finish(): { values: Float64Array; stride: number } } {
  let values = new Float64Array(Math.min(capacity, 1024));
  let length = 0;
  let stride = 1;
  let skipped = 0;
  const makeRoom = (): void => {
    if (values.length < capacity) {
      const wider = new Float64Array(Math.min(capacity, 2 * values.length));
      wider.set(values);
      values = wider;
      return;
    }
    const half = Math.ceil(length / 2);
    for (let i = 0; i < half; i++) values[i] = values[2 * i]!;
    length = half;
    stride *= 2;
  };
  return {
    take(value) {
      if (skipped > 0) return void skipped--;
      if (length === values.length) makeRoom();
      values[length++] = value;
      skipped = stride - 1;
    },
    finish: () => ({ values: values.subarray(0, length), stride }),
  };
}

function histogramOf(values: Float64Array, min: number, max: number): Histogram {
  const width = max / 2 - min / 2; // halves: the whole may be beyond float64
  if (width === 0) return { edges: [min, max], counts: [values.length] };
  const edges = Array.from(
    { length: PARTS + 1 },
    (_, i) => min * (1 - i / PARTS) + max * (i / PARTS),
  );
  const counts = edges.slice(1).map(() => 0);
  for (const value of values) {
    const bucket = Math.floor(PARTS * ((value / 2 - min / 2) / width));
    counts[Math.min(bucket, PARTS - 1)]!++;
  }
  return { edges, counts };
}

function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
