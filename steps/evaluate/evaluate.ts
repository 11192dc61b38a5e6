import { defineStep, type Evaluation, type Metrics, type Step } from "../../pipeline/mod.ts";
import { grouped } from "../grouped.ts";
import { checkEvaluateParams, positiveClass } from "./check_params.ts";
import {
  classificationMetrics,
  CLASSIFIER_METRICS,
  metricPart,
  POSITIVE_METRICS,
  SLICE_METRICS,
} from "./classification_metrics.ts";
import { type EvaluateGiven, type EvaluateParams, evaluateParams } from "./evaluate_params.ts";
import { predictDataset } from "./predict_dataset.ts";
import { readModelFolder } from "./read_model_folder.ts";
import { scoreSlices, sliceMetricNames } from "./score_slices.ts";

/**
 * Measures a model on a split that it has not seen: as a whole, by class and by slice.
 *
 * A metric is named `accuracy`; of one class `f1/setosa`; of a slice `accuracy/plan:basic`. The run records those
 * of the whole split; a gate can demand all of them.
 *
 * @throws {ExplainedError} `evaluate/bad-params`, `evaluate/no-rows`, `evaluate/not-a-number`, and what the
 * preprocessing throws.
 */
export const evaluate: Step<
  { readonly model: "model"; readonly dataset: "dataset" },
  { readonly evaluation: "evaluation"; readonly metrics: "metrics" },
  EvaluateGiven,
  EvaluateParams
> = defineStep({
  module: import.meta.url,
  name: "evaluate",
  inputs: { model: "model", dataset: "dataset" },
  outputs: { evaluation: "evaluation", metrics: "metrics" },
  params: evaluateParams,
  uses: ["engine", "preprocessing"],
  metrics: producedMetrics,
  async run(context, { model, dataset }, params) {
    const folder = await readModelFolder(model, context.engine);
    const { onnx, externalData } = folder.files;
    const preprocessor = context.preprocessing.open(folder.preprocessing);
    const { labels } = preprocessor.fitted.label;
    checkEvaluateParams(params, { labels, schema: dataset.schema });
    await using session = await context.engine.openInference(onnx, externalData);

    const predicted = await predictDataset(context, {
      ...{ dataset, preprocessor, session },
      columns: params.slices,
      mistakes: params.mistakes,
    });
    const positive = positiveClass(labels, params.positive_label);
    const whole = classificationMetrics(predicted.predictions, { labels, positive });
    const slices = scoreSlices(predicted, { minRows: params.slice_min_rows, positive });

    for (const [name, value] of Object.entries(whole.metrics)) {
      context.metric(name, value, { bare: true });
    }
    if (slices.small > 0) {
      const some = slices.small === 1 ? "1 slice has" : `${slices.small} slices have`;
      context.log(`${some} fewer than ${params.slice_min_rows} rows: not scored`);
    }
    context.summary(
      `accuracy ${whole.metrics.accuracy!.toFixed(4)} · ${
        grouped(predicted.predictions.actual.length)
      } rows`,
    );
    const evaluation: Evaluation = {
      split: params.split,
      rows: predicted.predictions.actual.length,
      labels,
      metrics: nanAsText(whole.metrics),
      confusion: whole.confusion,
      slices: Object.fromEntries(
        slices.scored.map((
          { column, value, metrics },
        ) => [`${column}=${value}`, nanAsText(metrics)]),
      ),
      mistakes: predicted.mistakes,
    };
    return { evaluation, metrics: { ...whole.metrics, ...sliceMetricNames(slices.scored) } };
  },
});

/** Names of the metrics it makes; `*` stands for labels and values, known only once it runs. */
function producedMetrics({ positive_label, slices }: EvaluateParams): readonly string[] {
  return [
    ...CLASSIFIER_METRICS,
    ...positive_label === undefined ? [] : POSITIVE_METRICS,
    ...POSITIVE_METRICS.map((name) => `${name}/*`),
    ...slices.flatMap((column) => SLICE_METRICS.map((name) => `${name}/${metricPart(column)}:*`)),
  ];
}

function nanAsText(metrics: Metrics): Evaluation["metrics"] {
  return Object.fromEntries(
    Object.entries(metrics).map(([name, value]) => [name, Number.isNaN(value) ? "NaN" : value]),
  );
}
