import { deepEqual, equal, match, rejects } from "node:assert/strict";
import type { Row } from "../../pipeline/mod.ts";
import { openFakeContext, rowsOf, runStep } from "../_fake_context.ts";
import { holdout } from "./holdout.ts";

const columns = { id: "integer", text: "string", label: "string" } as const;

/** 200 rows; every text occurs twice, a third of the labels is "yes". */
const rows: readonly Row[] = Array.from({ length: 200 }, (_, id) => ({
  id,
  text: `text ${id >> 1}`,
  label: (id >> 1) % 3 === 0 ? "yes" : "no",
}));

const params = { validation: 0.2, seed: 1, stratify: "label", group_by: "text" };

async function parts(
  given: readonly Row[],
  use: Partial<Parameters<typeof holdout>[1]["params"]> = {},
) {
  await using fake = await openFakeContext();
  const dataset = await fake.dataset(columns, given);
  const split = await runStep(holdout, fake.context, {
    inputs: { dataset },
    params: { ...params, ...use },
  });
  return {
    training: await rowsOf(split.training),
    validation: await rowsOf(split.validation),
    summaries: fake.summaries,
    logs: fake.logs,
  };
}

Deno.test("holdout gives every row to one split, groups whole, labels in their shares", async () => {
  const { training, validation, summaries } = await parts(rows);

  const ids = [...training, ...validation].map(({ id }) => Number(id)).sort((a, b) => a - b);
  deepEqual(ids, rows.map(({ id }) => id));
  const held = new Set(validation.map(({ text }) => text));
  equal(training.some(({ text }) => held.has(text)), false);
  equal(Math.abs(validation.length - 40) <= 2, true);
  const yes = validation.filter(({ label }) => label === "yes").length;
  equal(Math.abs(yes - 68 * 0.2) <= 2, true);
  deepEqual(summaries, [`training ${training.length} · validation ${validation.length}`]);
});

Deno.test("holdout does not depend on the order of rows, but on the seed", async () => {
  const once = await parts(rows);
  const sortedIds = (split: readonly Row[]) => split.map(({ id }) => Number(id)).sort();

  const reversed = await parts(rows.toReversed());
  const other = await parts(rows, { seed: 2 });

  deepEqual(sortedIds(reversed.validation), sortedIds(once.validation));
  equal(sortedIds(other.validation).join() === sortedIds(once.validation).join(), false);
});

Deno.test("holdout refuses to leave a split empty", async () => {
  await rejects(() => parts(rows.slice(0, 2)), {
    code: "split/empty",
    why: "validation would get no row",
  });
});

Deno.test("holdout warns of shares that differ, or fails", async () => {
  // One text, so one group, has all of a label: wherever it goes, the shares differ.
  const lumped = rows.map((row) => row.label === "yes" ? { ...row, text: "one" } : row);
  const { logs } = await parts(lumped, { max_label_shift: 0.05, on_label_shift: "warn" });

  equal(logs.length, 2);
  match(logs[0]!.message, /^training has \d+\.\d % of label "(yes|no)", the whole has \d+\.\d %$/);
  equal(logs[0]!.level, "warning");
  await rejects(() => parts(lumped, { max_label_shift: 0.05 }), { code: "split/label-shift" });
  deepEqual((await parts(rows, { max_label_shift: 0.05 })).logs, []);
});
