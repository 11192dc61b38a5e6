import {
  type DatasetHandle,
  defineStep,
  ExplainedError,
  type FittedPreprocessing,
  type InferenceSession,
  type Preprocessor,
  type Step,
  type StepContext,
} from "../../pipeline/mod.ts";
import { grouped } from "../grouped.ts";
import { rowChunks } from "../row_chunks.ts";
import { modelFiles } from "../train/model_folder.ts";
import { openScores, type ValidationScores } from "../train/validation_scores.ts";
import { type LinearGiven, type LinearParams, linearParams } from "./linear_params.ts";
import { encodeSparseExamples } from "./sparse_examples.ts";
import { trainClasses } from "./train_classes.ts";

/** Names of the metrics that training produces. */
export const LINEAR_METRICS = [
  "validation_loss",
  "validation_accuracy",
  "passes",
  "features",
] as const;

/** Texts that are scored at once. */
const CHUNK = 256;

/**
 * Trains a linear classifier of texts on one split, to its only optimum, and scores it on another.
 *
 * @throws {ExplainedError} `train/no-rows`, `train/no-ngrams`, and what the preprocessing and the engine throw.
 */
export const trainLinear: Step<
  {
    readonly training: "dataset";
    readonly validation: "dataset";
    readonly preprocessing: "preprocessing";
  },
  { readonly model: "model"; readonly metrics: "metrics" },
  LinearGiven,
  LinearParams
> = defineStep({
  module: import.meta.url,
  name: "train-linear",
  inputs: { training: "dataset", validation: "dataset", preprocessing: "preprocessing" },
  outputs: { model: "model", metrics: "metrics" },
  params: linearParams,
  uses: ["engine", "preprocessing"],
  metrics: () => LINEAR_METRICS,
  async run(context, { training, validation, preprocessing }, params) {
    refuseUntrainable({ training, validation }, preprocessing);
    const preprocessor = context.preprocessing.open(preprocessing);
    const features = preprocessing.width;
    const classes = preprocessing.label.labels.length;
    const examples = await encodeSparseExamples(context, training, preprocessor);
    let passes = 0;
    const architecture = await trainClasses(context, examples, {
      ...{ features, classes, params },
      onPass: ({ pass, violation }) => {
        context.metric("violation", violation, { iteration: ++passes });
        context.progress({ done: pass, total: params.passes, unit: "passes" });
      },
    });

    const onnx = await context.engine.build(architecture, { classes, seed: params.seed });
    await using session = await context.engine.openInference(onnx);
    const scores = await scoreSplit(context, validation, { preprocessor, session });
    const model = await context.artifacts.folder(
      await modelFiles({
        ...{ onnx, scores, preprocessing, training, validation },
        tensors: { inputs: session.inputs, outputs: session.outputs },
        attribution: params.attribution,
        description: describe(params, { features, passes }),
      }),
    );
    const accuracy = scores.validation_accuracy.toFixed(4);
    context.summary(`validation accuracy ${accuracy} · ${grouped(features)} features`);
    return { model, metrics: { ...scores, passes, features } };
  },
});

function refuseUntrainable(
  splits: Readonly<Record<string, DatasetHandle>>,
  { features }: FittedPreprocessing,
): void {
  if (features.some(({ as }) => as !== "ngrams")) {
    throw new ExplainedError("train/no-ngrams", {
      what: "Cannot train a linear text classifier",
      why: `the preprocessing makes a vector of ${features.length} columns, not n-grams`,
      fix: "Give the preprocess step features: [{ column: …, as: ngrams }], or use the train step",
    });
  }
  const empty = Object.entries(splits).filter(([, { schema }]) => schema.rowCount === 0);
  if (empty.length === 0) return;
  throw new ExplainedError("train/no-rows", {
    what: "Cannot train",
    why: `${empty.map(([name]) => `the ${name} split`).join(" and ")} has no rows`,
    fix: "Give it more rows: raise the share of the split, or the sampling rate",
  });
}

async function scoreSplit(
  context: StepContext,
  dataset: DatasetHandle,
  { preprocessor, session }: {
    readonly preprocessor: Preprocessor;
    readonly session: InferenceSession;
  },
): Promise<ValidationScores> {
  const sum = openScores();
  for await (const { rows, firstRow } of rowChunks(context, dataset, CHUNK)) {
    const { logits } = await session.run(preprocessor.encode(rows, { firstRow }));
    sum.add(logits!, preprocessor.encodeLabels(rows).data as Int32Array);
  }
  const scores = sum.mean();
  context.metric("validation_loss", scores.validation_loss);
  context.metric("validation_accuracy", scores.validation_accuracy);
  return scores;
}

function describe(
  params: LinearParams,
  { features, passes }: { readonly features: number; readonly passes: number },
): string {
  const { cost, idf_power: idf, naive_bayes: share, seed } = params;
  return `Logistic regression on ${
    grouped(features)
  } character n-grams, weighed by idf^${idf} and ` +
    `naive-Bayes ratios (share ${share}), brought to length 1; L2-regularised (C ${cost}), solved by dual ` +
    `coordinate descent in ${passes} passes, seed ${seed}.`;
}
