import {
  didYouMean,
  ExplainedError,
  type FittedPreprocessing,
  labelText,
  listProblems,
  type PreprocessingSpec,
  type Row,
} from "../../pipeline/mod.ts";
import { type BadRowList, listBadRows } from "./bad_rows.ts";
import { encodeCategory, learnCategory, sortNames } from "./category_feature.ts";
import type { FeatureLearner } from "./feature.ts";
import { learnNgrams } from "./ngram_feature.ts";
import { ngramFeatureProblems } from "./ngram_spec.ts";
import { encodeNumber, learnNumber } from "./number_feature.ts";
import { learnTokens } from "./token_feature.ts";
import { tokenFeatureProblems } from "./token_spec.ts";

type Learner = FeatureLearner<FittedPreprocessing["features"][number]>;

const WHAT = "Cannot fit the preprocessing";

/**
 * Learns a preprocessing in one pass over the rows of a training split.
 *
 * @throws {ExplainedError} `preprocessing/bad-spec` when the spec contradicts itself or the columns,
 * `preprocessing/bad-rows` naming every refused value, `preprocessing/nothing-to-learn` when the rows tell too little.
 */
export async function fitTable(
  spec: PreprocessingSpec,
  rows: AsyncIterable<Row>,
): Promise<FittedPreprocessing> {
  refuseSpec(specProblems(spec));
  using stack = new DisposableStack();
  const learners = spec.features.map((feature) => {
    const learner = openLearner(feature);
    stack.defer(() => learner[Symbol.dispose]?.());
    return learner;
  });
  const labels = new Map<string, boolean>(); // label → whether it was a number
  const bad = listBadRows();
  let count = 0;
  for await (const row of rows) {
    if (count === 0) refuseSpec(missingColumns(spec, Object.keys(row)));
    learnRow(row, count++, { spec, learners, labels, bad });
    if (bad.isFull()) break;
    for (const learner of learners) {
      const rest = learner.rest?.();
      if (rest !== undefined) await rest;
    }
  }
  bad.refuse(WHAT);
  refuseNothingToLearn(count, learners, labels);
  const features = await Promise.all(learners.map((learner) => learner.finish()));
  return {
    version: 1,
    features,
    width: refuseNoWidth(featureWidth(features)),
    label: { column: spec.label, labels: sortedLabels(labels) },
  };
}

function openLearner(feature: PreprocessingSpec["features"][number]): Learner {
  if (feature.as === "ngrams") return learnNgrams(feature);
  if (feature.as === "tokens") return learnTokens(feature);
  return feature.as === "number" ? learnNumber(feature) : learnCategory(feature);
}

/** Length of the feature vector that fitted features write. */
export function featureWidth(features: FittedPreprocessing["features"]): number {
  const widths = features.map((feature) => {
    if (feature.as === "ngrams") return feature.count;
    if (feature.as === "tokens") return feature.tokenizer.vocabulary.length;
    return (feature.as === "number" ? encodeNumber(feature) : encodeCategory(feature)).width;
  });
  return widths.reduce((sum, width) => sum + width, 0);
}

function specProblems({ features, label }: PreprocessingSpec): readonly string[] {
  const columns = features.map(({ column }) => column);
  const twice = columns.filter((column, i) => columns.indexOf(column) < i);
  return [
    ...(features.length === 0 ? ["it names no feature"] : []),
    ...[...new Set(twice)].map((column) => `column "${column}" is named twice`),
    ...ngramFeatureProblems(features),
    ...tokenFeatureProblems(features),
    ...(columns.includes(label) ? [`column "${label}" is the label, and cannot be a feature`] : []),
  ];
}

function missingColumns(
  { features, label }: PreprocessingSpec,
  known: readonly string[],
): readonly string[] {
  return [...features.map(({ column }) => column), label]
    .filter((column) => !known.includes(column))
    .map((column) => `the data has no column "${column}"${didYouMean(column, known)}`);
}

function refuseSpec(problems: readonly string[]): void {
  if (problems.length === 0) return;
  throw new ExplainedError("preprocessing/bad-spec", {
    what: WHAT,
    why: listProblems(problems),
    fix: "Name the columns of the data as its header does, each once, and the label apart",
  });
}

interface Lesson {
  readonly spec: PreprocessingSpec;
  readonly learners: readonly Learner[];
  readonly labels: Map<string, boolean>;
  readonly bad: BadRowList;
}

function learnRow(row: Row, index: number, { spec, learners, labels, bad }: Lesson): void {
  for (let i = 0; i < learners.length; i++) {
    const { column } = spec.features[i]!;
    const expected = learners[i]!.learn(row[column]);
    if (expected !== null) bad.add(row, { row: index, column, expected });
  }
  const label = row[spec.label];
  if (label === null || label === undefined) {
    bad.add(row, { row: index, column: spec.label, expected: "a label" });
  } else {
    labels.set(labelText(label), typeof label === "number");
  }
}

function refuseNothingToLearn(
  rows: number,
  learners: readonly Learner[],
  labels: ReadonlyMap<string, boolean>,
): void {
  const problems = rows === 0
    ? ["the training split has no rows"]
    : learners.map((learner) => learner.problem()).filter((problem) => problem !== null);
  if (labels.size === 1) {
    problems.push(`every row has the label "${[...labels.keys()][0]}", and telling needs two`);
  }
  if (problems.length === 0) return;
  throw new ExplainedError("preprocessing/nothing-to-learn", {
    what: WHAT,
    why: listProblems(problems),
    fix: "Give it more rows, or leave these columns out of the features",
  });
}

function refuseNoWidth(width: number): number {
  if (width > 0) return width;
  throw new ExplainedError("preprocessing/nothing-to-learn", {
    what: WHAT,
    why: "its features make a vector of length 0",
    fix: "Name a feature that holds values",
  });
}

/** Labels in the order of the class ids: by size when all are numbers, else by code unit. */
function sortedLabels(labels: ReadonlyMap<string, boolean>): readonly string[] {
  const numeric = [...labels.values()].every((isNumber) => isNumber);
  return sortNames(labels.keys(), numeric ? "number" : "string");
}
