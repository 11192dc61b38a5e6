import { type ArtifactRef, preprocess, trainLinear } from "../../mod.ts";
import type { NsmcConfig } from "./config.ts";

/** The two parts of the training file. */
export interface TrainingParts {
  readonly training: ArtifactRef<"dataset">;
  readonly validation: ArtifactRef<"dataset">;
}

/** A trained model, and what else is worth keeping. */
export interface Trained {
  readonly model: ArtifactRef<"model">;
  readonly reports: Readonly<Record<string, ArtifactRef<"json">>>;
}

/** A linear model of character n-grams, from nothing. */
export function trainCompact(
  { training, validation }: TrainingParts,
  { dataset: data, models: { compact }, seed }: NsmcConfig,
): Trained {
  const { min_texts, ...params } = compact.training;
  const { min_texts: placedTexts, max_length: characters, ...recurrent } = compact.recurrent;
  const places = { min_texts: placedTexts, max_length: characters };
  const { preprocessing } = preprocess("preprocess", {
    inputs: { dataset: training },
    params: {
      label: data.label,
      features: [{
        ...{ column: data.text, as: "ngrams", min_texts, max_length: data.max_length },
        ...(compact.dense ? { places } : {}),
      }],
    },
  });
  const { model } = trainLinear("train", {
    inputs: { training, validation, preprocessing },
    params: { ...params, ...(compact.dense ? { recurrent } : {}), seed },
  });
  return { model, reports: {} };
}
