import { z } from "zod";
import {
  type DatasetHandle,
  defineStep,
  ExplainedError,
  listProblems,
  type Step,
} from "../../pipeline/mod.ts";
import { grouped } from "../grouped.ts";
import { markedRows } from "../sample/marked_rows.ts";
import { readRowKeys } from "../sample/row_keys.ts";
import { assignSplits, SPLITS } from "./assign_splits.ts";
import { checkLabels } from "./check_labels.ts";

/** How rows are shared among training, validation and test. */
export interface SplitGiven {
  /** Share of the rows for validation, more than 0. The rest of both shares is for training. */
  readonly validation: number;
  /** Share of the rows for the test, more than 0. */
  readonly test: number;
  /** Column whose values get the same shares in every split, usually the label. @default null */
  readonly stratify?: string | null | undefined;
  /** Column whose equal values never part: a person, a text. Rows without a value stand alone. @default null */
  readonly group_by?: string | null | undefined;
  readonly seed: number;
  /** Column whose shares are compared with `max_label_shift`. @default the column of `stratify` */
  readonly label?: string | null | undefined;
  /** Most that the share of a label may differ between a split and the whole, 0 to 1. */
  readonly max_label_shift?: number | undefined;
  /** What to do when it differs by more. @default "fail" */
  readonly on_label_shift?: "warn" | "fail" | undefined;
}

/** Params of the split step, defaults filled in. */
export interface SplitParams extends SplitGiven {
  readonly stratify: string | null;
  readonly group_by: string | null;
  readonly label: string | null;
  readonly on_label_shift: "warn" | "fail";
}

const share = z.number().gt(0, "must be more than 0").lt(1, "must be less than 1");

const schema: z.ZodType<SplitParams, SplitGiven> = z.strictObject({
  validation: share,
  test: share,
  stratify: z.string().nullable().default(null),
  group_by: z.string().nullable().default(null),
  seed: z.int(),
  label: z.string().nullable().default(null),
  max_label_shift: z.number().min(0).max(1).optional(),
  on_label_shift: z.enum(["warn", "fail"]).default("fail"),
}).refine(({ validation, test }) => validation + test < 1, {
  message: "validation and test together must be less than 1, so that rows are left for training",
}).refine(
  ({ stratify, label, max_label_shift: most }) =>
    (label ?? stratify) !== null || most === undefined,
  {
    path: ["max_label_shift"],
    message: "needs `label` or `stratify` to know the labels",
  },
);

/**
 * Parts a dataset into disjoint splits. Equal rows never part; where a row goes depends on its content
 * and the seed only, not on the order of the rows.
 */
export const split: Step<
  { readonly dataset: "dataset" },
  { readonly training: "dataset"; readonly validation: "dataset"; readonly test: "dataset" },
  SplitGiven,
  SplitParams
> = defineStep({
  module: import.meta.url,
  name: "split",
  inputs: { dataset: "dataset" },
  outputs: { training: "dataset", validation: "dataset", test: "dataset" },
  params: schema,
  async run(context, { dataset }, params) {
    const { stratify, group_by: groupBy } = params;
    const salt = `split ${params.seed}`;
    const keys = await readRowKeys(context, dataset, { salt, stratify, groupBy });
    const splits = assignSplits(keys, [
      1 - params.validation - params.test,
      params.validation,
      params.test,
    ]);
    refuseEmptySplits(splits, params);
    const label = params.label ?? stratify;
    if (label !== null) {
      const labels = label === stratify
        ? keys
        : await readRowKeys(context, dataset, { salt, stratify: label, groupBy });
      checkLabels(context, { label, labels, splits, names: SPLITS }, params);
    }
    const write = (position: number): Promise<DatasetHandle> => {
      const { rowCount: _, ...schema } = dataset.schema;
      return context.artifacts.dataset(schema, markedRows(context, dataset, splits, position));
    };
    const training = await write(0);
    const validation = await write(1);
    const test = await write(2);
    context.summary(summaryOf({ training, validation, test }));
    return { training, validation, test };
  },
});

function refuseEmptySplits(splits: Uint8Array, params: SplitParams): void {
  const empty = SPLITS.filter((_, i) => !splits.includes(i));
  if (empty.length === 0) return;
  const { validation, test, group_by } = params;
  const shares = { training: 1 - validation - test, validation, test };
  const groups = group_by === null
    ? "equal rows stay together"
    : `rows of one "${group_by}" stay together`;
  throw new ExplainedError("split/empty", {
    what: `Cannot split ${splits.length} rows`,
    why: listProblems(
      empty.map((name) => `${name} (share ${Number(shares[name].toFixed(4))}) would get no row`),
    ),
    fix: `Raise the share, or give more rows; ${groups}`,
  });
}

function summaryOf(splits: Readonly<Record<string, DatasetHandle>>): string {
  return Object.entries(splits)
    .map(([name, { schema }]) => `${name} ${grouped(schema.rowCount)}`).join(" · ");
}
