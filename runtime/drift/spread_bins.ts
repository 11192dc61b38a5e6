import { quantile } from "../../pipeline/mod.ts";
import { differentNumbers, type FeatureValues, sizeOf } from "./feature_values.ts";

/** A part of a feature's range, or one of its values, and how many values lie there. */
export interface DriftBin {
  /** A value, or `7 more` for those that are not named; `null` for a range. */
  readonly value: string | null;
  /** Of a range: from, and below (the last holds its end, too); the outermost hold what lies beyond them. */
  readonly range: readonly [number, number] | null;
  /** Share of the reference's values, 0 to 1. */
  readonly reference: number;
  readonly current: number;
}

/** Parts of a range. */
const PARTS = 12;
/** Categories that are named; the others are one bin. */
const NAMED = 11;
/** Part of the values at each end that does not stretch the range. */
const OUTSIDE = 0.005;

/** How the values of two samples are spread, for pictures. Nothing is judged by it. */
export function spreadBins(reference: FeatureValues, current: FeatureValues): readonly DriftBin[] {
  if (reference.kind === "numbers" && current.kind === "numbers") {
    const { values: a } = reference;
    const { values: b } = current;
    return differentNumbers(a, b, PARTS + 1) > PARTS ? rangeBins(a, b) : valueBins(a, b);
  }
  return reference.kind === "categories" && current.kind === "categories"
    ? categoryBins(reference.counts, current.counts, sizeOf(reference), sizeOf(current))
    : [];
}

function rangeBins(a: Float64Array, b: Float64Array): readonly DriftBin[] {
  const low = Math.min(quantile(a, OUTSIDE), quantile(b, OUTSIDE));
  const high = Math.max(quantile(a, 1 - OUTSIDE), quantile(b, 1 - OUTSIDE));
  // All but a few values are one: the whole range is shown.
  const [from, to] = low < high
    ? [low, high]
    : [Math.min(a[0]!, b[0]!), Math.max(a.at(-1)!, b.at(-1)!)];
  const width = (to - from) / PARTS;
  const shares = (values: Float64Array): Float64Array => {
    const parts = new Float64Array(PARTS);
    for (const value of values) {
      const part = Math.min(PARTS - 1, Math.max(0, Math.floor((value - from) / width)));
      parts[part] = parts[part]! + 1 / values.length;
    }
    return parts;
  };
  const [ofA, ofB] = [shares(a), shares(b)];
  return Array.from({ length: PARTS }, (_, part) => ({
    value: null,
    range: [from + part * width, part === PARTS - 1 ? to : from + (part + 1) * width],
    reference: ofA[part]!,
    current: ofB[part]!,
  }));
}

function valueBins(a: Float64Array, b: Float64Array): readonly DriftBin[] {
  const numbers = [...new Set([...a, ...b])].sort((x, y) => x - y);
  const share = (values: Float64Array, number: number): number =>
    values.reduce((count, value) => value === number ? count + 1 : count, 0) / values.length;
  return numbers.map((number) => ({
    value: String(number),
    range: null,
    reference: share(a, number),
    current: share(b, number),
  }));
}

function categoryBins(
  a: ReadonlyMap<string, number>,
  b: ReadonlyMap<string, number>,
  sizeA: number,
  sizeB: number,
): readonly DriftBin[] {
  const all = [...new Set([...a.keys(), ...b.keys()])].map((value) => ({
    value,
    range: null,
    reference: (a.get(value) ?? 0) / sizeA,
    current: (b.get(value) ?? 0) / sizeB,
  })).sort((x, y) =>
    y.reference + y.current - x.reference - x.current || (x.value < y.value ? -1 : 1)
  );
  if (all.length <= NAMED + 1) {
    const inOrder = byName(all.map(({ value }) => value));
    return all.sort((x, y) => inOrder(x.value, y.value));
  }
  const rest = all.splice(NAMED);
  const sum = (key: "reference" | "current"): number =>
    rest.reduce((total, bin) => total + bin[key], 0);
  return [...all, {
    value: `${rest.length} more`,
    range: null,
    reference: sum("reference"),
    current: sum("current"),
  }];
}

/** Numbers in their order, all else by its letters. */
function byName(names: readonly string[]): (a: string, b: string) => number {
  const areNumbers = names.every((name) => name !== "" && Number.isFinite(Number(name)));
  return areNumbers ? (a, b) => Number(a) - Number(b) : (a, b) => a < b ? -1 : a > b ? 1 : 0;
}
