/** What a feature held in the rows of a sample. */
export type FeatureValues = NumberValues | CategoryValues;

/** Numbers, missing ones left out. */
export interface NumberValues {
  readonly kind: "numbers";
  readonly feature: string;
  /** Sorted. */
  readonly values: Float64Array;
}

/** Categories, each with how often it came. */
export interface CategoryValues {
  readonly kind: "categories";
  readonly feature: string;
  readonly counts: ReadonlyMap<string, number>;
}

/** How many values there are. */
export function sizeOf(values: FeatureValues): number {
  if (values.kind === "numbers") return values.values.length;
  return values.counts.values().reduce((sum, count) => sum + count, 0);
}

/** Numbers as categories, each number one. */
export function asCategories({ feature, values }: NumberValues): CategoryValues {
  const counts = new Map<string, number>();
  for (const value of values) {
    const name = String(value);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return { kind: "categories", feature, counts };
}

/** How many different numbers two sorted lists hold together; counting stops at `most`. */
export function differentNumbers(a: Float64Array, b: Float64Array, most: number): number {
  let [i, j, different] = [0, 0, 0];
  while ((i < a.length || j < b.length) && different < most) {
    const at = Math.min(a[i] ?? Infinity, b[j] ?? Infinity);
    different++;
    while (i < a.length && a[i]! <= at) i++;
    while (j < b.length && b[j]! <= at) j++;
  }
  return different;
}
