import {
  type Cell,
  type Column,
  type ColumnType,
  ExplainedError,
  listProblems,
  type Row,
} from "../../pipeline/mod.ts";

/** What writing found out about the rows. */
export interface WrittenDataset {
  readonly rowCount: number;
  /** Per column, in order: whether any row lacks a value there. */
  readonly nullable: readonly boolean[];
}

/** Characters collected before they go to disk; between two writes the event loop gets its turn. */
const WRITE_CHARACTERS = 1 << 16;

/** Bytes read at once: a few milliseconds of parsing. */
const READ_BYTES = 1 << 18;

/** Bad values that are described; the others are only counted. */
const DESCRIBED_PROBLEMS = 10;

const QUOTE = 34;
const COMMA = 44;
const LINE_FEED = 10;

/**
 * Writes a table as UTF-8 CSV with a header (RFC 4180, LF): a missing value is empty, an empty text
 * is `""`. Equal columns and rows give equal bytes. The file is synced to disk. Properties of a row
 * that are no column are left out.
 *
 * @throws {ExplainedError} `dataset/bad-value` when values do not fit their column, naming the first
 * ten; the file is then removed.
 */
export async function writeDatasetFile(
  path: string,
  columns: readonly Column[],
  rows: Iterable<Row> | AsyncIterable<Row>,
): Promise<WrittenDataset> {
  if (columns.length === 0) throw new RangeError("A dataset has at least one column");
  const file = await Deno.open(path, { write: true, create: true, truncate: true });
  try {
    const written = await writeRows(file, columns, rows);
    await file.sync();
    file.close();
    return written;
  } catch (error) {
    file.close();
    await Deno.remove(path);
    throw error;
  }
}

async function writeRows(
  file: Deno.FsFile,
  columns: readonly Column[],
  rows: Iterable<Row> | AsyncIterable<Row>,
): Promise<WrittenDataset> {
  const writers = columns.map(({ name, type }) => ({ name, type, encode: encoders[type] }));
  const nullable = columns.map(() => false);
  const problems: string[] = [];
  let problemCount = 0;
  let rowCount = 0;
  let text = `${columns.map(({ name }) => encodeText(name)).join(",")}\n`;
  for await (const row of rows) {
    rowCount++;
    for (let i = 0; i < writers.length; i++) {
      const { name, type, encode } = writers[i]!;
      const value = row[name];
      if (i > 0) text += ",";
      if (value === null) {
        nullable[i] = true;
        continue;
      }
      const cell = value === undefined ? undefined : encode(value);
      if (cell !== undefined) text += cell;
      else if (++problemCount <= DESCRIBED_PROBLEMS) {
        problems.push(`row ${rowCount}, column "${name}": ${misfit(value, type)}`);
      }
    }
    text += "\n";
    if (text.length >= WRITE_CHARACTERS) {
      if (problemCount === 0) await writeAll(file, text);
      text = "";
    }
  }
  refuseBadValues(problems, problemCount);
  await writeAll(file, text);
  return { rowCount, nullable };
}

/** Text of a value in the file, or `undefined` when it does not fit the type. */
const encoders: Readonly<Record<ColumnType, (value: Cell) => string | undefined>> = {
  number: (value) => Number.isFinite(value) ? String(value) : undefined,
  integer: (value) => Number.isInteger(value) ? String(value) : undefined,
  boolean: (value) => typeof value === "boolean" ? String(value) : undefined,
  string: (value) =>
    typeof value === "string" && value.isWellFormed() ? encodeText(value) : undefined,
};

function encodeText(text: string): string {
  if (text === "") return '""';
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function misfit(value: unknown, type: ColumnType): string {
  if (value === undefined) return "has no value (a missing one is null)";
  if (typeof value === "string" && type === "string") {
    return "text holds half of a surrogate pair, which UTF-8 cannot hold";
  }
  const shown = typeof value === "string" ? JSON.stringify(value.slice(0, 40)) : String(value);
  return `${shown} does not fit type ${type}`;
}

function refuseBadValues(problems: readonly string[], count: number): void {
  if (count === 0) return;
  throw new ExplainedError("dataset/bad-value", {
    what: "Cannot write the dataset",
    why: listProblems(problems, count),
    fix: "Correct these values where the rows are made, or declare another type for the column",
  });
}

async function writeAll(file: Deno.FsFile, text: string): Promise<void> {
  let bytes = new TextEncoder().encode(text);
  while (bytes.length > 0) bytes = bytes.subarray(await file.write(bytes));
}

/**
 * Reads the rows of a file that `writeDatasetFile` wrote, in order, typed by the columns.
 *
 * Reads this one form of CSV only: what it does not expect means that the file is damaged.
 *
 * @throws {ExplainedError} `dataset/damaged` when the file is not as it was written.
 */
export async function* readDatasetRows(
  path: string,
  columns: readonly Column[],
): AsyncGenerator<Row, void, undefined> {
  const readers = columns.map(({ name, type }) => ({ name, decode: decoders[type] }));
  // A parsed object has every property in place: filling a copy of it is fast, and keeps "__proto__".
  const empty = JSON.parse(`{${columns.map(({ name }) => `${JSON.stringify(name)}:null`).join()}}`);
  const header = columns.map(({ name }) => name);
  const cells: (string | null)[] = [];
  let line = 0;
  let text = "";
  for await (const chunk of textOf(path, () => text.length)) {
    text += chunk;
    let start = 0;
    for (;;) {
      const end = scanRow(text, start, cells);
      if (end === INCOMPLETE) break;
      if (end === MALFORMED || cells.length !== columns.length) throw damaged(path, line);
      start = end;
      if (line++ === 0) {
        if (cells.some((name, i) => name !== header[i])) throw damaged(path, 0);
        continue;
      }
      const row: Record<string, Cell> = { ...empty };
      for (let i = 0; i < readers.length; i++) {
        const cell = cells[i]!;
        if (cell === null) continue;
        const { name, decode } = readers[i]!;
        const value = decode(cell);
        if (value === undefined) throw damaged(path, line - 1);
        row[name] = value;
      }
      yield row;
    }
    text = text.slice(start);
  }
  if (text !== "" || line === 0) throw damaged(path, line);
}

const INCOMPLETE = -1;
const MALFORMED = -2;

/**
 * Fills `cells` with the row that starts at `at`; `null` is a missing value.
 *
 * @returns Where the next row starts, or `INCOMPLETE`, or `MALFORMED`.
 */
function scanRow(text: string, at: number, cells: (string | null)[]): number {
  let i = at;
  for (let count = 0;; i++) {
    if (text.charCodeAt(i) === QUOTE) {
      let end = text.indexOf('"', i + 1);
      let doubled = false;
      while (end !== -1 && text.charCodeAt(end + 1) === QUOTE) {
        doubled = true;
        end = text.indexOf('"', end + 2);
      }
      if (end === -1 || end + 1 === text.length) return INCOMPLETE;
      const quoted = text.slice(i + 1, end);
      cells[count++] = doubled ? quoted.replaceAll('""', '"') : quoted;
      i = end + 1;
    } else {
      const start = i;
      while (i < text.length && text.charCodeAt(i) !== COMMA && text.charCodeAt(i) !== LINE_FEED) {
        i++;
      }
      if (i === text.length) return INCOMPLETE;
      cells[count++] = start === i ? null : text.slice(start, i);
    }
    const after = text.charCodeAt(i);
    if (after === LINE_FEED) {
      cells.length = count;
      return i + 1;
    }
    if (after !== COMMA) return MALFORMED;
  }
}

/** Value of a text in the file, or `undefined` when the text does not fit the type. */
const decoders: Readonly<Record<ColumnType, (text: string) => Cell | undefined>> = {
  number: finite,
  integer: finite,
  boolean: (text) => text === "true" ? true : text === "false" ? false : undefined,
  string: (text) => text,
};

function finite(text: string): number | undefined {
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}

/** The text of a file in pieces, each at least as long as what is `left` of the ones before it. */
async function* textOf(path: string, left: () => number): AsyncGenerator<string, void, undefined> {
  using file = await Deno.open(path);
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let buffer = new Uint8Array(READ_BYTES);
  for (;;) {
    if (left() > buffer.length) buffer = new Uint8Array(2 * left());
    const count = await file.read(buffer);
    try {
      if (count === null) return void decoder.decode();
      yield decoder.decode(buffer.subarray(0, count), { stream: true });
    } catch (error) {
      if (error instanceof TypeError) throw damaged(path, undefined, error);
      throw error;
    }
  }
}

function damaged(path: string, row: number | undefined, cause?: unknown): ExplainedError {
  const where = row === undefined
    ? "it is not UTF-8"
    : row === 0
    ? "its header is not the one of its schema"
    : `row ${row} is not one of its schema`;
  return new ExplainedError("dataset/damaged", {
    what: `Cannot read the dataset ${path}`,
    why: `the file was changed since it was written: ${where}`,
    fix: "Run the pipeline again with --verify: damaged artifacts are made anew",
    ...(cause === undefined ? {} : { cause }),
  });
}
