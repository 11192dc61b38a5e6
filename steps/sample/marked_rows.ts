import type { DatasetHandle, Row, StepContext } from "../../pipeline/mod.ts";
import { openPace } from "../pace.ts";

/** The rows of a dataset that carry a mark, in order. */
export async function* markedRows(
  context: StepContext,
  dataset: DatasetHandle,
  marks: Uint8Array,
  mark: number,
): AsyncGenerator<Row, void, undefined> {
  const pace = openPace(context);
  let i = 0;
  for await (const row of dataset.rows()) {
    if (marks[i++] === mark) yield row;
    const rest = pace();
    if (rest !== undefined) await rest;
  }
}
