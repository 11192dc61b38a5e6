import {
  type DatasetSchema,
  didYouMean,
  ExplainedError,
  listProblems,
} from "../../pipeline/mod.ts";
import type { EvaluateParams } from "./evaluate_params.ts";
import { parseSliceKey } from "./slices.ts";

/** What the params are checked against. */
export interface EvaluatedFacts {
  readonly labels: readonly string[];
  readonly schema: DatasetSchema;
}

/**
 * Checks that params name labels and columns that there are, and that there is something to measure.
 *
 * @throws {ExplainedError} `evaluate/bad-params` naming every problem, or `evaluate/no-rows`.
 */
export function checkEvaluateParams(
  { positive_label: positive, slices }: EvaluateParams,
  { labels, schema: { columns, rowCount } }: EvaluatedFacts,
): void {
  const known = columns.map(({ name }) => name);
  const problems = slices.map((slice) => parseSliceKey(slice).column)
    .filter((column) => !known.includes(column))
    .map((column) => `slices: the data has no column "${column}"${didYouMean(column, known)}`);
  if (positive !== undefined && !labels.includes(positive)) {
    problems.push(
      `positive_label: the model has no label "${positive}"${didYouMean(positive, labels)}`,
    );
  }
  if (problems.length > 0) {
    throw new ExplainedError("evaluate/bad-params", {
      what: "Cannot evaluate the model",
      why: listProblems(problems),
      fix: `Its labels are ${
        labels.slice(0, 20).join(", ")
      }; correct the params of the evaluate step`,
    });
  }
  if (rowCount > 0) return;
  throw new ExplainedError("evaluate/no-rows", {
    what: "Cannot evaluate the model",
    why: "the split has no rows",
    fix: "Give the split a larger share of the data",
  });
}

/** Class id of the positive label: the one named, or the second of two. */
export function positiveClass(
  labels: readonly string[],
  named: string | undefined,
): number | undefined {
  if (named !== undefined) return labels.indexOf(named);
  return labels.length === 2 ? 1 : undefined;
}
