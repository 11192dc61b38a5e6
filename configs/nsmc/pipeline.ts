import {
  dataset,
  definePipeline,
  evaluate,
  gate,
  holdout,
  overlap,
  register,
  sample,
  validate,
} from "../../mod.ts";
import { config, FILES } from "./config.ts";
import { trainCompact } from "./train_compact.ts";
import { trainEncoder } from "./train_encoder.ts";

const attribution = {
  title: "NSMC, Naver sentiment movie corpus (reviews of Naver Movies)",
  license: "CC0-1.0",
  url: "https://github.com/e9t/nsmc",
};

export default definePipeline({
  module: import.meta.url,
  name: "nsmc",
  description: "Tells whether a Korean movie review is positive",
  config,
  build(given) {
    const { project, dataset: data, models, promote, seed } = given;
    const { text, label, labels } = data;
    const isNamed = Object.keys(labels).length > 0;
    const read = (id: string, file: string) =>
      dataset(id, {
        params: {
          path: file,
          format: data.format,
          label,
          columns: { [text]: "string", [label]: "string" },
          ...(isNamed ? { values: { [label]: labels } } : {}),
          drop_empty: [text, label],
          ...(data.name === "nsmc" ? { attribution } : {}),
        },
      });
    const { dataset: all } = read("train-file", data.train ?? FILES[data.name]!.train);
    const { dataset: test } = read("test-file", data.test ?? FILES[data.name]!.test);
    const sampled = sample("sample", {
      inputs: { dataset: all },
      params: { rate: data.sampling_rate, stratify: label, seed },
    });
    const valid = validate("validate", {
      inputs: sampled,
      params: {
        label,
        columns: { [text]: { type: "string", max_missing: 0 } },
        // Two labels that are as common: 0.5. Far from that, accuracy says little.
        label_balance: { min_share: isNamed ? 0.4 / Object.keys(labels).length : 0.001 },
      },
    });
    const { report } = overlap("overlap", {
      inputs: { training: sampled.dataset, test },
      params: { column: text },
    });
    const parts = holdout("holdout", {
      inputs: { dataset: valid.dataset },
      params: {
        ...{ validation: data.validation, stratify: label, group_by: text, seed },
        ...{ max_label_shift: 0.05, on_label_shift: "warn" },
      },
    });
    const trained = project.model === "compact"
      ? trainCompact(parts, given)
      : trainEncoder(parts, project.model, given);
    const { metrics, evaluation } = evaluate("evaluate", {
      inputs: { model: trained.model, dataset: test },
      params: {
        ...(isNamed ? { positive_label: Object.values(labels).at(-1)! } : {}),
        slices: [`length(${text})`],
      },
    });
    const { verdict } = gate("gate", {
      inputs: { metrics },
      params: { at_least: { accuracy: models[project.model].register_threshold } },
    });
    const { version } = register("register", {
      inputs: { model: trained.model, metrics, verdict },
      params: { name: project.name, promote },
    });
    return { version, evaluation, overlap: report, ...trained.reports };
  },
});
