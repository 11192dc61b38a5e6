import { type Cell, type ColumnType, ExplainedError, type Row } from "../../pipeline/mod.ts";
import { isMissing, valueOf } from "./cell_kind.ts";
import { type FileFormat, type FormatParams, resolveFormat } from "./file_format.ts";
import { jsonRecords } from "./json_records.ts";
import { parquetRecords, startsAsParquet } from "./parquet_records.ts";
import { quotedRecords } from "./quoted_records.ts";
import { isBlank, type SourceField, type SourceRecord } from "./source_record.ts";
import {
  sortOf,
  surveyTable,
  type TableRules,
  type TableSurvey,
  valueNames,
} from "./survey_table.ts";
import { textChunks, type TextFile } from "./text_chunks.ts";
import { unquotedRecords } from "./unquoted_records.ts";

/** A table in a file, read once and ready to be read again as typed rows. */
export interface SurveyedTable extends TableSurvey {
  readonly format: FileFormat;
  /** Reads the file again. */
  rows(): AsyncGenerator<Row, void, undefined>;
}

/** How a file is to be read. */
export interface TableOptions extends FormatParams {
  readonly rules: TableRules;
  /** Longest row that is accepted, in bytes. */
  readonly maxRowBytes: number;
}

/**
 * Checks a whole file and learns its columns. Only a piece of it is in memory at a time: it is read
 * once here, and once again by `rows()`.
 *
 * @throws {ExplainedError} `dataset/…`, with every problem found.
 */
export async function readTable(file: TextFile, options: TableOptions): Promise<SurveyedTable> {
  const { rules, maxRowBytes } = options;
  const format = await formatOf(file, options);
  const isTyped = format.kind !== "delimited";
  const names: string[] = [];
  const records = (): AsyncIterable<readonly SourceRecord[]> => {
    if (format.kind === "parquet") return parquetRecords(file, { columns: names });
    const texts = textChunks(file);
    if (format.kind === "json-lines") return jsonRecords(texts, { columns: names, maxRowBytes });
    const split = format.quote ? quotedRecords : unquotedRecords;
    return split(texts, { delimiter: format.delimiter, maxRowBytes });
  };
  const survey = await surveyTable(records(), names, rules, isTyped);
  return {
    ...survey,
    format,
    rows: () => typedRows(records(), survey, rules, isTyped),
  };
}

/** Bytes that are no text are looked at before the first line is read as one. */
async function formatOf(file: TextFile, options: FormatParams): Promise<FileFormat> {
  const named = resolveFormat(options, "");
  if (named.kind === "parquet") return named;
  if (options.format === "auto" && await startsAsParquet(file)) return { kind: "parquet" };
  return resolveFormat(options, await firstLine(file));
}

/** First line of a file that is not blank, or what of it was read at once; `""` when there is none. */
async function firstLine(file: TextFile): Promise<string> {
  const { onBytes: _, ...quiet } = file;
  for await (const text of textChunks(quiet)) {
    const line = text.split("\n").find((line) => line.trim() !== "");
    if (line !== undefined) return line;
  }
  return "";
}

async function* typedRows(
  batches: AsyncIterable<readonly SourceRecord[]>,
  survey: TableSurvey,
  rules: TableRules,
  isTyped: boolean,
): AsyncGenerator<Row, void, undefined> {
  const names = survey.columns.map(({ name }) => name);
  const rowOf = openRowReader(survey, rules);
  let isHeaderAhead = !isTyped;
  for await (const records of batches) {
    for (const record of records) {
      if (isHeaderAhead) {
        isHeaderAhead = isBlank(record);
        continue;
      }
      const sort = record.problem === undefined ? sortOf(record, names, rules, isTyped) : "uneven";
      if (sort === "uneven") throw changed(rules, record.line);
      if (sort === "row") yield rowOf(record);
    }
  }
}

/** Makes rows of records that the survey found to fit the columns. */
function openRowReader(survey: TableSurvey, rules: TableRules): (record: SourceRecord) => Row {
  const readers = survey.columns.map((column) => ({
    ...column,
    convert: conversionOf(column.type),
    names: valueNames(rules, column.name),
  }));
  return ({ fields, line }) => {
    const row: Record<string, Cell> = {};
    for (let i = 0; i < readers.length; i++) {
      const { name, type, convert, names } = readers[i]!;
      const field = fields[i];
      const value = isMissing(field, type, rules.missing)
        ? null
        : names === undefined
        ? convert(field as Exclude<SourceField, null>)
        : names.get(String(field));
      if (value === undefined) throw changed(rules, line);
      row[name] = value;
    }
    return row;
  };
}

/** Value of a field that fitted the type when it was surveyed; `undefined` when it fits no more. */
function conversionOf(
  type: ColumnType,
): (field: Exclude<SourceField, null>) => Cell | undefined {
  if (type === "string" || type === "boolean") return (field) => valueOf(field, type);
  return (field) => {
    const value = Number(field);
    return Number.isFinite(value) ? value : undefined;
  };
}

function changed(rules: TableRules, line: number): ExplainedError {
  return new ExplainedError("dataset/changed-file", {
    what: `Cannot read ${rules.shown}`,
    why: `line ${line} was changed while the file was being read`,
    fix: "Run again once nothing writes to the file any more",
  });
}
