import {
  dataset,
  definePipeline,
  evaluate,
  gate,
  path,
  preprocess,
  register,
  split,
  train,
  z,
} from "hanok";
import { dropOutliers } from "./steps/drop_outliers.ts";

const label = "cultivar";

export default definePipeline({
  name: "wine",
  description: "Tells three kinds of grapes apart by what is in their wine",
  // Names, types and defaults of every value; configs/default.yaml and --set change them.
  config: z.object({
    data: path().default("wine.csv"),
    seed: z.int().default(1),
    outlier_limit: z.number().positive().default(3),
    epochs: z.int().min(1).default(60),
    learning_rate: z.number().positive().default(0.02),
    min_accuracy: z.number().min(0).max(1).default(0.9),
  }),
  build({ data, seed, outlier_limit, epochs, learning_rate, min_accuracy }) {
    const wines = dataset("data", { params: { path: data, label } });
    const parts = split("split", {
      inputs: wines,
      params: { validation: 0.2, test: 0.2, stratify: label, seed },
    });
    // A step of your own: steps/drop_outliers.ts. Only what is trained on is cleaned.
    const usual = dropOutliers("clean", {
      inputs: { dataset: parts.training },
      params: { limit: outlier_limit },
    });
    const { preprocessing } = preprocess("preprocess", { inputs: usual, params: { label } });
    const { model } = train("train", {
      inputs: { training: usual.dataset, validation: parts.validation, preprocessing },
      params: { epochs, learning_rate, seed },
    });
    const { metrics, evaluation } = evaluate("evaluate", {
      inputs: { model, dataset: parts.test },
    });
    const { verdict } = gate("gate", {
      inputs: { metrics },
      params: { at_least: { accuracy: min_accuracy } },
    });
    const { version } = register("register", {
      inputs: { model, metrics, verdict },
      params: { name: "wine" },
    });
    return { version, evaluation };
  },
});
