import { type Column, type ColumnType, ExplainedError } from "../../pipeline/mod.ts";
import { type ColumnFacts, openColumnFacts } from "./column_facts.ts";
import { isMissing } from "./cell_kind.ts";
import { openRowProblems } from "./row_problems.ts";
import { isBlank, type SourceField, type SourceRecord } from "./source_record.ts";
import { checkHeader } from "./table_header.ts";

/** What the user said about the table. */
export interface TableRules {
  /** As the user wrote the path, for messages. */
  readonly shown: string;
  /** Declared types by column name. */
  readonly columns: Readonly<Record<string, ColumnType>>;
  readonly label?: string | undefined;
  /** Texts that stand for a missing value, beside the empty field. */
  readonly missing: ReadonlySet<string>;
  /** What the values of a column are called, by column name; others are refused. */
  readonly values: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Columns whose empty rows are dropped. */
  readonly dropEmpty: readonly string[];
}

/** What a first reading found. */
export interface TableSurvey {
  readonly columns: readonly Column[];
  /** Rows that stay. */
  readonly rowCount: number;
  /** Rows dropped for an empty value, by column. */
  readonly droppedEmpty: Readonly<Record<string, number>>;
  readonly blankLines: number;
  /** What may not be meant, for the log. */
  readonly hints: readonly string[];
}

/** What is to be done with a record. */
export type RecordSort = "row" | "blank" | "uneven" | { readonly emptyIn: string };

/**
 * Reads a table once: checks every row against header and rules, and learns the type of every column.
 *
 * @param records Delimited text starts with its header; JSON lines add to `names` as they go.
 * @param names Column names: filled here from the header, or by the reader of JSON lines.
 * @throws {ExplainedError} `dataset/empty`, `dataset/bad-header`, `dataset/missing-column` or
 * `dataset/bad-rows`, with every problem.
 */
export async function surveyTable(
  records: AsyncIterable<readonly SourceRecord[]>,
  names: string[],
  rules: TableRules,
  isTyped: boolean,
): Promise<TableSurvey> {
  const facts: ColumnFacts[] = [];
  const droppedEmpty = Object.fromEntries(rules.dropEmpty.map((name) => [name, 0]));
  const problems = openRowProblems();
  let rowCount = 0;
  let blankLines = 0;
  const takeRow = ({ fields, line }: SourceRecord): void => {
    rowCount++;
    while (facts.length < names.length) facts.push(factsOf(names[facts.length]!, rules, isTyped));
    for (let i = 0; i < names.length; i++) {
      const misfit = facts[i]!.take(fields[i], line);
      if (misfit !== undefined) problems.add(misfit, FIX_VALUE);
    }
  };
  const take = (record: SourceRecord): void => {
    if (record.problem !== undefined) return problems.add(record.problem.text, record.problem.fix);
    if (names.length === 0 && !isTyped) {
      if (isBlank(record)) blankLines++;
      else names.push(...checkHeader(record.fields, rules));
      return;
    }
    const sort = sortOf(record, names, rules, isTyped);
    if (sort === "row") takeRow(record);
    else if (sort === "blank") blankLines++;
    else if (sort === "uneven") problems.add(unevenness(record, names), FIX_FIELDS);
    else droppedEmpty[sort.emptyIn]!++;
  };
  for await (const batch of records) batch.forEach(take);
  for (const column of facts) {
    const mistake = column.mistake();
    if (mistake !== undefined) problems.add(mistake, FIX_MIXED);
  }
  problems.refuse(rules.shown);
  if (isTyped && names.length > 0) checkHeader(names, rules);
  refuseEmpty(rules, names, rowCount, droppedEmpty);
  return {
    columns: facts.map((column) => column.column(rowCount)),
    rowCount,
    droppedEmpty,
    blankLines,
    hints: facts.map((column) => column.hint()).filter((hint) => hint !== undefined),
  };
}

/** Whether a record is a row, and if not, why. Both readings of a file ask it. */
export function sortOf(
  record: SourceRecord,
  names: readonly string[],
  rules: TableRules,
  isTyped: boolean,
): RecordSort {
  const { fields } = record;
  if (!isTyped && fields.length !== names.length) {
    return isBlank(record) ? "blank" : "uneven";
  }
  const emptyIn = rules.dropEmpty.find((name) =>
    isEmpty(fields[names.indexOf(name)], rules.missing)
  );
  return emptyIn === undefined ? "row" : { emptyIn };
}

/** Missing, or a text of nothing but white space. */
function isEmpty(field: SourceField | undefined, missing: ReadonlySet<string>): boolean {
  if (field === null || field === undefined) return true;
  if (typeof field !== "string") return false;
  // Both look at as little of a long text as they can.
  return (missing.size > 0 && missing.has(field)) || !/\S/.test(field);
}

function factsOf(name: string, rules: TableRules, isTyped: boolean): ColumnFacts {
  const declared = Object.hasOwn(rules.columns, name) ? rules.columns[name] : undefined;
  const facts = openColumnFacts({ name, declared, missing: rules.missing, isTyped });
  const names = valueNames(rules, name);
  return names === undefined ? facts : renamedFacts(facts, { name, names, rules });
}

/** What the values of a column are called, if that was said. */
export function valueNames(
  { values }: Pick<TableRules, "values">,
  column: string,
): ReadonlyMap<string, string> | undefined {
  return Object.hasOwn(values, column) ? new Map(Object.entries(values[column]!)) : undefined;
}

/** A column whose values get names: a text column that refuses every other value. */
function renamedFacts(
  facts: ColumnFacts,
  { name, names, rules }: {
    readonly name: string;
    readonly names: ReadonlyMap<string, string>;
    readonly rules: TableRules;
  },
): ColumnFacts {
  return {
    take(field, line) {
      const misfit = facts.take(field, line);
      if (misfit !== undefined || isMissing(field, "string", rules.missing)) return misfit;
      if (names.has(String(field))) return undefined;
      const known = [...names.keys()].join(", ");
      return `line ${line}, column "${name}": ${
        JSON.stringify(String(field).slice(0, 40))
      } is none of ${known}, which \`values\` names`;
    },
    column: (rowCount) => ({ ...facts.column(rowCount), type: "string" }),
    mistake: () => undefined,
    hint: () => undefined,
  };
}

const FIX_VALUE = "Correct these values, or declare another type under `columns`; " +
  "texts that stand for a missing value go under `missing`";

const FIX_MIXED =
  "Correct these values; texts that stand for a missing value go under `missing`; " +
  'if the column is meant to be text, say so under `columns`: { name: "string" }';

const FIX_FIELDS = "Correct these lines; a field that holds the delimiter needs quotes " +
  "(see `delimiter` and `quote` of the dataset step)";

function unevenness({ line, fields }: SourceRecord, names: readonly string[]): string {
  const few = fields.length < names.length ? "too few" : "too many";
  return `line ${line} has ${few} fields: ${fields.length}, and the header has ${names.length}`;
}

function refuseEmpty(
  rules: TableRules,
  names: readonly string[],
  rowCount: number,
  droppedEmpty: Readonly<Record<string, number>>,
): void {
  if (rowCount > 0) return;
  const dropped = Object.values(droppedEmpty).reduce((sum, count) => sum + count, 0);
  const why = dropped > 0
    ? `all ${dropped} rows are dropped for an empty value in ${rules.dropEmpty.join(", ")}`
    : names.length > 0
    ? "it has a header and no rows"
    : "it is empty";
  throw new ExplainedError("dataset/empty", {
    what: `Cannot use ${rules.shown} as a dataset`,
    why,
    fix: dropped > 0
      ? "Correct `drop_empty` of the dataset step"
      : "Give `path` of the dataset step a file with a header and rows",
  });
}
