import type { DatasetHandle, Row, StepContext } from "../pipeline/mod.ts";
import { paced } from "./paced.ts";

/** Rows side by side, and where in the dataset they begin. */
export interface RowChunk {
  /** Position of the first row, from 0. */
  readonly firstRow: number;
  readonly rows: readonly Row[];
}

/** Reads a dataset in chunks of at most `size` rows. */
export async function* rowChunks(
  context: StepContext,
  dataset: DatasetHandle,
  size: number,
): AsyncIterable<RowChunk> {
  let firstRow = 0;
  let rows: Row[] = [];
  for await (const row of paced(context, dataset.rows())) {
    rows.push(row);
    if (rows.length < size) continue;
    yield { firstRow, rows };
    firstRow += rows.length;
    rows = [];
  }
  if (rows.length > 0) yield { firstRow, rows };
}
