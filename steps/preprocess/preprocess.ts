import {
  defineStep,
  ExplainedError,
  type FittedPreprocessing,
  type PreprocessingSpec,
  type Step,
} from "../../pipeline/mod.ts";
import { grouped } from "../grouped.ts";
import { paced } from "../paced.ts";
import { autoFeatures } from "./auto_features.ts";
import {
  type PreprocessGiven,
  type PreprocessParams,
  preprocessParams,
} from "./preprocess_params.ts";

/** Categories from which on a column that nobody chose to be categorical is taken for an id or a text. */
const MOST_AUTO_CATEGORIES = 500;

/**
 * Learns from the training split how raw rows become numbers.
 *
 * @throws {ExplainedError} `preprocess/unknown-column`, `preprocess/too-many-categories`, and what
 * `PreprocessingPort.fit` throws.
 */
export const preprocess: Step<
  { readonly dataset: "dataset" },
  { readonly preprocessing: "preprocessing" },
  PreprocessGiven,
  PreprocessParams
> = defineStep({
  module: import.meta.url,
  name: "preprocess",
  inputs: { dataset: "dataset" },
  outputs: { preprocessing: "preprocessing" },
  params: preprocessParams,
  uses: ["preprocessing"],
  async run(context, { dataset }, params) {
    const spec: PreprocessingSpec = {
      label: params.label,
      features: params.features === "auto"
        ? autoFeatures(dataset.schema.columns, params)
        : params.features,
    };
    const preprocessing = await context.preprocessing.fit(spec, paced(context, dataset.rows()));
    refuseManyCategories(preprocessing, params);
    const { features, width, label } = preprocessing;
    const found = features.some(({ as }) => as === "ngrams")
      ? `${grouped(width)} n-grams`
      : `${features.length} columns → ${width} numbers`;
    context.summary(`${found} · ${label.labels.length} labels`);
    return { preprocessing };
  },
});

function refuseManyCategories(
  { features }: FittedPreprocessing,
  params: PreprocessParams,
): void {
  if (params.features !== "auto") return;
  const wide = features.filter((feature) =>
    feature.as === "category" && feature.categories.length > MOST_AUTO_CATEGORIES &&
    params.columns[feature.column] === undefined
  );
  if (wide.length === 0) return;
  const found = wide.map((feature) =>
    `column "${feature.column}" holds ${feature.as === "category" && feature.categories.length}`
  );
  throw new ExplainedError("preprocess/too-many-categories", {
    what: "Cannot choose the features",
    why: `${found.join(", ")} different values, more than ${MOST_AUTO_CATEGORIES}`,
    fix: `Leave it out (columns: { ${wide[0]!.column}: ignore }), or say { as: category }`,
  });
}
