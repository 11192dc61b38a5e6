import type { SparseExamples } from "./sparse_examples.ts";

/** How features are weighed before anything is learned. */
export interface ScaleOptions {
  /** Power of the inverse document frequency: how much rare features count. */
  readonly idfPower: number;
  /** Share of the naive-Bayes weight, 0 to 1: how much features that tell the classes apart count. */
  readonly naiveBayes: number;
}

/** How often features occur. */
export interface FeatureCounts {
  /** Examples that hold each feature. */
  readonly all: Int32Array;
  /** Those of each class, by class. */
  readonly byClass: readonly Int32Array[];
  /** Examples of each class. */
  readonly classSizes: readonly number[];
}

/** Counts features and classes. */
export function countFeatures(
  { starts, ids, targets, count }: SparseExamples,
  { features, classes }: { readonly features: number; readonly classes: number },
): FeatureCounts {
  const byClass = Array.from({ length: classes }, () => new Int32Array(features));
  const classSizes = new Array<number>(classes).fill(0);
  for (let row = 0; row < count; row++) {
    const target = targets[row]!;
    const held = byClass[target]!;
    classSizes[target]!++;
    for (let at = starts[row]!; at < starts[row + 1]!; at++) held[ids[at]!]!++;
  }
  const all = new Int32Array(features);
  for (const held of byClass) for (let id = 0; id < features; id++) all[id]! += held[id]!;
  return { all, byClass, classSizes };
}

/**
 * The scale of every feature for telling one class from the rest: idf^power · (1 - nb + nb · |ln r|) with
 * idf = ln((1 + N) / (1 + n)) + 1 and r the ratio of how common the feature is in the class and in the rest.
 *
 * @see Wang & Manning, "Baselines and Bigrams", 2012, for r.
 */
export function featureScales(
  { all, byClass, classSizes }: FeatureCounts,
  target: number,
  { idfPower, naiveBayes }: ScaleOptions,
): Float32Array<ArrayBuffer> {
  const held = byClass[target]!;
  const examples = classSizes.reduce((sum, size) => sum + size, 0);
  const inside = classSizes[target]!;
  const outside = examples - inside;
  const base = Math.log(outside / inside);
  const scales = new Float32Array(all.length);
  for (let id = 0; id < all.length; id++) {
    const n = all[id]!;
    const ratio = Math.log((1 + held[id]!) / (1 + n - held[id]!)) + base;
    const idf = Math.log((1 + examples) / (1 + n)) + 1;
    scales[id] = idf ** idfPower * (1 - naiveBayes + naiveBayes * Math.abs(ratio));
  }
  return scales;
}
