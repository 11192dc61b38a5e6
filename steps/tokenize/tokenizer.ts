import { z } from "zod";
import { defineStep, ExplainedError, listProblems, type Step } from "../../pipeline/mod.ts";
import { type Checkpoint, readCheckpoint } from "../checkpoint/checkpoint_files.ts";
import { grouped } from "../grouped.ts";
import { paced } from "../paced.ts";

/** What is read, and how much of it. */
export interface TokenizerParams {
  /** Column of the texts. */
  readonly column: string;
  readonly label: string;
  /** Tokens of a text that are kept, begin and end counted. @default 128 */
  readonly max_length: number;
}

/** Params as a pipeline gives them. */
export type TokenizerGiven = Omit<TokenizerParams, "max_length"> & {
  readonly max_length?: number | undefined;
};

const schema: z.ZodType<TokenizerParams, TokenizerGiven> = z.strictObject({
  column: z.string().min(1),
  label: z.string().min(1),
  max_length: z.int().min(3).max(4096).default(128),
});

/**
 * Makes the tokenizer of a checkpoint the preprocessing of a model, with the labels of the training split.
 *
 * @throws {ExplainedError} `checkpoint/bad-tokenizer`, `checkpoint/does-not-fit`, and what the preprocessing throws.
 */
export const tokenizer: Step<
  { readonly checkpoint: "folder"; readonly dataset: "dataset" },
  { readonly preprocessing: "preprocessing" },
  TokenizerGiven,
  TokenizerParams
> = defineStep({
  module: import.meta.url,
  name: "tokenizer",
  inputs: { checkpoint: "folder", dataset: "dataset" },
  outputs: { preprocessing: "preprocessing" },
  params: schema,
  uses: ["preprocessing"],
  async run(context, { checkpoint, dataset }, { column, label, max_length: maxLength }) {
    const read = await readCheckpoint(checkpoint);
    refuseUnfit(read, maxLength);
    const preprocessing = await context.preprocessing.fit({
      label,
      features: [{ column, as: "tokens", tokenizer: read.tokenizer, maxLength }],
    }, paced(context, dataset.rows()));
    const { labels } = preprocessing.label;
    context.summary(`${grouped(preprocessing.width)} tokens · ${labels.length} labels`);
    return { preprocessing };
  },
});

/** A token without a row in the table of embeddings, or a place without one, would be looked up beyond its end. */
function refuseUnfit({ config, tokenizer: { vocabulary } }: Checkpoint, maxLength: number): void {
  const rows = Number(config.vocab_size);
  // RoBERTa's table of positions begins behind the padding.
  const unused = String(config.model_type).includes("roberta") ? 2 : 0;
  const positions = Number(config.max_position_embeddings) - unused;
  const problems = [
    ...(vocabulary.length > rows
      ? [`its vocabulary has ${vocabulary.length} tokens, and its embedding ${rows} rows`]
      : []),
    ...(maxLength > positions
      ? [`it reads ${positions} tokens of a text, and max_length is ${maxLength}`]
      : []),
  ];
  if (problems.length === 0) return;
  throw new ExplainedError("checkpoint/does-not-fit", {
    what: "Cannot use the tokenizer of the checkpoint",
    why: listProblems(problems),
    fix: vocabulary.length > rows
      ? "Give the vocabulary that belongs to config.json and its weights"
      : `Set max_length to ${positions} or less`,
  });
}
