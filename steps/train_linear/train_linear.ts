import {
  type DatasetHandle,
  defineStep,
  ExplainedError,
  type FittedNgrams,
  type FittedPreprocessing,
  type InferenceSession,
  type Preprocessor,
  type RecurrentPart,
  type SparseLinearArchitecture,
  type Step,
  type StepContext,
} from "../../pipeline/mod.ts";
import { grouped } from "../grouped.ts";
import { rowChunks } from "../row_chunks.ts";
import { modelFiles } from "../train/model_folder.ts";
import { openScores, type ValidationScores } from "../train/validation_scores.ts";
import { type LinearGiven, type LinearParams, linearParams } from "./linear_params.ts";
import { gramScales } from "./recurrent/gram_scales.ts";
import { trainRecurrent } from "./recurrent/train_recurrent.ts";
import { encodeSparseExamples, type SparseExamples } from "./sparse_examples.ts";
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
    refuseNoPlaces(preprocessing, params);
    const preprocessor = context.preprocessing.open(preprocessing);
    const features = preprocessing.width;
    const classes = preprocessing.label.labels.length;
    const examples = await encodeSparseExamples(context, training, preprocessor);
    let passes = 0;
    const linear = await trainClasses(context, examples, {
      ...{ features, classes, params },
      onPass: ({ pass, violation }) => {
        context.metric("violation", violation, { iteration: ++passes });
        context.progress({ done: pass, total: params.passes, unit: "passes" });
      },
    });
    const architecture: SparseLinearArchitecture = params.recurrent === null
      ? linear
      : { ...linear, recurrent: await addRecurrence(context, examples, preprocessing, params) };

    const onnx = await context.engine.build(architecture, { classes, seed: params.seed });
    await using session = await context.engine.openInference(onnx);
    const scores = await scoreSplit(context, validation, { preprocessor, session });
    const model = await context.artifacts.folder(
      await modelFiles({
        ...{ files: { onnx, externalData: {} }, scores, preprocessing, training, validation },
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

function refuseNoPlaces({ features: [feature] }: FittedPreprocessing, params: LinearParams): void {
  if (params.recurrent === null || (feature as FittedNgrams).places !== undefined) return;
  throw new ExplainedError("train/no-places", {
    what: "Cannot train a recurrent part",
    why: "the preprocessing keeps no n-grams by place",
    fix: "Give the n-grams of the preprocess step places: { min_texts: 10, max_length: 128 }",
  });
}

async function addRecurrence(
  context: StepContext,
  { placed, targets }: SparseExamples,
  { features: [feature], label: { labels } }: FittedPreprocessing,
  { recurrent, seed }: LinearParams,
): Promise<RecurrentPart> {
  const scores = labels.length === 2 ? 1 : labels.length;
  const sides = new Uint8Array(targets.length * scores);
  targets.forEach((target, text) => {
    if (scores === 1) sides[text] = target;
    else sides[text * scores + target] = 1;
  });
  const grams = 2 + (feature as FittedNgrams).places!.count;
  const scales = gramScales(placed!, sides, { scores, grams });
  await context.yield();
  return await trainRecurrent(context, { texts: placed!, sides, scores, grams, scales }, {
    params: recurrent!,
    seed,
    onEpoch: ({ epoch, loss }) => context.metric("recurrent_loss", loss, { iteration: epoch }),
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
    `coordinate descent in ${passes} passes, seed ${seed}.${recurrentWords(params)}`;
}

function recurrentWords({ recurrent }: LinearParams): string {
  if (recurrent === null) return "";
  const { share, width, hidden, epochs } = recurrent;
  return ` A gated recurrence of width ${width} over the characters, in both directions, with a layer of ${hidden} units, ` +
    `trained for ${epochs} epochs, has ${share} of the score.`;
}
