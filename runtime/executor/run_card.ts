import { type JsonObject, MODEL_FILES } from "../../pipeline/mod.ts";
import { openFolder, openValue } from "../artifacts/artifact_codec.ts";
import type { Store } from "../store/mod.ts";
import type { FinishedStep } from "./finished_step.ts";
import type { RunCard } from "./run_summary.ts";

/** What the closing card shows beside the summary: mistakes to look at, and a row to predict. */
export async function readCard(store: Store, steps: readonly FinishedStep[]): Promise<RunCard> {
  const records = steps.flatMap(({ outputs }) => Object.values(outputs));
  const evaluation = records.findLast(({ kind }) => kind === "evaluation");
  const model = records.findLast(({ kind }) => kind === "model");
  const example = model?.files.some(({ path }) => path === MODEL_FILES.inputExample)
    ? await openFolder(model, store.blobs).readJson(MODEL_FILES.inputExample)
    : null;
  const inputExample = firstRow(example);
  const { mistakes } = evaluation === undefined
    ? { mistakes: [] }
    : await openValue({ ...evaluation, kind: "evaluation" }, store.blobs);
  const columns = Object.keys(inputExample ?? {});
  return {
    mistakes: mistakes.slice(0, 3).map((each) => ({
      ...each,
      input: inOrder(each.input, columns),
    })),
    inputExample,
  };
}

/** Stored JSON has its keys sorted; people want the columns as the data has them. */
function inOrder(input: JsonObject, columns: readonly string[]): JsonObject {
  const known = columns.filter((name) => name in input);
  return Object.fromEntries(
    [...new Set([...known, ...Object.keys(input)])].map((name) => [name, input[name]!]),
  );
}

/** An input example is one row, or a list of them. */
function firstRow(example: unknown): Readonly<Record<string, unknown>> | null {
  const row: unknown = Array.isArray(example) ? example[0] : example;
  return typeof row === "object" && row !== null ? row as Record<string, unknown> : null;
}
