import type { DatasetHandle, Preprocessor, Row, StepContext } from "../../pipeline/mod.ts";
import { rowChunks } from "../row_chunks.ts";
import { gatherPlacedTexts, type PlacedTexts } from "./recurrent/placed_texts.ts";

/** A split of sparse examples, one after the other. */
export interface SparseExamples {
  readonly count: number;
  /** Where each example begins in `ids` and `values`, and at the end where the last one ends. */
  readonly starts: Int32Array;
  readonly ids: Int32Array;
  readonly values: Float32Array;
  /** Class ids. */
  readonly targets: Int32Array;
  /** N-grams by place, when the preprocessing keeps them. */
  readonly placed?: PlacedTexts;
}

/** Rows that are encoded at once. */
const CHUNK = 512;

/**
 * Encodes a whole split.
 *
 * @throws {ExplainedError} `preprocessing/bad-rows`, or `preprocessing/unknown-label`.
 */
export async function encodeSparseExamples(
  context: StepContext,
  dataset: DatasetHandle,
  preprocessor: Preprocessor,
): Promise<SparseExamples> {
  const { rowCount } = dataset.schema;
  const { column } = preprocessor.fitted.label;
  const labels: Row[] = [];
  const starts = new Int32Array(rowCount + 1);
  let ids = new Int32Array(0);
  let values = new Float32Array(0);
  let end = 0;
  const placed = keepsPlaces(preprocessor) ? gatherPlacedTexts(rowCount) : undefined;
  const lists = rowChunks(context, dataset, CHUNK);
  for await (
    const [{ firstRow, rows }, encoded] of context.preprocessing.encodeMany(preprocessor, lists)
  ) {
    const length = encoded.ids!.shape[1]!;
    const given = {
      ids: encoded.ids!.data as Int32Array,
      values: encoded.values!.data as Float32Array,
    };
    if (end + given.ids.length > ids.length) {
      const size = end + given.ids.length + expectedLength(end, firstRow, rowCount);
      ids = copied(new Int32Array(size), ids);
      values = copied(new Float32Array(size), values);
    }
    for (let row = 0; row < rows.length; row++) {
      labels.push({ [column]: rows[row]![column] ?? null });
      const from = row * length;
      const to = endOfRow(given.values, from, from + length);
      ids.set(given.ids.subarray(from, to), end);
      values.set(given.values.subarray(from, to), end);
      end += to - from;
      starts[firstRow + row + 1] = end;
    }
    placed?.add(encoded.places!.data as Int32Array, encoded.places!.shape);
    context.progress({ done: firstRow + rows.length, total: rowCount, unit: "texts" });
  }
  const targets = preprocessor.encodeLabels(labels).data as Int32Array;
  return {
    count: rowCount,
    starts,
    ids: ids.subarray(0, end),
    values: values.subarray(0, end),
    targets,
    ...(placed === undefined ? {} : { placed: placed.finish() }),
  };
}

function keepsPlaces({ fitted: { features: [feature] } }: Preprocessor): boolean {
  return feature?.as === "ngrams" && feature.places !== undefined;
}

/** Where the values of a row end, behind which it is 0. */
function endOfRow(values: Float32Array, start: number, end: number): number {
  let [low, high] = [start, end];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (values[middle] === 0) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Room for the rest of the rows, if they are like those so far, and a little more. */
function expectedLength(soFar: number, rows: number, rowCount: number): number {
  return rows === 0 ? 0 : Math.ceil(1.1 * (soFar / rows) * (rowCount - rows));
}

function copied<Data extends Int32Array | Float32Array>(into: Data, from: Data): Data {
  into.set(from);
  return into;
}
