import { pipeline, Readable } from "node:stream";
import { type CsvError, type InfoRecord, type Options, parse } from "csv-parse";
import { type SourceRecord, tooLong } from "./source_record.ts";

/** Records handed on together. */
const BATCH = 512;

/**
 * Takes apart delimited text with quoted fields (RFC 4180). Rows end with LF or CRLF, also mixed.
 *
 * After a wrong quote nothing can be trusted: its record is the last one.
 *
 * @param texts The file in pieces, cut anywhere.
 * @returns The header and the rows, in batches.
 */
export async function* quotedRecords(
  texts: AsyncIterable<string>,
  options: { readonly delimiter: string; readonly maxRowBytes: number },
): AsyncGenerator<SourceRecord[], void, undefined> {
  const settings: Options = {
    delimiter: options.delimiter,
    record_delimiter: ["\r\n", "\n"],
    max_record_size: options.maxRowBytes,
    relax_column_count: true,
    // An error that is thrown would take the records before it along.
    skip_records_with_error: true,
    info: true,
    cast: (field, { quoting }) => field === "" && !quoting ? null : field,
  };
  const parser = parse(settings);
  let wrong: CsvError | undefined;
  parser.on("skip", (error: CsvError) => wrong ??= error);
  // An error of the source reaches the loop below through the parser, which it destroys.
  pipeline(Readable.from(texts), parser, () => undefined);
  let batch: SourceRecord[] = [];
  let count = 0;
  let line = 1;
  let lineOfParser = 0;
  for await (const { record, info } of parser as AsyncIterable<ParsedRecord>) {
    if (wrong !== undefined && count >= Number(wrong.records)) break;
    count++;
    batch.push({ line, fields: record });
    line += info.lines - lineOfParser === 1 ? 1 : 1 + lineFeedsIn(record);
    lineOfParser = info.lines;
    if (batch.length === BATCH) {
      yield batch;
      batch = [];
    }
  }
  if (wrong !== undefined) batch.push(wrongRecord(wrong, line, options.maxRowBytes));
  yield batch;
}

interface ParsedRecord {
  readonly record: (string | null)[];
  readonly info: InfoRecord;
}

/** The parser also counts lone carriage returns as lines; editors do not. */
function lineFeedsIn(record: readonly (string | null)[]): number {
  return record.reduce((sum, field) => sum + (field?.split("\n").length ?? 1) - 1, 0);
}

function wrongRecord(error: CsvError, line: number, maxRowBytes: number): SourceRecord {
  if (error.code === "CSV_MAX_RECORD_SIZE") return tooLong(line, maxRowBytes);
  const why = quoteProblems[error.code];
  if (why === undefined) throw error;
  const fix = 'Put quotes around the whole field and double those inside ("5"" disk"), ' +
    "or set `quote: false` when quotes are data";
  return {
    line,
    fields: [],
    problem: { text: `line ${line}: ${why}; reading stopped here`, fix },
  };
}

const quoteProblems: Readonly<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: "the row that starts here opens a quote that is never closed",
  CSV_INVALID_CLOSING_QUOTE: "a quoted field goes on after its closing quote",
  INVALID_OPENING_QUOTE: "a field that does not start with a quote holds one",
};
