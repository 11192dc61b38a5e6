import {
  type Cell,
  type Column,
  type DatasetHandle,
  type DatasetStatistics,
  labelText,
  type StepContext,
} from "../../pipeline/mod.ts";
import { openPace } from "../pace.ts";
import { openRowHash } from "../sample/row_hash.ts";
import { openColumnSummary, type SummaryBudget } from "./column_statistics.ts";
import type { ColumnRules, ValidateParams } from "./validate_params.ts";

/** Values of a column that break its rules. */
export interface RuleBreaks {
  readonly below: number;
  readonly above: number;
  /** How often each value that is not allowed occurs, the first ones met. */
  readonly unexpected: ReadonlyMap<string, number>;
  readonly unexpectedCount: number;
}

/** What one reading of a dataset tells. */
export interface CollectedStatistics {
  readonly statistics: DatasetStatistics;
  /** By column name, for columns with rules. */
  readonly breaks: ReadonlyMap<string, RuleBreaks>;
  /** How often each label occurs, sorted by label; empty without a label. */
  readonly labels: readonly (readonly [string, number])[];
}

/** What is kept in memory in all: numbers (8 bytes each), different values, and hashes of rows. */
const NUMBERS_IN_MEMORY = 16_000_000;
const VALUES_IN_MEMORY = 2_000_000;
const ROWS_IN_MEMORY = 4_000_000;

/** Values that are not allowed and are named; the others are only counted. */
const NAMED_VALUES = 10;

/** Reads a dataset once and summarises every column. */
export async function collectStatistics(
  context: StepContext,
  dataset: DatasetHandle,
  { columns: rules, label }: Pick<ValidateParams, "columns" | "label">,
): Promise<CollectedStatistics> {
  const { columns, rowCount } = dataset.schema;
  const watched = watchColumns(columns, rules);
  const duplicates = openDuplicates(columns);
  const pace = openPace(context);
  let rows = 0;
  for await (const row of dataset.rows()) {
    for (const { name, summary, breaks } of watched) {
      const cell = row[name] ?? null;
      summary.take(cell);
      if (cell !== null) breaks?.take(cell);
    }
    duplicates.take(row);
    if (++rows % 10_000 === 0) context.progress({ done: rows, total: rowCount, unit: "rows" });
    const rest = pace();
    if (rest !== undefined) await rest;
  }
  const labels = watched.find(({ name }) => name === label)?.summary.counts ?? new Map();
  return {
    labels: [...labels].map(([value, count]) => [labelText(value), count] as const)
      .sort(([a], [b]) => a < b ? -1 : 1),
    statistics: {
      rows,
      ...duplicates.finish(),
      columns: watched.map(({ summary }) => summary.finish()),
    },
    breaks: new Map(
      watched.flatMap(({ name, breaks }) => breaks === undefined ? [] : [[name, breaks.finish()]]),
    ),
  };
}

function watchColumns(columns: readonly Column[], rules: Readonly<Record<string, ColumnRules>>) {
  const budget: SummaryBudget = {
    numbers: Math.max(1000, Math.floor(NUMBERS_IN_MEMORY / columns.length)),
    values: Math.max(1000, Math.floor(VALUES_IN_MEMORY / columns.length)),
  };
  return columns.map((column) => ({
    name: column.name,
    summary: openColumnSummary(column, budget),
    breaks: Object.hasOwn(rules, column.name) ? openBreaks(rules[column.name]!) : undefined,
  }));
}

function openDuplicates(columns: readonly Column[]) {
  const hashOf = openRowHash("duplicates", columns.map(({ name }) => name));
  const seen = new Set<number>();
  let duplicates = 0;
  let isExact = true;
  return {
    take(row: Readonly<Record<string, Cell>>): void {
      const hash = hashOf(row);
      if (seen.has(hash)) duplicates++;
      else if (seen.size < ROWS_IN_MEMORY) seen.add(hash);
      else isExact = false;
    },
    finish: () => ({ duplicates, duplicatesIsExact: isExact }),
  };
}

function openBreaks({ min = -Infinity, max = Infinity, allowed }: ColumnRules) {
  const texts = allowed === undefined ? undefined : new Set(allowed.map(labelText));
  const unexpected = new Map<string, number>();
  let unexpectedCount = 0;
  let below = 0;
  let above = 0;
  return {
    take(cell: Exclude<Cell, null>): void {
      if (typeof cell === "number") {
        if (cell < min) below++;
        if (cell > max) above++;
      }
      if (texts === undefined || texts.has(labelText(cell))) return;
      unexpectedCount++;
      const before = unexpected.get(labelText(cell));
      if (before !== undefined || unexpected.size < NAMED_VALUES) {
        unexpected.set(labelText(cell), (before ?? 0) + 1);
      }
    },
    finish: (): RuleBreaks => ({ below, above, unexpected, unexpectedCount }),
  };
}
