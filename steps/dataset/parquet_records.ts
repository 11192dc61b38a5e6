import type { AsyncBuffer, FileMetaData, SchemaTree } from "hyparquet";
import { ExplainedError } from "../../pipeline/mod.ts";
import type { SourceField, SourceRecord } from "./source_record.ts";
import { openFile, type TextFile } from "./text_chunks.ts";

/** First bytes of every Parquet file. */
const MAGIC = "PAR1";

/** Records handed on at once. */
const BATCH = 4096;

/** Whether a file begins as Parquet files do. */
export async function startsAsParquet(file: TextFile): Promise<boolean> {
  const { handle: opened } = await openFile(file);
  using handle = opened;
  const bytes = new Uint8Array(MAGIC.length);
  await handle.read(bytes);
  return new TextDecoder("latin1").decode(bytes) === MAGIC;
}

/**
 * The rows of a Parquet file, one row group in memory at a time. Dates and times become ISO-8601 texts, whole
 * numbers beyond 2^53 and decimals texts of all their digits, NaN a missing value.
 *
 * @param options.columns Filled with the names of the columns.
 * @throws {ExplainedError} `dataset/bad-parquet` for a damaged file, and for columns that hold lists, maps or bytes.
 */
export async function* parquetRecords(
  file: TextFile,
  { columns }: { readonly columns: string[] },
): AsyncGenerator<SourceRecord[], void, undefined> {
  const [{ parquetMetadataAsync, parquetRead, parquetSchema }, { compressors }] = await Promise.all(
    [
      import("hyparquet"),
      import("hyparquet-compressors"),
    ],
  );
  const { handle: opened, size } = await openFile(file);
  using handle = opened;
  const source = bufferOf(handle, size);
  const metadata = await explained(file, () => parquetMetadataAsync(source));
  const { children } = parquetSchema(metadata);
  refuseNested(file, children);
  const names = children.map(({ element }) => element.name);
  if (columns.length === 0) columns.push(...names);
  let row = 0;
  for (const { count, bytes } of rowGroupsOf(metadata)) {
    file.signal.throwIfAborted();
    const rows = await explained(file, () =>
      new Promise<unknown[][]>((resolve, reject) => {
        const [rowStart, rowEnd] = [row, row + count];
        parquetRead({ file: source, metadata, compressors, rowStart, rowEnd, onComplete: resolve })
          .catch(reject);
      }));
    file.onBytes?.(bytes, size);
    for (let start = 0; start < rows.length; start += BATCH) {
      yield rows.slice(start, start + BATCH).map((values, i) => ({
        line: row + start + i + 1,
        fields: names.map((name, column) => fieldOf(values[column], { file, name })),
      }));
    }
    row += count;
  }
}

function bufferOf(handle: Deno.FsFile, byteLength: number): AsyncBuffer {
  // The library asks for several pieces at once, and a file has one place where it is read.
  let before: Promise<unknown> = Promise.resolve();
  const read = async (start: number, end: number): Promise<ArrayBuffer> => {
    const bytes = new Uint8Array(Math.max(0, end - start));
    await handle.seek(start, Deno.SeekMode.Start);
    for (let at = 0; at < bytes.length;) {
      const count = await handle.read(bytes.subarray(at));
      if (count === null) throw new RangeError(`the file ends at byte ${start + at}`);
      at += count;
    }
    return bytes.buffer;
  };
  return {
    byteLength,
    slice(start, end = byteLength) {
      const from = start < 0 ? byteLength + start : start;
      const piece = before.then(() => read(Math.max(0, from), Math.min(end, byteLength)));
      before = piece.catch(() => {});
      return piece;
    },
  };
}

function rowGroupsOf({ row_groups }: FileMetaData): { count: number; bytes: number }[] {
  return row_groups.map(({ num_rows, columns }) => ({
    count: Number(num_rows),
    bytes: columns.reduce(
      (sum, { meta_data }) => sum + Number(meta_data?.total_compressed_size ?? 0),
      0,
    ),
  }));
}

function refuseNested(file: TextFile, columns: readonly SchemaTree[]): void {
  const nested = columns.filter(({ children, element }) =>
    children.length > 0 || element.repetition_type === "REPEATED"
  );
  if (nested.length === 0) return;
  const names = nested.map(({ element }) => `"${element.name}"`).join(", ");
  throw badParquet(file, {
    why: `the columns ${names} hold lists, maps or records`,
    fix: "Flatten nested values into columns of their own, or leave them out of the file",
  });
}

function fieldOf(
  value: unknown,
  { file, name }: { readonly file: TextFile; readonly name: string },
): SourceField {
  if (value === null || value === undefined) return null;
  if (typeof value === "number") return Number.isNaN(value) ? null : value;
  if (typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "bigint") {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : String(value);
  }
  if (value instanceof Date) return value.toISOString();
  throw badParquet(file, {
    why: `column "${name}" holds bytes or nested values`,
    fix: "Write its values as texts or numbers, or leave the column out of the file",
  });
}

async function explained<T>(file: TextFile, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof ExplainedError) throw cause;
    throw badParquet(file, {
      why: `it is no Parquet file, or is damaged: ${(cause as Error).message}`,
      fix: "Write the file anew; set `format` of the dataset step when it is another one",
      cause,
    });
  }
}

function badParquet(
  { shown }: TextFile,
  more: { readonly why: string; readonly fix: string; readonly cause?: unknown },
): ExplainedError {
  return new ExplainedError("dataset/bad-parquet", { what: `Cannot read ${shown}`, ...more });
}
