import { MODEL_FILES } from "../../pipeline/mod.ts";
import { openFolder, openValue } from "../artifacts/artifact_codec.ts";
import type { Store } from "../store/mod.ts";
import type { FinishedStep } from "./execute_run.ts";
import type { RunCard } from "./run_summary.ts";

/** What the closing card shows beside the summary: mistakes to look at, and a row to predict. */
export async function readCard(store: Store, steps: readonly FinishedStep[]): Promise<RunCard> {
  const records = steps.flatMap(({ outputs }) => Object.values(outputs));
  const evaluation = records.findLast(({ kind }) => kind === "evaluation");
  const model = records.findLast(({ kind }) => kind === "model");
  const example = model?.files.some(({ path }) => path === MODEL_FILES.inputExample)
    ? await openFolder(model, store.blobs).readJson(MODEL_FILES.inputExample)
    : null;
  return {
    mistakes: evaluation === undefined ? [] : (await openValue(
      { ...evaluation, kind: "evaluation" },
      store.blobs,
    )).mistakes.slice(0, 3),
    inputExample: firstRow(example),
  };
}

/** An input example is one row, or a list of them. */
function firstRow(example: unknown): Readonly<Record<string, unknown>> | null {
  const row: unknown = Array.isArray(example) ? example[0] : example;
  return typeof row === "object" && row !== null ? row as Record<string, unknown> : null;
}
