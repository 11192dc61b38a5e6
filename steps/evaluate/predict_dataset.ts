import {
  type Cell,
  type DatasetHandle,
  ExplainedError,
  type InferenceSession,
  type Mistake,
  type Preprocessor,
  type Row,
  type StepContext,
} from "../../pipeline/mod.ts";
import { rowChunks } from "../row_chunks.ts";
import { keepMistakes } from "./mistakes.ts";
import { likeliest, type Predictions } from "./predictions.ts";

/** What is predicted by what, and what is kept on the way. */
export interface PredictOptions {
  readonly dataset: DatasetHandle;
  readonly preprocessor: Preprocessor;
  readonly session: InferenceSession;
  /** Columns whose values are kept. */
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

/** Rows that are predicted at once. */
const CHUNK = 512;

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
  const mistakes = keepMistakes(limit);
  for await (const { firstRow, rows } of rowChunks(context, dataset, CHUNK)) {
    const answer = await session.run(preprocessor.encode(rows, { firstRow }));
    const part = answer.probabilities!.data as Float32Array; // [rows, labels]
    refuseNaN(part, firstRow, labels.length);
    probabilities.set(part, firstRow * labels.length);
    rows.forEach((row, i) => {
      for (const name of columns) cells[name]!.push(row[name] ?? null);
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
