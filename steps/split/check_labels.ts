import { ExplainedError, listProblems, type StepContext } from "../../pipeline/mod.ts";
import type { RowKeys } from "../sample/row_keys.ts";
import { labelShifts, labelsNotIn, shiftSize } from "./label_shift.ts";

/** The labels of rows, and where the rows go. */
export interface SplitLabels {
  /** Column of the labels. */
  readonly label: string;
  readonly labels: RowKeys;
  /** Position in `names` for every row; the first split is the training split. */
  readonly splits: Uint8Array;
  readonly names: readonly string[];
}

/** How much the shares of labels may differ. */
export interface LabelShiftRule {
  /** Most that the share of a label may differ between a split and the whole, 0 to 1. @default any */
  readonly max_label_shift?: number | undefined;
  readonly on_label_shift: "warn" | "fail";
}

/**
 * Warns of labels that training lacks, and warns or fails when shares differ by more than they may.
 *
 * @throws {ExplainedError} `split/label-shift`.
 */
export function checkLabels(
  context: Pick<StepContext, "log">,
  { label, labels, splits, names }: SplitLabels,
  { max_label_shift: most, on_label_shift }: LabelShiftRule,
): void {
  for (const value of labelsNotIn(0, labels, splits)) {
    context.log(`training has no row with ${label} "${value}"`, "warning");
  }
  if (most === undefined) return;
  const problems = labelShifts(labels, splits, names)
    .filter((shift) => shiftSize(shift) > most)
    .map(({ split, label: value, share, whole }) =>
      `${split} has ${percent(share)} of ${label} "${value}", the whole has ${percent(whole)}`
    );
  if (problems.length === 0) return;
  if (on_label_shift === "warn") {
    for (const problem of problems) context.log(problem, "warning");
    return;
  }
  throw new ExplainedError("split/label-shift", {
    what: `Cannot split so that the shares of "${label}" differ by at most ${percent(most)}`,
    why: listProblems(problems),
    fix:
      "Stratify by the label, give more rows, raise `max_label_shift`, or set `on_label_shift: warn`",
  });
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
