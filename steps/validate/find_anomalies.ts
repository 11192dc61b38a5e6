import {
  type Anomaly,
  type ColumnStatistics,
  type DatasetStatistics,
  didYouMean,
} from "../../pipeline/mod.ts";
import { grouped } from "../grouped.ts";
import type { CollectedStatistics, RuleBreaks } from "./collect_statistics.ts";
import type { AnomalyType, ColumnRules, ValidateParams } from "./validate_params.ts";

/** An anomaly without its severity, which the params may change. */
interface Finding {
  readonly type: AnomalyType;
  readonly column: string | null;
  readonly reason: string;
  readonly count: number;
  /** @default "error" */
  readonly severity?: "warning" | "error";
}

/** Everything in a dataset that breaks the rules, errors first, then in the order of columns. */
export function findAnomalies(
  { statistics, breaks, labels }: CollectedStatistics,
  params: ValidateParams,
): Anomaly[] {
  const anomalies = [
    ...datasetFindings(statistics, params),
    ...schemaFindings(statistics, params),
    ...labelFindings(statistics, labels, params),
    ...statistics.columns.flatMap((column) => columnFindings(column, params, breaks)),
  ].map(({ type, column, reason, count, severity }): Anomaly => ({
    type,
    column,
    severity: params.severity[type] ?? severity ?? "error",
    reason,
    count,
  }));
  return [
    ...anomalies.filter(({ severity }) => severity === "error"),
    ...anomalies.filter(({ severity }) => severity === "warning"),
  ];
}

function datasetFindings(statistics: DatasetStatistics, params: ValidateParams): Finding[] {
  const { rows, duplicates } = statistics;
  const { min_rows = 0, max_rows = Infinity, max_duplicates = 1 } = params;
  const findings: Finding[] = [];
  const add = (type: AnomalyType, reason: string, count: number): void =>
    void findings.push({ type, column: null, reason, count });
  if (rows < min_rows) {
    const demand = `at least ${grouped(min_rows)} are demanded`;
    add("DATASET_LOW_NUM_EXAMPLES", `the dataset has ${grouped(rows)} rows, ${demand}`, rows);
  }
  if (rows > max_rows) {
    const demand = `at most ${grouped(max_rows)} are allowed`;
    add("DATASET_HIGH_NUM_EXAMPLES", `the dataset has ${grouped(rows)} rows, ${demand}`, rows);
  }
  if (duplicates > max_duplicates * rows) {
    const found = `${percent(duplicates, rows)} of the rows repeat an earlier one`;
    add("DATASET_DUPLICATES", `${found}, at most ${percent(max_duplicates)} may`, duplicates);
  }
  return findings;
}

function schemaFindings({ columns, rows }: DatasetStatistics, params: ValidateParams): Finding[] {
  const names = columns.map(({ name }) => name);
  const wanted = Object.keys(params.columns)
    .filter((name) => params.columns[name]!.required !== false);
  if (params.label !== null && !wanted.includes(params.label)) wanted.push(params.label);
  const missing = wanted.filter((name) => !names.includes(name)).map((name): Finding => ({
    type: "SCHEMA_MISSING_COLUMN",
    column: name,
    reason: `the dataset has no column "${name}"${didYouMean(name, names)}`,
    count: rows,
  }));
  if (params.other_columns === "allow") return missing;
  const others = names.filter((name) => name !== params.label && !(name in params.columns));
  return [
    ...missing,
    ...others.map((name): Finding => ({
      type: "SCHEMA_NEW_COLUMN",
      column: name,
      reason: `column "${name}" is not among the columns that are described`,
      count: rows,
      severity: params.other_columns === "warn" ? "warning" : "error",
    })),
  ];
}

function labelFindings(
  { columns, rows }: DatasetStatistics,
  labels: CollectedStatistics["labels"],
  params: ValidateParams,
): Finding[] {
  const label = columns.find(({ name }) => name === params.label);
  if (label === undefined || label.count === 0) return [];
  const { name, missing, unique, count } = label;
  const findings: Finding[] = [];
  const add = (type: AnomalyType, reason: string, count: number): void =>
    void findings.push({ type, column: name, reason, count });
  if (missing > 0 && params.columns[name]?.max_missing === undefined) {
    const reason = `${percent(missing, rows)} of the rows have no label`;
    add("FEATURE_TYPE_LOW_FRACTION_PRESENT", reason, missing);
  }
  if (unique === 1) {
    add(
      "LABEL_SINGLE_VALUE",
      `every label is "${label.top[0]!.value}": there is nothing to tell apart`,
      count,
    );
  }
  const { min_share = 0, max_share = 1 } = params.label_balance ?? {};
  for (const [value, found] of labels) {
    const is = `label "${value}" is ${percent(found, count)} of the rows`;
    if (found < min_share * count) {
      add("LABEL_LOW_SHARE", `${is}, at least ${percent(min_share)} is demanded`, found);
    }
    if (found > max_share * count) {
      add("LABEL_HIGH_SHARE", `${is}, at most ${percent(max_share)} is allowed`, found);
    }
  }
  return findings;
}

function columnFindings(
  column: ColumnStatistics,
  params: ValidateParams,
  breaks: ReadonlyMap<string, RuleBreaks>,
): Finding[] {
  const { name, count, missing } = column;
  const rules = Object.hasOwn(params.columns, name) ? params.columns[name]! : undefined;
  if (count === 0 && missing > 0) return notPresent(column, rules, name === params.label);
  if (rules === undefined) return [];
  return [
    ...typeFindings(column, rules),
    ...presenceFindings(column, rules),
    ...valueFindings(column, rules, breaks.get(name)),
  ];
}

function notPresent(
  { name, missing }: ColumnStatistics,
  rules: ColumnRules | undefined,
  isLabel: boolean,
): Finding[] {
  if (rules?.required === false && !isLabel) return [];
  return [{
    type: "FEATURE_TYPE_NOT_PRESENT",
    column: name,
    reason: `column "${name}" has no value in any row`,
    count: missing,
    severity: rules === undefined && !isLabel ? "warning" : "error",
  }];
}

function typeFindings({ name, type, count }: ColumnStatistics, rules: ColumnRules): Finding[] {
  const hasBounds = rules.min !== undefined || rules.max !== undefined;
  const wanted = rules.type ?? (hasBounds ? "number" : type);
  const fits = type === wanted || (wanted === "number" && type === "integer");
  if (fits) return [];
  const reason = `column "${name}" is of type ${type}, and must be ${wanted}`;
  return [{ type: "UNEXPECTED_DATA_TYPE", column: name, reason, count }];
}

function presenceFindings(column: ColumnStatistics, rules: ColumnRules): Finding[] {
  const { name, count, missing, unique, uniqueIsExact, texts } = column;
  const { max_missing = 1, max_empty = 1 } = rules;
  const findings: Finding[] = [];
  const add = (type: AnomalyType, reason: string, count: number): void =>
    void findings.push({ type, column: name, reason, count });
  if (missing > max_missing * (count + missing)) {
    const found = `${percent(missing, count + missing)} of the rows have no "${name}"`;
    add(
      "FEATURE_TYPE_LOW_FRACTION_PRESENT",
      `${found}, at most ${percent(max_missing)} may`,
      missing,
    );
  }
  const empty = texts?.empty ?? 0;
  if (empty > max_empty * count) {
    const found = `${percent(empty, count)} of the texts in "${name}" are empty`;
    add("FEATURE_TYPE_EMPTY_TEXTS", `${found}, at most ${percent(max_empty)} may`, empty);
  }
  if (rules.unique === true && uniqueIsExact && unique < count) {
    const repeated = count - unique;
    add(
      "FEATURE_TYPE_LOW_UNIQUE",
      `${grouped(repeated)} of the values of "${name}" repeat an earlier one, none may`,
      repeated,
    );
  }
  return findings;
}

function valueFindings(
  { name, type, numbers }: ColumnStatistics,
  rules: ColumnRules,
  breaks: RuleBreaks | undefined,
): Finding[] {
  if (breaks === undefined) return [];
  const { below, above, unexpected, unexpectedCount } = breaks;
  const sort = type === "integer" ? "INT" : "FLOAT";
  const findings: Finding[] = [];
  const add = (type: AnomalyType, reason: string, count: number): void =>
    void findings.push({ type, column: name, reason, count });
  if (below > 0) {
    const reason = `${valuesOf(name, below)} below ${rules.min}, down to ${numbers?.min}`;
    add(sort === "INT" ? "INT_TYPE_SMALL_INT" : "FLOAT_TYPE_SMALL_FLOAT", reason, below);
  }
  if (above > 0) {
    const reason = `${valuesOf(name, above)} above ${rules.max}, up to ${numbers?.max}`;
    add(sort === "INT" ? "INT_TYPE_BIG_INT" : "FLOAT_TYPE_BIG_FLOAT", reason, above);
  }
  if (unexpectedCount > 0) {
    const some = [...unexpected].map(([value, count]) =>
      `"${value.slice(0, 40)}" (${grouped(count)})`
    );
    const reason = `${valuesOf(name, unexpectedCount)} not allowed: ${some.join(", ")}`;
    add("ENUM_TYPE_UNEXPECTED_STRING_VALUES", reason, unexpectedCount);
  }
  return findings;
}

/** `1 value of "age" is`, `2 values of "age" are`. */
function valuesOf(name: string, count: number): string {
  return count === 1 ? `1 value of "${name}" is` : `${grouped(count)} values of "${name}" are`;
}

/** A share, or a part of a whole, as `12.5 %`. */
function percent(part: number, whole = 1): string {
  return `${Number((100 * part / whole).toFixed(2))} %`;
}
