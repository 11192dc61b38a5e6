import {
  dataset,
  definePipeline,
  evaluate,
  gate,
  path,
  preprocess,
  register,
  sample,
  split,
  train,
  validate,
  z,
} from "../../mod.ts";

const SIDE = 8;
const pixels = Array.from(
  { length: SIDE * SIDE },
  (_, i) => `pixel_${Math.floor(i / SIDE)}_${i % SIDE}`,
);

const share = z.number().gt(0).lt(1);

const config = z.object({
  /** Of the splits, the sample, the starting weights and the order of the examples. */
  seed: z.int().default(20),
  dataset: z.object({
    path: path().default("digits.csv"),
    /** Share of the training split to train on: 0.1 for a quick try. */
    sampling_rate: z.number().gt(0).lte(1).default(1),
    validation: share.default(0.15),
    test: share.default(0.2),
  }).prefault({}),
  training: z.object({
    hidden: z.array(z.int().positive()).default([256]),
    epochs: z.int().positive().default(40),
    batch_size: z.int().positive().default(32),
    learning_rate: z.number().positive().default(0.01),
    label_smoothing: z.number().min(0).max(1).default(0.05),
  }).prefault({}),
  gate: z.object({
    min_accuracy: z.number().default(0.97),
    /** Also demands the accuracy of the current champion. */
    beat_champion: z.boolean().default(false),
  }).prefault({}),
  promote: z.enum(["auto", "approve"]).default("auto"),
});

export default definePipeline({
  module: import.meta.url,
  name: "digits",
  description: "Reads handwritten digits from pictures of 8 × 8 pixels",
  config,
  build({ seed, dataset: data, training, gate: demands, promote }) {
    const label = "digit";
    const written = dataset("dataset", {
      params: {
        path: data.path,
        label,
        attribution: {
          title: "Optical Recognition of Handwritten Digits (Alpaydin, Kaynak; UCI, 1998)",
          license: "CC BY 4.0",
          url: "https://doi.org/10.24432/C50P49",
        },
      },
    });
    const valid = validate("validate", {
      inputs: written,
      params: {
        label,
        columns: Object.fromEntries(
          pixels.map((name) => [name, { type: "integer", min: 0, max: 16, max_missing: 0 }]),
        ),
        label_balance: { min_share: 0.05 },
      },
    });
    const parts = split("split", {
      inputs: { dataset: valid.dataset },
      params: { validation: data.validation, test: data.test, stratify: label, seed },
    });
    const sampled = sample("sample", {
      inputs: { dataset: parts.training },
      params: { rate: data.sampling_rate, stratify: label, seed },
    });
    const { preprocessing } = preprocess("preprocess", {
      inputs: sampled,
      params: { label, scale: "minmax" },
    });
    const { hidden, ...rest } = training;
    const { model } = train("train", {
      inputs: { training: sampled.dataset, validation: parts.validation, preprocessing },
      params: {
        ...rest,
        architecture: { kind: "mlp", hidden, activation: "gelu" },
        form: { kind: "grid", width: SIDE, height: SIDE },
        seed,
      },
    });
    const { metrics, evaluation } = evaluate("evaluate", {
      inputs: { model, dataset: parts.test },
    });
    const { verdict } = gate("gate", {
      inputs: { metrics },
      params: {
        at_least: { accuracy: demands.min_accuracy },
        over_champion: demands.beat_champion ? { model: "digits", metric: "accuracy" } : null,
      },
    });
    const { version } = register("register", {
      inputs: { model, metrics, verdict },
      params: { name: "digits", promote },
    });
    return { version, evaluation };
  },
});
