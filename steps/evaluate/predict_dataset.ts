import {
  type Cell,
  type DatasetHandle,
  ExplainedError,
  type InferenceSession,
  isTextFeature,
  type Mistake,
  type Preprocessor,
  type Row,
  type StepContext,
  type Tensor,
} from "../../pipeline/mod.ts";
import { rowChunks } from "../row_chunks.ts";
import { keepMistakes } from "./mistakes.ts";
import { likeliest, type Predictions } from "./predictions.ts";
import { parseSliceKey, sliceCell } from "./slices.ts";

/** What is predicted by what, and what is kept on the way. */
export interface PredictOptions {
  readonly dataset: DatasetHandle;
  readonly preprocessor: Preprocessor;
  readonly session: InferenceSession;
  /** Columns whose values are kept; `length(column)` keeps the length of its texts. */
  readonly columns: readonly string[];
  /** Mistakes that are kept. */
  readonly mistakes: number;
}

/** What a model answered for every row of a dataset. */
export interface PredictedDataset {
  readonly predictions: Predictions;
  /** Values of the kept columns, by row. */
  readonly cells: Readonly<Record<string, readonly Cell[]>>;
  /** The most confident mistakes. */
  readonly mistakes: readonly Mistake[];
}

/** Rows that are predicted at once; of an encoder, which takes much memory for each, fewer. */
const BATCH = 512;
const ENCODER_BATCH = 64;

/** Rows of which batches are made: with texts of like length in a batch, little of it is empty. */
const CHUNK = 8 * BATCH;

/**
 * Predicts a dataset, chunk by chunk: only probabilities, labels and the kept columns stay in memory.
 *
 * @throws {ExplainedError} `evaluate/not-a-number` when the model answers with NaN, and what the preprocessing throws.
 */
export async function predictDataset(
  context: StepContext,
  { dataset, preprocessor, session, columns, mistakes: limit }: PredictOptions,
): Promise<PredictedDataset> {
  const { label: { column, labels } } = preprocessor.fitted;
  const actual = await classIdsOf(context, dataset, preprocessor);
  const probabilities = new Float32Array(actual.length * labels.length);
  const cells = Object.fromEntries(columns.map((name) => [name, [] as Cell[]]));
  const keys = columns.map((name) => [name, parseSliceKey(name)] as const);
  const mistakes = keepMistakes(limit);
  for await (const { firstRow, rows } of rowChunks(context, dataset, CHUNK)) {
    const part = await predictRows(context, rows, { firstRow, preprocessor, session }); // [rows, labels]
    refuseNaN(part, firstRow, labels.length);
    probabilities.set(part, firstRow * labels.length);
    rows.forEach((row, i) => {
      for (const [name, key] of keys) cells[name]!.push(sliceCell(row, key));
      const predicted = likeliest(part, i * labels.length, labels.length);
      const label = actual[firstRow + i]!;
      if (predicted === label) return;
      mistakes.add({
        row: firstRow + i,
        input: withoutColumn(row, column),
        label: labels[label]!,
        predicted: labels[predicted]!,
        confidence: part[i * labels.length + predicted]!,
      });
    });
    const done = firstRow + rows.length;
    context.progress({ done, total: dataset.schema.rowCount, unit: "examples" });
  }
  const predictions = { actual, probabilities, classes: labels.length };
  return { predictions, cells, mistakes: mistakes.list() };
}

/** Probabilities of rows, in their order. While the model works on a batch, the next one is encoded. */
async function predictRows(
  context: StepContext,
  rows: readonly Row[],
  { firstRow, preprocessor, session }: {
    readonly firstRow: number;
    readonly preprocessor: Preprocessor;
    readonly session: InferenceSession;
  },
): Promise<Float32Array> {
  const classes = preprocessor.fitted.label.labels.length;
  const part = new Float32Array(rows.length * classes);
  const order = orderByLength(rows, preprocessor);
  const encode = (places: readonly number[]) => {
    const isInOrder = places[0]! + places.length - 1 === places.at(-1);
    return preprocessor.encode(
      places.map((place) => rows[place]!),
      isInOrder ? { firstRow: firstRow + places[0]! } : {},
    );
  };
  const keep = (places: readonly number[], { probabilities }: Record<string, Tensor>): void =>
    places.forEach((place, i) =>
      part.set(
        probabilities!.data.subarray(i * classes, (i + 1) * classes) as Float32Array,
        place * classes,
      )
    );
  let running: Promise<void> = Promise.resolve();
  try {
    const size = preprocessor.fitted.features?.[0]?.as === "tokens" ? ENCODER_BATCH : BATCH;
    for (let at = 0; at < order.length; at += size) {
      const places = order.slice(at, at + size);
      const inputs = encode(places);
      await running;
      running = session.run(inputs).then((outputs) => keep(places, outputs));
      running.catch(() => {}); // it is waited for after the next batch was encoded
      await context.yield();
    }
  } finally {
    await running; // nothing may run any more when the session is closed
  }
  return part;
}

/** Places of the rows, those of short texts first; as they stand when their tensors are all of one length. */
function orderByLength(rows: readonly Row[], { fitted }: Preprocessor): readonly number[] {
  const places = rows.map((_, place) => place);
  const text = fitted.features?.find(isTextFeature)?.column;
  if (text === undefined) return places;
  const lengths = rows.map((row) => String(row[text]).length);
  return places.sort((a, b) => lengths[a]! - lengths[b]! || a - b);
}

/** A first pass over the labels alone, so that every unknown one is told at once. */
async function classIdsOf(
  context: StepContext,
  dataset: DatasetHandle,
  preprocessor: Preprocessor,
): Promise<Int32Array> {
  const { column } = preprocessor.fitted.label;
  const labels: Row[] = [];
  for await (const { rows } of rowChunks(context, dataset, CHUNK)) {
    labels.push(...rows.map((row) => ({ [column]: row[column] ?? null })));
  }
  return preprocessor.encodeLabels(labels).data as Int32Array;
}

function withoutColumn(row: Row, column: string): Row {
  return Object.fromEntries(Object.entries(row).filter(([name]) => name !== column));
}

function refuseNaN(probabilities: Float32Array, firstRow: number, classes: number): void {
  const place = probabilities.findIndex(Number.isNaN);
  if (place < 0) return;
  throw new ExplainedError("evaluate/not-a-number", {
    what: "Cannot evaluate the model",
    why: `it answers NaN for row ${firstRow + Math.floor(place / classes) + 1}`,
    fix: "Train it again with a smaller learning_rate: its weights ran away",
  });
}
