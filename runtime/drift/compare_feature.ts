import { chiSquareTest, jensenShannon, proportionsTest } from "./category_distances.ts";
import { chanceDistance } from "./chance_distance.ts";
import {
  asCategories,
  type CategoryValues,
  differentNumbers,
  type FeatureValues,
  type NumberValues,
  sizeOf,
} from "./feature_values.ts";
import { ksDistance, ksPValue } from "./kolmogorov_smirnov.ts";
import { type DriftBin, spreadBins } from "./spread_bins.ts";
import type { Turn } from "./turns.ts";
import { spreadOf, wasserstein } from "./wasserstein.ts";

/** How a distance is measured, by the names that Evidently gives. */
export type DriftMethod = "ks" | "wasserstein" | "chisquare" | "jensenshannon" | "z";

/** How far a feature's values are from those of the reference. */
export interface FeatureDrift {
  readonly feature: string;
  readonly method: DriftMethod;
  /**
   * Distance, 0 when nothing differs: of `ks` the largest difference of the distribution functions, of `wasserstein` the
   * mean way in standard deviations, of `chisquare` Cramér's V, of `jensenshannon` the distance in nats, of `z` the
   * difference of the shares. All but `wasserstein` are at most 1.
   */
  readonly score: number;
  /** Of a test, how probable such a distance is without drift; `null` where the distance itself is judged. */
  readonly pValue: number | null;
  /** The p-value is below it, or the score at least it, when there is drift. */
  readonly threshold: number;
  readonly detected: boolean;
  /** Values that were compared. */
  readonly referenceValues: number;
  readonly currentValues: number;
  readonly bins: readonly DriftBin[];
}

/** A larger reference is compared by distance: there a p-value finds differences that matter to nobody. */
const LARGE_REFERENCE = 1000;
/** Numbers of so few different values are compared as categories. */
const FEW_VALUES = 5;
const P_VALUE = 0.05;
const DISTANCE = 0.1;

/**
 * Compares a feature with its reference, by the method that Evidently chooses for values of their kind and number.
 *
 * @param reference At least one value; `current` is of the same kind, and holds at least one, too.
 * @param turn Asked after every millisecond or less: nothing else goes on between.
 */
export async function compareFeature(
  reference: FeatureValues,
  current: FeatureValues,
  turn: Turn,
): Promise<FeatureDrift> {
  const facts = {
    feature: reference.feature,
    referenceValues: sizeOf(reference),
    currentValues: sizeOf(current),
    bins: spreadBins(reference, current),
  };
  if (reference.kind === "numbers" && current.kind === "numbers") {
    if (differentNumbers(reference.values, current.values, FEW_VALUES + 1) > FEW_VALUES) {
      return { ...facts, ...await compareNumbers(reference, current, turn) };
    }
    const [then, now] = [asCategories(reference), asCategories(current)];
    return { ...facts, ...await compareCategories(then, now, turn) };
  }
  if (reference.kind === "categories" && current.kind === "categories") {
    return { ...facts, ...await compareCategories(reference, current, turn) };
  }
  throw new TypeError(`${reference.feature} is compared with values of another kind`);
}

/** How far beyond its threshold a feature is: 1 just there. Features of different methods are put in order by it. */
export function severityOf({ score, pValue, threshold }: FeatureDrift): number {
  return pValue === null
    ? score / threshold
    : Math.log(Math.max(pValue, 1e-300)) / Math.log(threshold);
}

type Judged = Pick<FeatureDrift, "method" | "score" | "pValue" | "threshold" | "detected">;

async function compareNumbers(
  { values: reference }: NumberValues,
  { values: current }: NumberValues,
  turn: Turn,
): Promise<Judged> {
  if (reference.length > LARGE_REFERENCE) {
    const spread = spreadOf(reference);
    const chance = await chanceDistance(
      { from: reference.length, size: current.length, turn },
      (places) => wasserstein(reference, places.map((place) => reference[place]!)) / spread,
    );
    // Beyond what a number can hold, JSON has none for it.
    const score = Math.min(wasserstein(reference, current) / spread, Number.MAX_VALUE);
    return judgeDistance("wasserstein", score, chance);
  }
  const score = ksDistance(reference, current);
  const pValue = await ksPValue(score, { m: reference.length, n: current.length, turn });
  return { method: "ks", score, pValue, threshold: P_VALUE, detected: pValue < P_VALUE };
}

async function compareCategories(
  reference: CategoryValues,
  current: CategoryValues,
  turn: Turn,
): Promise<Judged> {
  const names = [...new Set([...reference.counts.keys(), ...current.counts.keys()])];
  const a = names.map((name) => reference.counts.get(name) ?? 0);
  const b = names.map((name) => current.counts.get(name) ?? 0);
  const size = sizeOf(reference);
  if (size > LARGE_REFERENCE) {
    const ends = endsOf(a);
    const chance = await chanceDistance(
      { from: size, size: sizeOf(current), turn },
      (places) => jensenShannon(a, countPlaces(places, ends)),
    );
    return judgeDistance("jensenshannon", jensenShannon(a, b), chance);
  }
  const isShare = names.length <= 2;
  const { distance, pValue } = isShare
    ? proportionsTest([a[0]!, a[1] ?? 0], [b[0]!, b[1] ?? 0])
    : chiSquareTest(a, b);
  const method = isShare ? "z" : "chisquare";
  return { method, score: distance, pValue, threshold: P_VALUE, detected: pValue < P_VALUE };
}

/** Evidently's threshold is for many rows: what rows without drift reach by chance is no drift, however few they are. */
function judgeDistance(method: DriftMethod, score: number, chance: number): Judged {
  const threshold = Math.max(DISTANCE, chance);
  return { method, score, pValue: null, threshold, detected: score >= threshold };
}

/** Where each category ends when the values of all lie one after the other. */
function endsOf(counts: readonly number[]): readonly number[] {
  let end = 0;
  return counts.map((count) => end += count);
}

/** How many of the sorted places lie in each category. */
function countPlaces(places: Float64Array, ends: readonly number[]): readonly number[] {
  let from = 0;
  return ends.map((end) => {
    let to = from;
    while (to < places.length && places[to]! < end) to++;
    const count = to - from;
    from = to;
    return count;
  });
}
