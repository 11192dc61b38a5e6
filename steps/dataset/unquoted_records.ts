import { isLonger, type SourceRecord, tooLong } from "./source_record.ts";

/**
 * Takes apart delimited text in which quotes are data. Rows end with LF or CRLF, also mixed.
 *
 * @param texts The file in pieces, cut anywhere.
 * @returns The header and the rows, in the pieces in which they came.
 */
export async function* unquotedRecords(
  texts: AsyncIterable<string>,
  options: { readonly delimiter: string; readonly maxRowBytes: number },
): AsyncGenerator<SourceRecord[], void, undefined> {
  const { delimiter, maxRowBytes } = options;
  let rest = "";
  let line = 0;
  for await (const text of texts) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    const records: SourceRecord[] = [];
    for (const row of lines) {
      line++;
      if (isLonger(row, maxRowBytes)) return yield [...records, tooLong(line, maxRowBytes)];
      records.push({ line, fields: fieldsOf(row, delimiter) });
    }
    yield records;
    if (isLonger(rest, maxRowBytes)) return yield [tooLong(line + 1, maxRowBytes)];
  }
  if (rest !== "") yield [{ line: line + 1, fields: fieldsOf(rest, delimiter) }];
}

function fieldsOf(row: string, delimiter: string): (string | null)[] {
  const fields: (string | null)[] = (row.endsWith("\r") ? row.slice(0, -1) : row).split(delimiter);
  for (let i = 0; i < fields.length; i++) {
    if (fields[i] === "") fields[i] = null;
  }
  return fields;
}
