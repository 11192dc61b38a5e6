import { deepEqual, rejects } from "node:assert/strict";
import type { Row } from "../../pipeline/mod.ts";
import { openFakeContext, runStep } from "../_fake_context.ts";
import { overlap } from "./overlap.ts";

const columns = { id: "integer", text: "string" } as const;
const rowsOf = (texts: readonly (string | null)[]): Row[] =>
  texts.map((text, id) => ({ id, text }));

Deno.test("overlap counts repeated texts, and those of the test that training has", async () => {
  await using fake = await openFakeContext();
  const training = await fake.dataset(columns, rowsOf(["a", "b", "a", "a", null, null, "c"]));
  const test = await fake.dataset(columns, rowsOf(["a", "d", "d", "c", "a", null]));

  const { report } = await runStep(overlap, fake.context, {
    inputs: { training, test },
    params: { column: "text" },
  });

  deepEqual(report, {
    column: "text",
    training_rows: 7,
    test_rows: 6,
    training_duplicates: 2,
    test_duplicates: 2,
    test_in_training: 3,
  });
  deepEqual(fake.summaries, ["2 duplicates · 3 of the test are in training"]);
  deepEqual(fake.metrics.map(({ name, value }) => [name, value]), [
    ["training_duplicates", 2],
    ["test_duplicates", 2],
    ["test_in_training", 3],
  ]);
});

Deno.test("overlap names a column that is not there", async () => {
  await using fake = await openFakeContext();
  const dataset = await fake.dataset(columns, rowsOf(["a"]));
  await rejects(
    () =>
      runStep(overlap, fake.context, {
        inputs: { training: dataset, test: dataset },
        params: { column: "txt" },
      }),
    { code: "dataset/missing-column", why: /did you mean "text"/ },
  );
});
