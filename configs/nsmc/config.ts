import { path, z } from "../../mod.ts";

/** Files of the data sets that are known by name. */
export const FILES: Readonly<Record<string, { readonly train: string; readonly test: string }>> = {
  nsmc: {
    train: "https://raw.githubusercontent.com/e9t/nsmc/master/ratings_train.txt",
    test: "https://raw.githubusercontent.com/e9t/nsmc/master/ratings_test.txt",
  },
};

const dataset = z.object({
  name: z.string().default("nsmc"),
  /** File or address; those of a data set that is known by name need not be given. */
  train: path().optional(),
  test: path().optional(),
  format: z.enum(["auto", "csv", "tsv", "jsonl", "parquet"]).default("tsv"),
  /** Columns of the texts and of their labels. */
  text: z.string().default("document"),
  label: z.string().default("label"),
  /** What the values of the label are called; none: as they are. */
  labels: z.record(z.string(), z.string()).default({ "0": "부정", "1": "긍정" }),
  /** Share of the training reviews to train on: 0.05 for a quick try. */
  sampling_rate: z.number().gt(0).lte(1).default(1),
  /** Share of the training file to watch training on. */
  validation: z.number().gt(0).lt(1).default(0.03),
  /** Most that is read of a review: characters for compact (1024 unless given), tokens for the encoders (128, 64). */
  max_length: z.int().min(3).max(65_536).optional(),
}).refine(
  ({ name, train, test }) => name in FILES || (train !== undefined && test !== undefined),
  { message: `only ${Object.keys(FILES)} is known by name: give train and test`, path: ["name"] },
);

const compact = z.object({
  register_threshold: z.number().default(0.85),
  /** Adds a part that reads the characters in their order: some 0.2 points better, three times the time. */
  dense: z.boolean().default(false),
  training: z.object({
    cost: z.number().positive().default(3),
    idf_power: z.number().min(0).default(1.2),
    naive_bayes: z.number().min(0).max(1).default(0.8),
    min_texts: z.int().min(1).max(15).default(3),
    passes: z.int().positive().default(6),
  }).prefault({}),
  /** The dense part, when there is one. */
  recurrent: z.object({
    min_texts: z.int().min(1).max(15).default(10),
    max_length: z.int().min(1).max(1024).default(128),
    share: z.number().gt(0).lt(1).default(0.35),
    width: z.int().positive().multipleOf(4).default(24),
    epochs: z.int().positive().default(3),
    learning_rate: z.number().positive().default(0.15),
    dropout: z.number().min(0).lt(1).default(0.35),
  }).prefault({}),
});

/** How an encoder is trained; what differs by encoder is given. */
function encoderTraining(
  defaults: { epochs: number; batch_size: number; learning_rate: number; patience: number },
) {
  return z.object({
    epochs: z.int().positive().default(defaults.epochs),
    batch_size: z.int().positive().default(defaults.batch_size),
    learning_rate: z.number().positive().default(defaults.learning_rate),
    weight_decay: z.number().min(0).default(0.01),
    warmup: z.number().min(0).max(1).default(0.1),
    dropout: z.number().min(0).lt(1).default(0.1),
    /** Epochs without a better validation loss after which training ends. */
    patience: z.int().positive().default(defaults.patience),
    /** Keeps what frozen layers make of each text: needs disk, saves later epochs. */
    frozen_cache: z.boolean().default(true),
    checkpoint_seconds: z.number().positive().default(60),
    checkpoint_iterations: z.int().positive().nullable().default(null),
  });
}

const kcbert = z.object({
  /** Name on the Hugging Face hub. */
  name: z.string().default("beomi/kcbert-base"),
  /** Folder with the files of the checkpoint, or a cache of the hub; else it is downloaded. */
  folder: path().optional(),
  cache: path().optional(),
  /** Only this many of the last layers are trained, and the classifier; null: all. */
  unfrozen_layers: z.int().min(0).nullable().default(2),
  register_threshold: z.number().default(0.88),
  training: encoderTraining({ epochs: 3, batch_size: 32, learning_rate: 5e-5, patience: 1 })
    .prefault({}),
});

const smallBert = z.object({
  layers: z.int().positive().default(4),
  hidden: z.int().positive().default(256),
  heads: z.int().positive().default(4),
  /** Tokens of the WordPiece vocabulary, at most; learned from the training texts. */
  vocabulary: z.int().min(100).default(12_000),
  register_threshold: z.number().default(0.8),
  training: encoderTraining({ epochs: 3, batch_size: 32, learning_rate: 5e-4, patience: 1 })
    .prefault({}),
});

/** What can be set in the YAML files beside this one, and with --set. */
export const config = z.object({
  project: z.object({
    name: z.string().default("nsmc"),
    /** Which of `models` is trained. */
    model: z.enum(["compact", "kcbert", "small-bert"]).default("compact"),
    dataset: z.string().default("nsmc"),
  }).prefault({}),
  dataset: dataset.prefault({}),
  models: z.object({
    compact: compact.prefault({}),
    kcbert: kcbert.prefault({}),
    "small-bert": smallBert.prefault({}),
  }).prefault({}),
  promote: z.enum(["auto", "approve"]).default("auto"),
  seed: z.int().default(42),
});

/** The config, checked and with its defaults. */
export type NsmcConfig = z.infer<typeof config>;
