import {
  type ArtifactRef,
  checkpoint,
  fineTune,
  newCheckpoint,
  tokenize,
  tokenizer,
} from "../../mod.ts";
import type { NsmcConfig } from "./config.ts";
import type { Trained, TrainingParts } from "./train_compact.ts";

/** Tokens that are read of a text, unless the config says. */
const MAX_LENGTH = { kcbert: 128, "small-bert": 64 } as const;

/** A transformer encoder: a pretrained one, or one that begins with nothing. */
export function trainEncoder(
  { training, validation }: TrainingParts,
  model: "kcbert" | "small-bert",
  { dataset: data, models, seed }: NsmcConfig,
): Trained {
  const maxLength = data.max_length ?? MAX_LENGTH[model];
  const start = model === "kcbert"
    ? pretrained(models.kcbert)
    : fromNothing(training, { ...models["small-bert"], column: data.text, positions: maxLength });
  const { preprocessing } = tokenizer("tokenizer", {
    inputs: { checkpoint: start, dataset: training },
    params: { column: data.text, label: data.label, max_length: maxLength },
  });
  const tokens = tokenize("tokenize", { inputs: { dataset: training, preprocessing } });
  const watched = tokenize("tokenize-validation", {
    inputs: { dataset: validation, preprocessing },
  });
  const { patience, ...params } = models[model].training;
  const trained = fineTune("train", {
    inputs: {
      ...{ checkpoint: start, preprocessing, training, validation },
      training_tokens: tokens.tokens,
      validation_tokens: watched.tokens,
    },
    params: {
      ...params,
      ...(model === "kcbert"
        ? { base: baseOf(models.kcbert), unfrozen_layers: models.kcbert.unfrozen_layers }
        : { base: "nothing: weights drawn at random" }),
      early_stopping: { patience, metric: "validation_loss" },
      seed,
    },
  });
  return { model: trained.model, reports: { tokens: tokens.report } };
}

/** What the model card says of the checkpoint. */
function baseOf({ name, folder }: NsmcConfig["models"]["kcbert"]): string {
  return folder === undefined ? `[${name}](https://huggingface.co/${name})` : name;
}

function pretrained(
  { name, folder, cache }: NsmcConfig["models"]["kcbert"],
): ArtifactRef<"folder"> {
  return checkpoint("checkpoint", { params: { name, folder, cache } }).checkpoint;
}

function fromNothing(
  dataset: ArtifactRef<"dataset">,
  { column, positions, layers, hidden, heads, vocabulary }:
    & NsmcConfig["models"]["small-bert"]
    & { readonly column: string; readonly positions: number },
): ArtifactRef<"folder"> {
  return newCheckpoint("checkpoint", {
    inputs: { dataset },
    params: { column, positions, layers, hidden, heads, vocabulary },
  }).checkpoint;
}
