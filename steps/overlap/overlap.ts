import { z } from "zod";
import { type DatasetHandle, defineStep, type Step, type StepContext } from "../../pipeline/mod.ts";
import { grouped } from "../grouped.ts";
import { paced } from "../paced.ts";
import { requireColumns } from "../sample/row_keys.ts";

/** What is compared. */
export interface OverlapGiven {
  /** Column whose equal values count as equal rows, e.g. the text. */
  readonly column: string;
}

const schema: z.ZodType<OverlapGiven, OverlapGiven> = z.strictObject({ column: z.string().min(1) });

/** Names of the metrics that it produces. */
export const OVERLAP_METRICS = [
  "training_duplicates",
  "test_duplicates",
  "test_in_training",
] as const;

/**
 * Counts values that occur more than once, and those of the test that training saw: a model knows these by heart.
 * `report` is `{ column, training_rows, test_rows, training_duplicates, test_duplicates, test_in_training }`, all counts of
 * rows; rows without a value do not count.
 *
 * @throws {ExplainedError} `dataset/missing-column`.
 */
export const overlap: Step<
  { readonly training: "dataset"; readonly test: "dataset" },
  { readonly report: "json" },
  OverlapGiven,
  OverlapGiven
> = defineStep({
  module: import.meta.url,
  name: "overlap",
  inputs: { training: "dataset", test: "dataset" },
  outputs: { report: "json" },
  params: schema,
  metrics: () => OVERLAP_METRICS,
  async run(context, { training, test }, { column }) {
    for (const { schema: { columns } } of [training, test]) {
      requireColumns(columns.map(({ name }) => name), { column });
    }
    const known = new Set<string>();
    const trainingDuplicates = await countRepeated(context, training, column, known);
    const seen = new Set<string>();
    let shared = 0;
    const testDuplicates = await countRepeated(context, test, column, seen, (value) => {
      if (known.has(value)) shared++;
    });
    const counts = {
      training_duplicates: trainingDuplicates,
      test_duplicates: testDuplicates,
      test_in_training: shared,
    };
    for (const name of OVERLAP_METRICS) context.metric(name, counts[name]);
    context.summary(
      `${grouped(trainingDuplicates)} duplicates · ${grouped(shared)} of the test are in training`,
    );
    const rows = { training_rows: training.schema.rowCount, test_rows: test.schema.rowCount };
    return { report: { column, ...rows, ...counts } };
  },
});

/** Counts rows whose value was there before, and puts every value into `seen`. */
async function countRepeated(
  context: StepContext,
  dataset: DatasetHandle,
  column: string,
  seen: Set<string>,
  onValue: (value: string) => void = () => {},
): Promise<number> {
  let repeated = 0;
  for await (const row of paced(context, dataset.rows())) {
    const cell = row[column] ?? null;
    if (cell === null) continue;
    const value = String(cell);
    if (seen.has(value)) repeated++;
    else seen.add(value);
    onValue(value);
  }
  return repeated;
}
