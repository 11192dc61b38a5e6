import { z } from "zod";
import {
  type Attribution,
  type ColumnType,
  defineStep,
  file,
  type Json,
  type Step,
  type StepContext,
} from "../../pipeline/mod.ts";
import { grouped } from "../grouped.ts";
import { readTable, type SurveyedTable } from "./read_table.ts";
import type { TextFile } from "./text_chunks.ts";

/** What to read, and how. */
export interface DatasetGiven {
  /**
   * File to read; a relative path starts at the pipeline's folder, and may be written with `\`. Or its address
   * (`https://…`): it is downloaded once, and kept.
   */
  readonly path: string;
  /** @default "auto": by the extension, else by how the file begins */
  readonly format?: "auto" | "csv" | "tsv" | "jsonl" | "parquet" | undefined;
  /** One character. @default "," for csv (";" when the header has no comma), tab for tsv */
  readonly delimiter?: string | undefined;
  /** Whether quotes enclose fields; `false`: they are data. @default true for csv, false for tsv */
  readonly quote?: boolean | undefined;
  /** Types of columns whose values should not decide it: `{ zip: "string" }`. */
  readonly columns?: Readonly<Record<string, ColumnType>> | undefined;
  /** Column that must be there. */
  readonly label?: string | undefined;
  /** Texts that stand for a missing value, beside the empty field: `["NA", "?"]`. @default [] */
  readonly missing?: readonly string[] | undefined;
  /** What the values of a column are called from here on; others are refused: `{ label: { 0: "no", 1: "yes" } }`. @default {} */
  readonly values?: Readonly<Record<string, Readonly<Record<string, string>>>> | undefined;
  /** Columns whose rows are dropped, and counted, when the value is missing or white space. @default [] */
  readonly drop_empty?: readonly string[] | undefined;
  /** Where the data comes from: carried into the card of every model trained on it. */
  readonly attribution?: Attribution | undefined;
  /** Longest row that is accepted, in bytes. @default 4194304 */
  readonly max_row_bytes?: number | undefined;
}

/** Params of the dataset step, defaults filled in. */
export interface DatasetParams extends DatasetGiven {
  readonly format: "auto" | "csv" | "tsv" | "jsonl" | "parquet";
  readonly columns: Readonly<Record<string, ColumnType>>;
  readonly missing: readonly string[];
  readonly values: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly drop_empty: readonly string[];
  readonly max_row_bytes: number;
}

const schema: z.ZodType<DatasetParams, DatasetGiven> = z.strictObject({
  path: z.string().min(1).transform((path) => isAddress(path) ? path : path.replaceAll("\\", "/")),
  format: z.enum(["auto", "csv", "tsv", "jsonl", "parquet"]).default("auto"),
  delimiter: z.string().length(1).regex(/[^"\r\n]/, "must not be a quote or a line end").optional(),
  quote: z.boolean().optional(),
  columns: z.record(z.string(), z.enum(["number", "integer", "string", "boolean"])).default({}),
  label: z.string().optional(),
  missing: z.array(z.string()).default([]),
  values: z.record(z.string(), z.record(z.string(), z.string().min(1))).default({}),
  drop_empty: z.array(z.string()).default([]),
  attribution: z.strictObject({
    title: z.string(),
    license: z.string(),
    url: z.string().exactOptional(),
  }).optional(),
  max_row_bytes: z.int().positive().default(1 << 22),
});

/** Reads a table from a CSV, TSV, JSON lines or Parquet file. Every value keeps its type; nothing is dropped uncounted. */
export const dataset: Step<
  Record<never, never>,
  { dataset: "dataset" },
  DatasetGiven,
  DatasetParams
> = defineStep({
  module: import.meta.url,
  name: "dataset",
  inputs: {},
  outputs: { dataset: "dataset" },
  params: schema,
  reads: ({ path }) => isAddress(path) ? [] : [file(path)],
  async run(context, _inputs, params) {
    const table = await readTable(await sourceOf(context, params.path), {
      ...params,
      maxRowBytes: params.max_row_bytes,
      rules: {
        ...params,
        shown: params.path,
        missing: new Set(params.missing),
        dropEmpty: params.drop_empty,
      },
    });
    report(context, table);
    const written = await context.artifacts.dataset({
      columns: table.columns,
      ...(params.attribution === undefined ? {} : { attribution: params.attribution }),
      notes: notesOf(table),
    }, table.rows());
    return { dataset: written };
  },
});

/** The file is read twice: once to check it and to learn its types, once to write its rows. */
const READINGS = 2;

/** Whether a path is an address in the web. */
function isAddress(path: string): boolean {
  return /^https?:\/\//i.test(path);
}

async function sourceOf(context: StepContext, shown: string): Promise<TextFile> {
  let done = 0;
  return {
    path: isAddress(shown) ? await context.download(shown) : context.resolvePath(shown),
    shown,
    signal: context.signal,
    onBytes(count, size) {
      done += count;
      context.progress({ done, total: READINGS * size, unit: "bytes", label: shown });
    },
  };
}

/** Counts of what is not in the rows any more; nothing when nothing was left out. */
function notesOf({ droppedEmpty, blankLines }: SurveyedTable): Record<string, Json> {
  return {
    ...(Object.keys(droppedEmpty).length > 0 ? { dropped_empty: droppedEmpty } : {}),
    ...(blankLines > 0 ? { blank_lines: blankLines } : {}),
  };
}

function report(context: StepContext, table: SurveyedTable): void {
  const { rowCount, columns, droppedEmpty, blankLines, hints } = table;
  for (const hint of hints) context.log(hint, "warning");
  for (const [column, count] of Object.entries(droppedEmpty)) {
    if (count > 0) context.log(`dropped ${grouped(count)} rows without "${column}"`);
  }
  if (blankLines > 0) context.log(`passed over ${grouped(blankLines)} blank lines`);
  const dropped = Object.values(droppedEmpty).reduce((sum, count) => sum + count, 0);
  const shape = `${grouped(rowCount)} rows · ${columns.length} columns`;
  context.summary(dropped === 0 ? shape : `${shape} · ${grouped(dropped)} dropped`);
}
