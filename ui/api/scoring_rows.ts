import type { ColumnType, ModelSignature } from "../../pipeline/mod.ts";

/** Rows of a request in MLflow's scoring format, as `checkInput` takes them, and how they are to be answered. */
export interface ScoringRows {
  readonly rows: readonly unknown[];
  /** `params` of the request; names that mean nothing here are ignored, as MLflow does. */
  readonly params: Readonly<Record<string, unknown>>;
  /** Whether the answer stands under `predictions`; MLflow does not wrap that to a `prompt` or `input`. */
  readonly isWrapped: boolean;
}

/** Thrown when a body is not in MLflow's scoring format; `errorCode` is MLflow's. */
export class ScoringError extends Error {
  override readonly name = "ScoringError";

  constructor(message: string, readonly errorCode: "BAD_REQUEST" | "INVALID_PARAMETER_VALUE") {
    super(message);
  }
}

const FIELDS = ["dataframe_split", "dataframe_records", "instances", "inputs"] as const;
const EXACTLY_ONE = "The input must be a JSON dictionary with exactly one of the input fields " +
  "{'dataframe_records', 'dataframe_split', 'instances', 'inputs'}";

type Fields = Readonly<Record<string, unknown>>;

/**
 * The rows of a JSON body: `dataframe_split`, `dataframe_records`, `instances` or `inputs`, with `params` beside it.
 * Columns that the model does not take are left out, and those it takes may come in any order.
 *
 * @throws {ScoringError} `BAD_REQUEST` for another form, `INVALID_PARAMETER_VALUE` when inputs are missing.
 */
export function scoringRows(signature: ModelSignature, body: unknown): ScoringRows {
  if (!isFields(body)) throw badRequest(`${EXACTLY_ONE}. Received: ${typeNameOf(body)}`);
  const asked = askedText(body);
  if (asked !== undefined) return { rows: asked, params: {}, isWrapped: false };
  const given = FIELDS.filter((field) => Object.hasOwn(body, field));
  const others = Object.keys(body).filter((name) =>
    name !== "params" && !(FIELDS as readonly string[]).includes(name)
  );
  const [field] = given;
  if (field === undefined || given.length > 1 || others.length > 0) {
    throw badRequest(`${EXACTLY_ONE}. Received dictionary with input fields: ${listed(body)}`);
  }
  const { params = {} } = body;
  if (!isFields(params)) throw badRequest(`params must be a dictionary, got ${typeNameOf(params)}`);
  const rows = READERS[field](body[field]).map((row) => fitted(signature, row));
  return { rows, params, isWrapped: true };
}

/**
 * The rows of CSV whose first line names the columns. Values are read as the signature's types; an empty one is missing.
 *
 * @throws {ScoringError} `BAD_REQUEST` when it is no CSV, `INVALID_PARAMETER_VALUE` when inputs are missing.
 */
export async function scoringCsv(signature: ModelSignature, text: string): Promise<ScoringRows> {
  const { parse } = await import("csv-parse/sync");
  let lines: string[][];
  try {
    lines = parse(text, {
      bom: true,
      skip_empty_lines: true,
      record_delimiter: ["\r\n", "\n", "\r"],
    });
  } catch (cause) {
    throw badRequest(
      `Failed to parse input as a CSV file: ${cause instanceof Error ? cause.message : cause}`,
    );
  }
  const [columns, ...data] = lines;
  if (columns === undefined) throw badRequest("Failed to parse input as a CSV file: it is empty");
  const types = new Map(signature.inputs.map(({ name, type }) => [name, type]));
  const rows = data.map((line) =>
    Object.fromEntries(columns.map((name, i) => [name, readCell(types.get(name), line[i]!)]))
  );
  return { rows: rows.map((row) => fitted(signature, row)), params: {}, isWrapped: true };
}

/** The field of a chat or completion client, for models of one text. */
function askedText(body: Fields): readonly unknown[] | undefined {
  for (const name of ["prompt", "input"]) {
    const value = body[name];
    if (typeof value === "string") return [value];
    if (
      Array.isArray(value) && value.length > 0 && value.every((each) => typeof each === "string")
    ) {
      return value;
    }
  }
  return undefined;
}

const READERS: Readonly<Record<typeof FIELDS[number], (value: unknown) => readonly unknown[]>> = {
  dataframe_split(value) {
    if (!isFields(value) || !Array.isArray(value.columns) || !Array.isArray(value.data)) {
      throw badRequest("dataframe_split must hold the lists columns and data");
    }
    const { columns, data } = value;
    return data.map((line: unknown, row) => {
      if (!Array.isArray(line) || line.length !== columns.length) {
        throw badRequest(
          `row ${row + 1} of dataframe_split.data must hold ${columns.length} values`,
        );
      }
      return Object.fromEntries(columns.map((name: unknown, i) => [String(name), line[i]]));
    });
  },
  dataframe_records(value) {
    if (Array.isArray(value) && value.every(isFields)) return value;
    throw badRequest("dataframe_records must be a list of dictionaries");
  },
  instances(value) {
    if (Array.isArray(value)) return value.map(asRow);
    throw badRequest("instances must be a list");
  },
  inputs(value) {
    if (Array.isArray(value)) return value.map(asRow);
    if (isFields(value)) return columnMajor(value);
    if (typeof value === "string") return [value];
    throw badRequest("inputs must be a list or a dictionary of lists");
  },
};

/** A number, text or truth alone is a row of one value. */
function asRow(row: unknown): unknown {
  return typeof row === "object" && row !== null ? row : [row];
}

function columnMajor(columns: Fields): readonly unknown[] {
  const lists = Object.entries(columns).map(([name, value]) =>
    [name, Array.isArray(value) ? value : [value]] as const
  );
  const lengths = new Set(lists.map(([, list]) => list.length));
  if (lengths.size > 1) throw badRequest("the lists of inputs must be of one length");
  const [length = 0] = lengths;
  return Array.from(
    { length },
    (_, row) => Object.fromEntries(lists.map(([name, list]) => [name, list[row]])),
  );
}

/** What the model takes of a row, and nothing else. */
function fitted({ inputs }: ModelSignature, row: unknown): unknown {
  if (!isFields(row)) return row;
  const missing = inputs.filter(({ name, nullable }) => !nullable && !Object.hasOwn(row, name));
  if (missing.length > 0) {
    const names = missing.map(({ name }) => `'${name}'`).join(", ");
    throw new ScoringError(
      `Failed to enforce schema of data. Error: Model is missing inputs [${names}].`,
      "INVALID_PARAMETER_VALUE",
    );
  }
  return Object.fromEntries(
    inputs.map(({ name }) => [name, Object.hasOwn(row, name) ? row[name] : null]),
  );
}

function readCell(type: ColumnType | undefined, text: string): unknown {
  if (type === "string" || type === undefined) return text === "" ? null : text;
  if (/^(nan|na|null|none)?$/i.test(text.trim())) return null;
  if (type !== "boolean") return Number.isNaN(Number(text)) ? text : Number(text);
  return /^true$/i.test(text) ? true : /^false$/i.test(text) ? false : text;
}

function badRequest(message: string): ScoringError {
  return new ScoringError(message, "BAD_REQUEST");
}

function listed(body: Fields): string {
  return `[${Object.keys(body).map((name) => `'${name}'`).join(", ")}]`;
}

function typeNameOf(value: unknown): string {
  return value === null ? "null" : Array.isArray(value) ? "list" : typeof value;
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
