/** How a file holds a table. */
export type FileFormat =
  | { readonly kind: "delimited"; readonly delimiter: string; readonly quote: boolean }
  | { readonly kind: "json-lines" }
  | { readonly kind: "parquet" };

/** What the user said about the format. */
export interface FormatParams {
  readonly path: string;
  readonly format: "auto" | "csv" | "tsv" | "jsonl" | "parquet";
  readonly delimiter?: string | undefined;
  readonly quote?: boolean | undefined;
}

const FORMAT_OF_EXTENSION: Readonly<Record<string, "csv" | "tsv" | "jsonl" | "parquet">> = {
  csv: "csv",
  tsv: "tsv",
  tab: "tsv",
  jsonl: "jsonl",
  ndjson: "jsonl",
  parquet: "parquet",
  pq: "parquet",
};

/**
 * The format of a text file: as the params say, else by the extension, else by its first line.
 *
 * @param firstLine First line that is not blank.
 */
export function resolveFormat(params: FormatParams, firstLine: string): FileFormat {
  const extension = params.path.slice(params.path.lastIndexOf(".") + 1).toLowerCase();
  const name = params.format === "auto"
    ? FORMAT_OF_EXTENSION[extension] ?? formatOfLine(firstLine)
    : params.format;
  if (name === "jsonl") return { kind: "json-lines" };
  if (name === "parquet") return { kind: "parquet" };
  const delimiter = params.delimiter ?? (name === "tsv" ? "\t" : separatorOf(firstLine));
  return { kind: "delimited", delimiter, quote: params.quote ?? name === "csv" };
}

function formatOfLine(line: string): "csv" | "tsv" | "jsonl" {
  if (line.startsWith("{")) return "jsonl";
  return line.includes("\t") ? "tsv" : "csv";
}

/** The comma, unless the header has none and is parted by semicolons, as spreadsheets in Europe write it. */
function separatorOf(header: string): string {
  return !header.includes(",") && header.includes(";") ? ";" : ",";
}
