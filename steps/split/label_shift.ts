/** How the labels of one split differ from those of the whole. */
export interface LabelShift {
  readonly split: string;
  /** Label whose share differs most. */
  readonly label: string;
  /** Its share in the split and in the whole, 0 to 1. */
  readonly share: number;
  readonly whole: number;
}

/**
 * The largest difference of a label's share between each split and the whole (L-infinity distance).
 *
 * @param splits Position in `names` for every row.
 */
export function labelShifts(
  labels: { readonly strata: Int32Array; readonly labels: readonly string[] },
  splits: Uint8Array,
  names: readonly string[],
): LabelShift[] {
  const counts = countLabels(labels, splits, names.length);
  const total = splits.length;
  return names.map((split, i) => {
    const rows = counts[i]!.reduce((sum, count) => sum + count, 0);
    const shifts = labels.labels.map((label, at) => {
      const whole = counts.reduce((sum, split) => sum + split[at]!, 0) / total;
      return { split, label, share: rows === 0 ? 0 : counts[i]![at]! / rows, whole };
    });
    return shifts.reduce((most, next) => shiftSize(next) > shiftSize(most) ? next : most);
  });
}

/** How far the share in the split is from that in the whole, 0 to 1. */
export function shiftSize({ share, whole }: LabelShift): number {
  return Math.abs(share - whole);
}

/** Labels that the rows of the first split lack, though others have them. */
export function labelsNotIn(
  split: number,
  labels: { readonly strata: Int32Array; readonly labels: readonly string[] },
  splits: Uint8Array,
): string[] {
  const counts = countLabels(labels, splits, split + 1)[split]!;
  return labels.labels.filter((_, i) => counts[i] === 0);
}

/** `counts[split][label]`; splits from `size` on are not counted. */
function countLabels(
  { strata, labels }: { readonly strata: Int32Array; readonly labels: readonly string[] },
  splits: Uint8Array,
  size: number,
): number[][] {
  const counts = Array.from({ length: size }, () => labels.map(() => 0));
  splits.forEach((split, i) => {
    if (split < size) counts[split]![strata[i]!]!++;
  });
  return counts;
}
