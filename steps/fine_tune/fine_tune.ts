import {
  defineStep,
  ExplainedError,
  type FittedPreprocessing,
  type FittedTokens,
  type Step,
} from "../../pipeline/mod.ts";
import { readCheckpoint } from "../checkpoint/checkpoint_files.ts";
import { grouped } from "../grouped.ts";
import { readSplit, type TokenizedSplit } from "../tokenize/token_files.ts";
import { modelFiles } from "../train/model_folder.ts";
import { type FineTuneGiven, type FineTuneParams, fineTuneParams } from "./fine_tune_params.ts";
import { scoreModel, type TunedModel, tuneModel } from "./tune_model.ts";

/** Names of the metrics that training produces. */
export const FINE_TUNE_METRICS = [
  "loss",
  "start_accuracy",
  "validation_loss",
  "validation_accuracy",
  "best_epoch",
  "epochs",
  "iterations",
] as const;

/** An encoder is taken to have as many weights as BERT-base: what it has is known only when it runs. */
const NOMINAL_WEIGHTS = 110e6;

/**
 * Trains an encoder, pretrained or new, to classify texts, and scores every epoch on the validation split. Stopped by a failure or a
 * kill, it goes on where it was, to the same weights.
 *
 * @throws {ExplainedError} `train/no-rows`, `engine/bad-config`, `engine/bad-weights` when config.json and weights do not fit
 * together, and what else the engine throws.
 */
export const fineTune: Step<
  {
    readonly checkpoint: "folder";
    readonly preprocessing: "preprocessing";
    readonly training: "dataset";
    readonly validation: "dataset";
    readonly training_tokens: "folder";
    readonly validation_tokens: "folder";
  },
  { readonly model: "model"; readonly metrics: "metrics" },
  FineTuneGiven,
  FineTuneParams
> = defineStep({
  module: import.meta.url,
  name: "fine-tune",
  inputs: {
    checkpoint: "folder",
    preprocessing: "preprocessing",
    training: "dataset",
    validation: "dataset",
    training_tokens: "folder",
    validation_tokens: "folder",
  },
  outputs: { model: "model", metrics: "metrics" },
  params: fineTuneParams,
  uses: ["engine", "preprocessing"],
  metrics: () => FINE_TUNE_METRICS,
  weights: () => NOMINAL_WEIGHTS,
  async run(context, { checkpoint, preprocessing, ...inputs }, params) {
    const training = await readSplit(inputs.training_tokens);
    const validation = await readSplit(inputs.validation_tokens);
    refuseNoRows({ training, validation });
    const { config, weights } = await readCheckpoint(checkpoint);
    const stored = await weights();
    const base = await context.engine.buildFiles(
      { kind: "configured", config, dropout: params.dropout },
      {
        classes: preprocessing.label.labels.length,
        seed: params.seed,
        ...(stored === undefined ? {} : { weights: stored }),
      },
    );
    const texts = textOptions(preprocessing);
    const start = await scoreModel(context, base, { split: validation, texts });
    context.metric("start_accuracy", start.validation_accuracy);

    const tuned = await tuneModel(context, { base, training, validation, params, texts });

    const { onnx, externalData } = tuned.files;
    await using session = await context.engine.openInference(onnx, externalData);
    const model = await context.artifacts.folder(
      await modelFiles({
        ...{ files: tuned.files, scores: tuned.kept, preprocessing },
        ...{ training: inputs.training, validation: inputs.validation },
        tensors: { inputs: session.inputs, outputs: session.outputs },
        attribution: params.attribution,
        description: describe(params, config, tuned),
      }),
    );
    const metrics = { ...metricsOf(tuned), start_accuracy: start.validation_accuracy };
    context.summary(summaryOf(metrics));
    return { model, metrics };
  },
});

function refuseNoRows(splits: Readonly<Record<string, TokenizedSplit>>): void {
  const empty = Object.entries(splits).filter(([, { count }]) => count === 0);
  if (empty.length === 0) return;
  throw new ExplainedError("train/no-rows", {
    what: "Cannot train",
    why: `${empty.map(([name]) => `the ${name} split`).join(" and ")} has no rows`,
    fix: "Give it more rows: raise the share of the split, or the sampling rate",
  });
}

function textOptions({ features }: FittedPreprocessing): { maxLength: number; padding: number } {
  const { tokenizer: { vocabulary, special }, maxLength } = features[0] as FittedTokens;
  return { maxLength, padding: vocabulary.lastIndexOf(special.padding) };
}

function metricsOf({ kept, last }: TunedModel) {
  return {
    loss: kept.loss,
    validation_loss: kept.validation_loss,
    validation_accuracy: kept.validation_accuracy,
    best_epoch: kept.epoch,
    epochs: last.epoch,
    iterations: last.iteration,
  };
}

function summaryOf(metrics: ReturnType<typeof metricsOf> & { readonly start_accuracy: number }) {
  const kept = metrics.best_epoch === metrics.epochs ? "" : ` · kept epoch ${metrics.best_epoch}`;
  return `loss ${metrics.loss.toFixed(3)} · validation accuracy ${
    metrics.start_accuracy.toFixed(4)
  } → ${metrics.validation_accuracy.toFixed(4)} · ${metrics.epochs} epochs${kept}`;
}

function describe(
  params: FineTuneParams,
  config: Readonly<Record<string, unknown>>,
  { kept }: TunedModel,
): string {
  const layers = params.unfrozen_layers === null ? "all" : `the last ${params.unfrozen_layers}`;
  return `Made from ${params.base} (${config.model_type}, ${
    config.num_hidden_layers ?? config.n_layers
  } layers of ${
    config.hidden_size ?? config.dim
  }), ${layers} layers and a classifier on the first token trained ` +
    `with adamw in batches of ${params.batch_size}, learning rate ${params.learning_rate} after a warm-up of ${
      100 * params.warmup
    } %; the weights are those after epoch ${kept.epoch} (${
      grouped(kept.iteration)
    } iterations), seed ${params.seed}.`;
}
