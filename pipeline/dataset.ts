import type { Json } from "./json.ts";

/** One value of a table; `null` is a missing value. */
export type Cell = string | number | boolean | null;

/** One example: column name to value. */
export type Row = Readonly<Record<string, Cell>>;

/** What a column holds. `integer` is a number without a fraction. */
export type ColumnType = "number" | "integer" | "string" | "boolean";

/** A column of a dataset. */
export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  /** Whether any row lacks a value here. */
  readonly nullable: boolean;
}

/** Where data comes from, carried into the card of every model trained on it. */
export interface Attribution {
  readonly title: string;
  readonly license: string;
  readonly url?: string;
}

/** Everything known of a dataset without reading its rows. */
export interface DatasetSchema {
  readonly columns: readonly Column[];
  readonly rowCount: number;
  readonly attribution?: Attribution;
  /** Facts a step wants to keep with the data, e.g. counts of dropped rows. */
  readonly notes?: Readonly<Record<string, Json>>;
}

/** A table of examples in the store. The rows stay on disk until they are asked for. */
export interface DatasetHandle {
  /** Content hash of schema and rows. */
  readonly hash: string;
  readonly schema: DatasetSchema;
  /** UTF-8 CSV file with a header (RFC 4180, LF): a missing value is empty, an empty text is `""`. */
  readonly path: string;
  /** Reads the rows in order, typed by the schema. Can be called again. */
  rows(): AsyncIterable<Row>;
}
