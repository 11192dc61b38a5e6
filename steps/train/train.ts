import {
  defineStep,
  type EnginePort,
  ExplainedError,
  type OnnxFiles,
  type Step,
} from "../../pipeline/mod.ts";
import { describeMlp } from "./describe_mlp.ts";
import { encodeExamples, type Examples } from "./examples.ts";
import { hiddenWeights } from "./mlp_weights.ts";
import { EXAMPLE_ROWS, type ModelFacts, modelFiles } from "./model_folder.ts";
import { checkForm } from "./signature.ts";
import { surestRows } from "./surest_rows.ts";
import { type TrainGiven, type TrainParams, trainParams } from "./train_params.ts";
import { type TrainedEpoch, type TrainingSplits, trainModel } from "./training_loop.ts";

/** Names of the metrics that training produces. */
export const TRAIN_METRICS = [
  "loss",
  "validation_loss",
  "validation_accuracy",
  "best_epoch",
  "epochs",
  "iterations",
] as const;

/**
 * Trains a classifier on one split and scores every epoch on another.
 *
 * @throws {ExplainedError} `train/no-rows`, `train/bad-form`, and what the preprocessing and the engine throw.
 */
export const train: Step<
  {
    readonly training: "dataset";
    readonly validation: "dataset";
    readonly preprocessing: "preprocessing";
  },
  { readonly model: "model"; readonly metrics: "metrics" },
  TrainGiven,
  TrainParams
> = defineStep({
  module: import.meta.url,
  name: "train",
  inputs: { training: "dataset", validation: "dataset", preprocessing: "preprocessing" },
  outputs: { model: "model", metrics: "metrics" },
  params: trainParams,
  uses: ["engine", "preprocessing"],
  metrics: () => TRAIN_METRICS,
  weights: ({ architecture }) => hiddenWeights(architecture),
  async run(context, { training, validation, preprocessing }, params) {
    checkForm(params.form, preprocessing);
    const preprocessor = context.preprocessing.open(preprocessing);
    const splits: TrainingSplits = {
      training: await encodeExamples(context, training, preprocessor),
      validation: await encodeExamples(context, validation, preprocessor),
    };
    refuseNoRows(splits);
    const start = await context.engine.buildFiles(params.architecture, {
      features: preprocessing.width,
      classes: preprocessing.label.labels.length,
      seed: params.seed,
    });

    const { kept, last } = await trainModel(context, start, { ...splits, params });

    const { files } = kept;
    const looked = await lookAt(context.engine, files, splits.validation);
    const facts = { ...looked, preprocessing, training, validation, scores: kept, files };
    const model = await context.artifacts.folder(
      await modelFiles({
        ...facts,
        description: describeMlp(params, kept),
        form: params.form,
        attribution: params.attribution,
      }),
    );
    context.summary(summaryOf(kept, last));
    return { model, metrics: metricsOf(kept, last) };
  },
});

function refuseNoRows(splits: TrainingSplits): void {
  const empty = Object.entries(splits).filter(([, { count }]) => count === 0);
  if (empty.length === 0) return;
  throw new ExplainedError("train/no-rows", {
    what: "Cannot train",
    why: `${empty.map(([name]) => `the ${name} split`).join(" and ")} has no rows`,
    fix: "Give it more rows: raise the share of the split, or the sampling rate",
  });
}

/** What the folder tells of the finished model: its tensors, and the rows that show it best. */
async function lookAt(
  engine: EnginePort,
  { onnx, externalData }: OnnxFiles,
  validation: Examples,
): Promise<Pick<ModelFacts, "tensors" | "exampleRows">> {
  await using session = await engine.openInference(onnx, externalData);
  return {
    tensors: { inputs: session.inputs, outputs: session.outputs },
    exampleRows: await surestRows(session, validation, EXAMPLE_ROWS),
  };
}

function metricsOf(
  kept: TrainedEpoch,
  last: TrainedEpoch,
): Record<typeof TRAIN_METRICS[number], number> {
  return {
    loss: kept.loss,
    validation_loss: kept.validation_loss,
    validation_accuracy: kept.validation_accuracy,
    best_epoch: kept.epoch,
    epochs: last.epoch,
    iterations: last.iteration,
  };
}

function summaryOf(kept: TrainedEpoch, last: TrainedEpoch): string {
  const best = kept.epoch === last.epoch ? "" : ` · kept epoch ${kept.epoch}`;
  return `loss ${kept.loss.toFixed(3)} · validation accuracy ${
    kept.validation_accuracy.toFixed(4)
  } · ${last.epoch} epochs${best}`;
}
