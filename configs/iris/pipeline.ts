import { dataset, definePipeline, evaluate, gate, path, z } from "../../mod.ts";
import { preprocess, register, split, train } from "../../mod.ts";

const attribution = { title: "Iris (Fisher, 1936; UCI)", license: "CC BY 4.0" };

export default definePipeline({
  module: import.meta.url,
  name: "iris",
  description: "Tells three species of iris apart by the size of their flowers",
  config: z.object({
    data: path().default("iris.csv"),
    seed: z.int().default(20),
    epochs: z.int().positive().default(60),
    learning_rate: z.number().positive().default(0.02),
    min_accuracy: z.number().default(0.95),
  }),
  build({ data, seed, epochs, learning_rate, min_accuracy }) {
    const label = "species"; // the column to predict
    const flowers = dataset("dataset", { params: { path: data, label, attribution } });
    const parts = split("split", {
      inputs: flowers,
      params: { validation: 0.15, test: 0.3, stratify: label, seed },
    });
    const { preprocessing } = preprocess("preprocess", {
      inputs: { dataset: parts.training },
      params: { label },
    });
    const architecture = { kind: "mlp", hidden: [16], activation: "tanh" } as const;
    const { model } = train("train", {
      inputs: { training: parts.training, validation: parts.validation, preprocessing },
      params: { architecture, epochs, learning_rate, seed },
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
      params: { name: "iris" },
    });
    return { version, evaluation };
  },
});
