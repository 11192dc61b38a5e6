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
  validate,
  z,
} from "../../mod.ts";

const config = z.object({
  /** Of the split, the starting weights and the order of the customers. */
  seed: z.int().default(20),
  dataset: z.object({ path: path().default("churn.csv") }).prefault({}),
  training: z.object({
    /** Units of the hidden layers; none: logistic regression. */
    hidden: z.array(z.int().positive()).default([]),
    epochs: z.int().positive().default(30),
    batch_size: z.int().positive().default(32),
    learning_rate: z.number().positive().default(0.01),
  }).prefault({}),
  gate: z.object({
    min_roc_auc: z.number().default(0.9),
    /** Demanded of the customers of every plan. */
    min_accuracy_of_each_plan: z.number().default(0.8),
    /** How much the ROC AUC must be above that of the current champion; 0: as good is enough. */
    over_champion_by: z.number().min(0).default(0),
  }).prefault({}),
  promote: z.enum(["auto", "approve"]).default("auto"),
});

export default definePipeline({
  module: import.meta.url,
  name: "churn",
  description:
    "Predicts which customers leave: scaling, one-hot and missing values (synthetic data)",
  config,
  build({ seed, dataset: data, training, gate: demands, promote }) {
    const label = "churned";
    const customers = dataset("dataset", {
      params: {
        path: data.path,
        label,
        attribution: { title: "Synthetic customers, made by make_churn.ts", license: "CC0-1.0" },
      },
    });
    const valid = validate("validate", {
      inputs: customers,
      params: {
        label,
        columns: {
          tenure_months: { type: "integer", min: 0, max_missing: 0 },
          monthly_fee: { type: "number", min: 0, max_missing: 0.1 },
          support_calls: { type: "integer", min: 0, max_missing: 0 },
          plan: { allowed: ["basic", "standard", "premium"], max_missing: 0 },
          region: { max_missing: 0.15 },
          payment: { allowed: ["card", "transfer", "cash"], max_missing: 0 },
        },
        other_columns: "refuse",
        label_balance: { min_share: 0.1 },
      },
    });
    const parts = split("split", {
      inputs: { dataset: valid.dataset },
      params: {
        ...{ validation: 0.2, test: 0.2, seed },
        stratify: label,
        max_label_shift: 0.02,
      },
    });
    const { preprocessing } = preprocess("preprocess", {
      inputs: { dataset: parts.training },
      params: {
        label,
        features: "auto", // numbers scaled, texts one-hot; what is said below is different
        columns: {
          tenure_months: { scale: "minmax" },
          monthly_fee: { missing: "median", indicator: true },
          region: { as: "category", missing: "category" },
        },
      },
    });
    const { hidden, ...rest } = training;
    const { model } = train("train", {
      inputs: { training: parts.training, validation: parts.validation, preprocessing },
      params: { ...rest, architecture: { kind: "mlp", hidden }, seed },
    });
    const { metrics, evaluation } = evaluate("evaluate", {
      inputs: { model, dataset: parts.test },
      params: { positive_label: "yes", slices: ["plan", "region", "tenure_months"] },
    });
    const { verdict } = gate("gate", {
      inputs: { metrics },
      params: {
        at_least: {
          roc_auc: demands.min_roc_auc,
          "accuracy/plan:*": demands.min_accuracy_of_each_plan,
        },
        over_champion: { model: "churn", metric: "roc_auc", by: demands.over_champion_by },
      },
    });
    const { version } = register("register", {
      inputs: { model, metrics, verdict },
      params: { name: "churn", promote },
    });
    return { version, evaluation };
  },
});
