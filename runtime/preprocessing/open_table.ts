import {
  didYouMean,
  ExplainedError,
  type FittedNumber,
  type FittedPreprocessing,
  labelText,
  listProblems,
  type Preprocessor,
  type Row,
  type Tensor,
} from "../../pipeline/mod.ts";
import { listBadRows } from "./bad_rows.ts";
import { encodeCategory } from "./category_feature.ts";
import { type FeatureEncoder, isMissing, isUsableNumber } from "./feature.ts";
import { encodeNgramRows } from "./ngram_rows.ts";
import { encodeNumber, withinFloat32 } from "./number_feature.ts";
import { parseFitted } from "./parse_fitted.ts";
import { encodeTokenRows } from "./token_rows.ts";

/**
 * Readies a fitted preprocessing.
 *
 * @throws {ExplainedError} `preprocessing/damaged` when it is not of the form that `fit` makes.
 */
export function openTable(given: FittedPreprocessing): Preprocessor {
  const fitted = parseFitted(given);
  const { column: label, labels } = fitted.label;
  const classes = new Map(labels.map((name, id) => [name, id]));
  const table = layOut(fitted);
  const encoders = encodersOf(fitted, table);

  function encodeLabels(rows: readonly Row[]): Tensor {
    const ids = rows.map((row) =>
      isMissing(row[label]) ? undefined : classes.get(labelText(row[label]))
    );
    if (ids.includes(undefined)) throw unknownLabels(rows, fitted);
    return { type: "int32", shape: [rows.length], data: Int32Array.from(ids as number[]) };
  }

  if (table === undefined) return { fitted, encodeLabels, ...encoders };
  return {
    fitted,
    encodeLabels,
    ...encoders,
    openLists: (names) => listEncoder(table, names),
    openRow: (names) => {
      const write = listWriter(table, names);
      return (row, into) => into.length === table.width && write(row, into.fill(0), 0);
    },
  };
}

type NumberScale = Pick<FittedNumber, "shift" | "divisor">;

interface TableColumn {
  readonly column: string;
  readonly encoder: FeatureEncoder;
  readonly at: number;
  /** Of a number that is scaled and nothing else, when it is there. */
  readonly scale: NumberScale | undefined;
}

/** Where each feature writes into the vector that they make together. */
interface TableLayout {
  readonly columns: readonly TableColumn[];
  readonly width: number;
}

/** N-grams and tokens stand alone, and have no layout. */
function layOut({ features }: FittedPreprocessing): TableLayout | undefined {
  const columns: TableColumn[] = [];
  let width = 0;
  for (const feature of features) {
    if (feature.as === "ngrams" || feature.as === "tokens") return undefined;
    const encoder = feature.as === "number" ? encodeNumber(feature) : encodeCategory(feature);
    const scale = feature.as === "number" && !feature.indicator ? feature : undefined;
    columns.push({ column: feature.column, encoder, at: width, scale });
    width += encoder.width;
  }
  return { columns, width };
}

function encodersOf(
  { features }: FittedPreprocessing,
  table: TableLayout | undefined,
): Pick<Preprocessor, "encode" | "countTokens"> {
  for (const feature of features) {
    if (feature.as === "ngrams") return { encode: encodeNgramRows(feature) };
    if (feature.as === "tokens") return encodeTokenRows(feature);
  }
  return { encode: encodeTable(table!) };
}

function encodeTable({ columns, width }: TableLayout): Preprocessor["encode"] {
  return (rows, { firstRow = 0 } = {}) => {
    const data = new Float32Array(rows.length * width);
    const bad = listBadRows();
    for (let row = 0; row < rows.length; row++) {
      const values = rows[row]!;
      const start = row * width;
      for (let place = 0; place < columns.length; place++) {
        const { column, encoder, at } = columns[place]!;
        const expected = encoder.encode(values[column], data, start + at);
        if (expected !== null) bad.add(values, { row: firstRow + row, column, expected });
      }
    }
    bad.refuse(`Cannot encode ${rows.length === 1 ? "the row" : `${rows.length} rows`}`);
    return { features: { type: "float32", shape: [rows.length, width], data } };
  };
}

function listEncoder(
  table: TableLayout,
  names: readonly string[],
): ReturnType<NonNullable<Preprocessor["openLists"]>> {
  const { width } = table;
  const write = listWriter(table, names);
  return (rows) => {
    const data = new Float32Array(rows.length * width);
    for (let row = 0; row < rows.length; row++) {
      if (!write(rows[row]!, data, row * width)) return undefined;
    }
    return { features: { type: "float32", shape: [rows.length, width], data } };
  };
}

function listWriter({ columns }: TableLayout, names: readonly string[]): ListWriter {
  const places = columns.map(({ column }) => names.indexOf(column));
  return columns.every(({ scale }) => scale !== undefined)
    ? scaleNumbers(columns.map(({ scale }) => scale!), places)
    : encodeEach(columns, places);
}

/** Writes one row from a place on, where zeros are; `false` when a value is refused. */
type ListWriter = (values: readonly unknown[], into: Float32Array, start: number) => boolean;

function encodeEach(columns: TableLayout["columns"], places: readonly number[]): ListWriter {
  return (values, into, start) => {
    for (let i = 0; i < columns.length; i++) {
      const { encoder, at } = columns[i]!;
      if (encoder.encode(values[places[i]!], into, start + at) !== null) return false;
    }
    return true;
  };
}

/** Numbers alone: as `encodeNumber`, in one loop. */
function scaleNumbers(scales: readonly NumberScale[], places: readonly number[]): ListWriter {
  const shifts = Float64Array.from(scales, ({ shift }) => shift);
  const divisors = Float64Array.from(scales, ({ divisor }) => divisor);
  return (values, into, start) => {
    for (let i = 0; i < shifts.length; i++) {
      const value = values[places[i]!];
      if (!isUsableNumber(value)) return false;
      into[start + i] = withinFloat32((value - shifts[i]!) / divisors[i]!);
    }
    return true;
  };
}

/** One problem per unknown label, with the first row that has it and how many have it. */
function unknownLabels(
  rows: readonly Row[],
  { label: { column, labels } }: FittedPreprocessing,
): ExplainedError {
  const known = new Set(labels);
  const found = new Map<string | null, { first: number; count: number }>();
  rows.forEach((row, first) => {
    const name = isMissing(row[column]) ? null : labelText(row[column]);
    if (name !== null && known.has(name)) return;
    const seen = found.get(name) ?? { first, count: 0 };
    found.set(name, { ...seen, count: seen.count + 1 });
  });
  const problems = [...found].map(([name, { first, count }]) => {
    const where = `${count === 1 ? "row" : `${count} rows, first in row`} ${first + 1}`;
    const what = name === null ? "nothing" : `${quote(name)}${didYouMean(name, labels)}`;
    return `column "${column}" holds ${what} in ${where}`;
  });
  return new ExplainedError("preprocessing/unknown-label", {
    what: "Cannot encode the labels",
    why: `${listProblems(problems)}; training saw ${labels.slice(0, 10).map(quote).join(", ")}${
      labels.length > 10 ? ` and ${labels.length - 10} more` : ""
    }`,
    fix: "Correct these labels, or split so that the training split holds every label",
  });
}

function quote(name: string): string {
  return JSON.stringify(name.length > 60 ? `${name.slice(0, 57)}…` : name);
}
