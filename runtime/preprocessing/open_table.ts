import {
  didYouMean,
  ExplainedError,
  type FittedPreprocessing,
  labelText,
  listProblems,
  type Preprocessor,
  type Row,
  type Tensor,
} from "../../pipeline/mod.ts";
import { listBadRows } from "./bad_rows.ts";
import { encodeCategory } from "./category_feature.ts";
import { type FeatureEncoder, isMissing } from "./feature.ts";
import { encodeNgramRows } from "./ngram_rows.ts";
import { encodeNumber } from "./number_feature.ts";
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
  const encode = encoderOf(fitted, table);

  function encodeLabels(rows: readonly Row[]): Tensor {
    const ids = rows.map((row) =>
      isMissing(row[label]) ? undefined : classes.get(labelText(row[label]))
    );
    if (ids.includes(undefined)) throw unknownLabels(rows, fitted);
    return { type: "int32", shape: [rows.length], data: Int32Array.from(ids as number[]) };
  }

  if (table === undefined) return { fitted, encode, encodeLabels };
  return { fitted, encode, encodeLabels, openLists: (names) => listEncoder(table, names) };
}

/** Where each feature writes into the vector that they make together. */
interface TableLayout {
  readonly columns: readonly { column: string; encoder: FeatureEncoder; at: number }[];
  readonly width: number;
}

/** N-grams and tokens stand alone, and have no layout. */
function layOut({ features }: FittedPreprocessing): TableLayout | undefined {
  const columns: { column: string; encoder: FeatureEncoder; at: number }[] = [];
  let width = 0;
  for (const feature of features) {
    if (feature.as === "ngrams" || feature.as === "tokens") return undefined;
    const encoder = feature.as === "number" ? encodeNumber(feature) : encodeCategory(feature);
    columns.push({ column: feature.column, encoder, at: width });
    width += encoder.width;
  }
  return { columns, width };
}

function encoderOf(
  { features }: FittedPreprocessing,
  table: TableLayout | undefined,
): Preprocessor["encode"] {
  for (const feature of features) {
    if (feature.as === "ngrams") return encodeNgramRows(feature);
    if (feature.as === "tokens") return encodeTokenRows(feature);
  }
  const { columns, width } = table!;
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
  { columns, width }: TableLayout,
  names: readonly string[],
): ReturnType<NonNullable<Preprocessor["openLists"]>> {
  const places = columns.map(({ column }) => names.indexOf(column));
  return (rows) => {
    const data = new Float32Array(rows.length * width);
    for (let row = 0; row < rows.length; row++) {
      const values = rows[row]!;
      const start = row * width;
      for (let i = 0; i < columns.length; i++) {
        const { encoder, at } = columns[i]!;
        if (encoder.encode(values[places[i]!], data, start + at) !== null) return undefined;
      }
    }
    return { features: { type: "float32", shape: [rows.length, width], data } };
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
