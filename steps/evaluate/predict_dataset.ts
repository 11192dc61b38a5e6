import {
  type Cell,
  type DatasetHandle,
  ExplainedError,
  type InferenceSession,
  isTextFeature,
  type Mistake,
  type Preprocessor,
  type Row,
  type RowList,
  type StepContext,
  type Tensor,
} from "../../pipeline/mod.ts";
import { type RowChunk, rowChunks } from "../row_chunks.ts";
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
  const keep = ({ places }: RowBatch, { probabilities: part }: Record<string, Tensor>): void => {
    refuseNaN(part!.data as Float32Array, places, labels.length);
    places.forEach((place, i) =>
      probabilities.set(
        part!.data.subarray(i * labels.length, (i + 1) * labels.length) as Float32Array,
        place * labels.length,
      )
    );
  };
  const look = ({ firstRow, rows }: RowChunk): void => {
    rows.forEach((row, i) => {
      for (const [name, key] of keys) cells[name]!.push(sliceCell(row, key));
      const at = (firstRow + i) * labels.length;
      const predicted = likeliest(probabilities, at, labels.length);
      const label = actual[firstRow + i]!;
      if (predicted === label) return;
      mistakes.add({
        row: firstRow + i,
        input: withoutColumn(row, column),
        label: labels[label]!,
        predicted: labels[predicted]!,
        confidence: probabilities[at + predicted]!,
      });
    });
    const done = firstRow + rows.length;
    context.progress({ done, total: dataset.schema.rowCount, unit: "examples" });
  };
  const batches = rowBatches(rowChunks(context, dataset, CHUNK), preprocessor);
  let running: Promise<void> = Promise.resolve();
  try {
    // While the model works on a batch, the next ones are encoded.
    for await (const [batch, inputs] of context.preprocessing.encodeMany(preprocessor, batches)) {
      await running;
      running = session.run(inputs).then((outputs) => {
        keep(batch, outputs);
        if (batch.ends !== undefined) look(batch.ends);
      });
      running.catch(() => {}); // it is waited for with the next batch
      await context.yield();
    }
  } finally {
    await running; // nothing may run any more when the session is closed
  }
  const predictions = { actual, probabilities, classes: labels.length };
  return { predictions, cells, mistakes: mistakes.list() };
}

/** Rows that are predicted at once. */
interface RowBatch extends RowList {
  /** Positions of the rows in the dataset. */
  readonly places: readonly number[];
  /** The chunk of which this is the last batch. */
  readonly ends?: RowChunk;
}

/** Cuts chunks into batches, of texts of like length where they are texts. */
async function* rowBatches(
  chunks: AsyncIterable<RowChunk>,
  preprocessor: Preprocessor,
): AsyncGenerator<RowBatch, void, undefined> {
  const { features } = preprocessor.fitted;
  const text = features?.find(isTextFeature)?.column;
  const size = features?.[0]?.as === "tokens" ? ENCODER_BATCH : BATCH;
  for await (const chunk of chunks) {
    const { firstRow, rows } = chunk;
    // Which row it is that has no text can only be said of rows in their order.
    if (text !== undefined && rows.some((row) => typeof row[text] !== "string")) {
      preprocessor.encode(rows, { firstRow });
    }
    const order = orderByLength(rows, text);
    for (let at = 0; at < order.length; at += size) {
      const some = order.slice(at, at + size);
      yield {
        rows: some.map((place) => rows[place]!),
        places: some.map((place) => firstRow + place),
        firstRow: firstRow + some[0]!,
        ...(at + size >= order.length ? { ends: chunk } : {}),
      };
    }
  }
}

/** Places of the rows, those of short texts first; as they stand when there are no texts. */
function orderByLength(rows: readonly Row[], text: string | undefined): readonly number[] {
  const places = rows.map((_, place) => place);
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

function refuseNaN(
  probabilities: Float32Array,
  places: readonly number[],
  classes: number,
): void {
  const place = probabilities.findIndex(Number.isNaN);
  if (place < 0) return;
  throw new ExplainedError("evaluate/not-a-number", {
    what: "Cannot evaluate the model",
    why: `it answers NaN for row ${places[Math.floor(place / classes)]! + 1}`,
    fix: "Train it again with a smaller learning_rate: its weights ran away",
  });
}
