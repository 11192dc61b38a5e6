import { z } from "zod";
import { type DatasetHandle, defineStep, ExplainedError, type Step } from "../../pipeline/mod.ts";
import { grouped } from "../grouped.ts";
import { markedRows } from "../sample/marked_rows.ts";
import { readRowKeys } from "../sample/row_keys.ts";
import { assignSplits } from "./assign_splits.ts";
import { checkLabels } from "./check_labels.ts";

/** How rows are held out for validation. */
export interface HoldoutGiven {
  /** Share of the rows for validation, more than 0 and less than 1. */
  readonly validation: number;
  /** Column whose values get the same shares in both splits, usually the label. @default null */
  readonly stratify?: string | null | undefined;
  /** Column whose equal values never part: a person, a text. Rows without a value stand alone. @default null */
  readonly group_by?: string | null | undefined;
  /** Most that the share of a value of `stratify` may differ between a split and the whole, 0 to 1. @default any */
  readonly max_label_shift?: number | undefined;
  /** @default "fail" */
  readonly on_label_shift?: "warn" | "fail" | undefined;
  readonly seed: number;
}

/** Params of the holdout step, defaults filled in. */
export interface HoldoutParams extends HoldoutGiven {
  readonly stratify: string | null;
  readonly group_by: string | null;
  readonly on_label_shift: "warn" | "fail";
}

const schema: z.ZodType<HoldoutParams, HoldoutGiven> = z.strictObject({
  validation: z.number().gt(0, "must be more than 0").lt(1, "must be less than 1"),
  stratify: z.string().nullable().default(null),
  group_by: z.string().nullable().default(null),
  max_label_shift: z.number().min(0).max(1).optional(),
  on_label_shift: z.enum(["warn", "fail"]).default("fail"),
  seed: z.int(),
}).refine(
  ({ stratify, max_label_shift: most }) => most === undefined || stratify !== null,
  { path: ["max_label_shift"], message: "needs `stratify` to know the labels" },
);

/**
 * Parts a dataset into training and validation, where the test is a file of its own. Equal rows never part; where
 * a row goes depends on its content and the seed only, not on the order of the rows.
 */
export const holdout: Step<
  { readonly dataset: "dataset" },
  { readonly training: "dataset"; readonly validation: "dataset" },
  HoldoutGiven,
  HoldoutParams
> = defineStep({
  module: import.meta.url,
  name: "holdout",
  inputs: { dataset: "dataset" },
  outputs: { training: "dataset", validation: "dataset" },
  params: schema,
  async run(context, { dataset }, params) {
    const { stratify, group_by: groupBy, validation: share } = params;
    const salt = `holdout ${params.seed}`;
    const keys = await readRowKeys(context, dataset, { salt, stratify, groupBy });
    const splits = assignSplits(keys, [1 - share, share, 0]);
    refuseEmpty(splits, params);
    if (stratify !== null) {
      const names = ["training", "validation"];
      checkLabels(context, { label: stratify, labels: keys, splits, names }, params);
    }
    const { rowCount: _, ...facts } = dataset.schema;
    const write = (position: number): Promise<DatasetHandle> =>
      context.artifacts.dataset(facts, markedRows(context, dataset, splits, position));
    const training = await write(0);
    const validation = await write(1);
    context.summary(
      `training ${grouped(training.schema.rowCount)} · validation ${
        grouped(validation.schema.rowCount)
      }`,
    );
    return { training, validation };
  },
});

function refuseEmpty(splits: Uint8Array, { validation, group_by }: HoldoutParams): void {
  if (splits.includes(0) && splits.includes(1)) return;
  throw new ExplainedError("split/empty", {
    what: `Cannot hold out ${validation} of ${splits.length} rows`,
    why: `${splits.includes(0) ? "validation" : "training"} would get no row`,
    fix: `Change the share, or give more rows; ${
      group_by === null ? "equal rows" : `rows of one "${group_by}"`
    } stay together`,
  });
}
