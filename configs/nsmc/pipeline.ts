import {
  dataset,
  definePipeline,
  evaluate,
  gate,
  holdout,
  overlap,
  path,
  preprocess,
  register,
  sample,
  trainLinear,
  validate,
  z,
} from "../../mod.ts";

const attribution = {
  title: "NSMC, Naver sentiment movie corpus (reviews of Naver Movies)",
  license: "CC0-1.0",
  url: "https://github.com/e9t/nsmc",
};

/** Files of the data sets that are known by name. */
const FILES: Readonly<Record<string, { readonly train: string; readonly test: string }>> = {
  nsmc: {
    train: "https://raw.githubusercontent.com/e9t/nsmc/master/ratings_train.txt",
    test: "https://raw.githubusercontent.com/e9t/nsmc/master/ratings_test.txt",
  },
};

const config = z.object({
  project: z.object({
    name: z.string().default("nsmc"),
    /** Which of `models` is trained. */
    model: z.enum(["compact"]).default("compact"),
    dataset: z.string().default("nsmc"),
  }).prefault({}),
  dataset: z.object({
    name: z.string().default("nsmc"),
    /** File or address; those of a data set that is known by name need not be given. */
    train: path().optional(),
    test: path().optional(),
    /** Share of the training reviews to train on: 0.05 for a quick try. */
    sampling_rate: z.number().gt(0).lte(1).default(1),
    /** Share of the training file to watch training on. */
    validation: z.number().gt(0).lt(1).default(0.03),
    /** Characters of a review that are read. */
    max_length: z.int().min(1).max(65_536).default(1024),
    /** What the values of the label are called. */
    labels: z.record(z.string(), z.string()).default({ "0": "부정", "1": "긍정" }),
  }).refine(
    ({ name, train, test }) => name in FILES || (train !== undefined && test !== undefined),
    { message: `only ${Object.keys(FILES)} is known by name: give train and test`, path: ["name"] },
  ).prefault({}),
  models: z.object({
    compact: z.object({
      register_threshold: z.number().default(0.85),
      training: z.object({
        cost: z.number().positive().default(3),
        idf_power: z.number().min(0).default(1.2),
        naive_bayes: z.number().min(0).max(1).default(0.8),
        min_texts: z.int().min(1).max(15).default(3),
        passes: z.int().positive().default(6),
      }).prefault({}),
    }).prefault({}),
  }).prefault({}),
  promote: z.enum(["auto", "approve"]).default("auto"),
  seed: z.int().default(42),
});

export default definePipeline({
  module: import.meta.url,
  name: "nsmc",
  description: "Tells whether a Korean movie review is positive",
  config,
  build({ project, dataset: data, models: { compact }, promote, seed }) {
    const [text, label] = ["document", "label"];
    const read = (id: string, file: string) =>
      dataset(id, {
        params: {
          path: file,
          format: "tsv",
          label,
          columns: { id: "string", [text]: "string" },
          values: { [label]: data.labels },
          drop_empty: [text, label],
          attribution,
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
        label_balance: { min_share: 0.2 },
      },
    });
    const { report } = overlap("overlap", {
      inputs: { training: sampled.dataset, test },
      params: { column: text },
    });
    const parts = holdout("holdout", {
      inputs: { dataset: valid.dataset },
      params: { validation: data.validation, stratify: label, group_by: text, seed },
    });
    const { min_texts, ...training } = compact.training;
    const { preprocessing } = preprocess("preprocess", {
      inputs: { dataset: parts.training },
      params: {
        label,
        features: [{ column: text, as: "ngrams", min_texts, max_length: data.max_length }],
      },
    });
    const { model } = trainLinear("train", {
      inputs: { training: parts.training, validation: parts.validation, preprocessing },
      params: { ...training, seed },
    });
    const positive = Object.values(data.labels).at(-1);
    const { metrics, evaluation } = evaluate("evaluate", {
      inputs: { model, dataset: test },
      params: { positive_label: positive },
    });
    const { verdict } = gate("gate", {
      inputs: { metrics },
      params: { at_least: { accuracy: compact.register_threshold } },
    });
    const { version } = register("register", {
      inputs: { model, metrics, verdict },
      params: { name: project.name, promote },
    });
    return { version, evaluation, overlap: report };
  },
});
