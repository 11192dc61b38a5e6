import { z } from "zod";
import { defineStep, type Step } from "../../pipeline/mod.ts";
import { grouped } from "../grouped.ts";
import { chooseRows } from "./choose_rows.ts";
import { markedRows } from "./marked_rows.ts";
import { readRowKeys, requireColumns } from "./row_keys.ts";

/** How much to take. */
export interface SampleGiven {
  /** Share of the rows to keep: more than 0, at most 1 (all). */
  readonly rate: number;
  /** Column whose values keep their shares, usually the label. @default null */
  readonly stratify?: string | null | undefined;
  readonly seed: number;
  /** Most rows to keep, however many `rate` asks for. */
  readonly max_rows?: number | undefined;
}

/** Params of the sample step, defaults filled in. */
export interface SampleParams extends SampleGiven {
  readonly stratify: string | null;
}

const schema: z.ZodType<SampleParams, SampleGiven> = z.strictObject({
  rate: z.number()
    .gt(0, "must be more than 0: a sample of no rows trains nothing")
    .lte(1, "must be at most 1, which keeps all rows; 5 % is 0.05"),
  stratify: z.string().nullable().default(null),
  seed: z.int(),
  max_rows: z.int().positive().optional(),
});

/**
 * Keeps a share of the rows. The choice depends on the content of the rows and the seed only, not on
 * their order; a smaller sample is part of every larger one of the same seed.
 */
export const sample: Step<
  { readonly dataset: "dataset" },
  { readonly dataset: "dataset" },
  SampleGiven,
  SampleParams
> = defineStep({
  module: import.meta.url,
  name: "sample",
  inputs: { dataset: "dataset" },
  outputs: { dataset: "dataset" },
  params: schema,
  async run(context, { dataset }, params) {
    const { rowCount, ...schema } = dataset.schema;
    requireColumns(schema.columns.map(({ name }) => name), { stratify: params.stratify });
    const count = sampleSize(rowCount, params);
    context.summary(`${grouped(count)} of ${grouped(rowCount)} rows`);
    if (count === rowCount) return { dataset };
    const keys = await readRowKeys(context, dataset, {
      salt: `sample ${params.seed}`,
      stratify: params.stratify,
      groupBy: null,
    });
    const marks = chooseRows(keys, count);
    const notes = { ...schema.notes, sampled_from: rowCount };
    const rows = markedRows(context, dataset, marks, 1);
    return { dataset: await context.artifacts.dataset({ ...schema, notes }, rows) };
  },
});

/** Rows that a sample keeps: the rate's share, rounded, at least one, at most `max_rows`. */
export function sampleSize(
  rowCount: number,
  { rate, max_rows }: Pick<SampleGiven, "rate" | "max_rows">,
): number {
  return Math.min(rowCount, max_rows ?? Infinity, Math.max(1, Math.round(rowCount * rate)));
}
