import { isLonger, type SourceField, type SourceRecord, tooLong } from "./source_record.ts";

/**
 * Takes apart JSON lines: one object a line, its keys being the columns. Blank lines are passed over.
 *
 * @param texts The file in pieces, cut anywhere.
 * @param options.columns Column names; keys that are not among them are added as they are met.
 * @returns Records whose fields are in the order of `columns`; later columns may be left out.
 */
export async function* jsonRecords(
  texts: AsyncIterable<string>,
  options: { readonly columns: string[]; readonly maxRowBytes: number },
): AsyncGenerator<SourceRecord[], void, undefined> {
  const { columns, maxRowBytes } = options;
  const position = new Map(columns.map((name, i) => [name, i]));
  let rest = "";
  let line = 0;
  for await (const text of texts) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    const records: SourceRecord[] = [];
    for (const row of lines) {
      line++;
      if (isLonger(row, maxRowBytes)) return yield [...records, tooLong(line, maxRowBytes)];
      if (row.trim() !== "") records.push(recordOf(row, line, columns, position));
    }
    yield records;
    if (isLonger(rest, maxRowBytes)) return yield [tooLong(line + 1, maxRowBytes)];
  }
  if (rest.trim() !== "") yield [recordOf(rest, line + 1, columns, position)];
}

function recordOf(
  row: string,
  line: number,
  columns: string[],
  position: Map<string, number>,
): SourceRecord {
  const object = parsed(row);
  if (typeof object !== "object" || object === null || Array.isArray(object)) {
    return problem(
      line,
      "is not a JSON object",
      'Write one object a line: {"text": "…", "label": 1}',
    );
  }
  const fields: SourceField[] = columns.map(() => null);
  for (const [key, value] of Object.entries(object)) {
    if (typeof value === "object" && value !== null) {
      const sort = Array.isArray(value) ? "a list" : "an object";
      return problem(line, `key "${key}" holds ${sort}`, "Flatten nested values into columns");
    }
    if (typeof value === "string" && !value.isWellFormed()) {
      const why = `key "${key}" holds half of a surrogate pair, which UTF-8 cannot hold`;
      return problem(line, why, "Remove the lone \\uD800 … \\uDFFF escapes from the file");
    }
    if (typeof value === "number" && wasRounded(value)) {
      const why = `key "${key}" holds a whole number of more digits than a float64 can`;
      return problem(line, why, "Write such numbers as texts, in quotes");
    }
    let at = position.get(key);
    if (at === undefined) {
      at = columns.push(key) - 1;
      position.set(key, at);
    }
    fields[at] = value;
  }
  return { line, fields };
}

/** Whether a number may have lost digits: a whole one beyond 2^53 that was not written as a power. */
function wasRounded(value: number): boolean {
  return Number.isInteger(value) && !Number.isSafeInteger(value) && Math.abs(value) < 1e21;
}

/** The value of a JSON text, or `undefined` when it is none. */
function parsed(row: string): Readonly<Record<string, SourceField | object>> | undefined {
  try {
    return JSON.parse(row);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function problem(line: number, why: string, fix: string): SourceRecord {
  return { line, fields: [], problem: { text: `line ${line}: ${why}`, fix } };
}
