import {
  type CategoryFeature,
  type Column,
  didYouMean,
  ExplainedError,
  listProblems,
  type NumberFeature,
} from "../../pipeline/mod.ts";
import type { CategoryRule, NumberRule, PreprocessParams } from "./preprocess_params.ts";

type Feature = NumberFeature | CategoryFeature;

/**
 * The features that `features: auto` stands for, in the order of the columns: numbers scaled (missing: the mean,
 * and an indicator), texts and booleans one-hot (missing: a category of its own).
 *
 * @throws {ExplainedError} `preprocess/unknown-column` naming every column that the data does not have.
 */
export function autoFeatures(
  columns: readonly Column[],
  { label, scale = "standard", columns: rules }: Pick<
    PreprocessParams,
    "label" | "scale" | "columns"
  >,
): readonly Feature[] {
  refuseUnknown([label, ...Object.keys(rules)], columns.map(({ name }) => name));
  return columns.flatMap((column) => {
    const rule = column.name === label ? "ignore" : rules[column.name] ?? autoRule(column);
    return rule === "ignore" ? [] : [featureOf(column, rule, scale)];
  });
}

function autoRule({ type }: Column): NumberRule | CategoryRule {
  return type === "number" || type === "integer" ? { as: "number" } : { as: "category" };
}

function featureOf(
  { name, nullable }: Column,
  rule: NumberRule | CategoryRule,
  scale: NonNullable<PreprocessParams["scale"]>,
): Feature {
  if (rule.as === "category") {
    return { column: name, missing: nullable ? "category" : "error", unknown: "ignore", ...rule };
  }
  return {
    column: name,
    scale,
    missing: nullable ? "mean" : "error",
    indicator: nullable,
    ...rule,
    as: "number",
  };
}

function refuseUnknown(named: readonly string[], known: readonly string[]): void {
  const problems = named.filter((column) => !known.includes(column))
    .map((column) => `the data has no column "${column}"${didYouMean(column, known)}`);
  if (problems.length === 0) return;
  throw new ExplainedError("preprocess/unknown-column", {
    what: "Cannot choose the features",
    why: listProblems(problems),
    fix: `Name columns of the data: ${known.slice(0, 20).join(", ")}`,
  });
}
