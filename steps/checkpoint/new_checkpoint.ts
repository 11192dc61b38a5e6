import { z } from "zod";
import { defineStep, type Step } from "../../pipeline/mod.ts";
import { grouped } from "../grouped.ts";
import { paced } from "../paced.ts";
import { requireColumns } from "../sample/row_keys.ts";
import { CHECKPOINT_FILES } from "./checkpoint_files.ts";

/** What the new encoder is to be like. */
export interface NewCheckpointParams {
  /** Column of the texts. */
  readonly column: string;
  /** Tokens, at most. @default 12000 */
  readonly vocabulary: number;
  /** Characters that get tokens of their own, at most. @default 2000 */
  readonly alphabet: number;
  /** Whether texts become lower case. @default true */
  readonly lowercase: boolean;
  /** @default 4 */
  readonly layers: number;
  /** Width of the hidden values. @default 256 */
  readonly hidden: number;
  /** Must divide `hidden`. @default 4 */
  readonly heads: number;
  /** Tokens of the longest text it can read. @default 128 */
  readonly positions: number;
}

/** Params as a pipeline gives them. */
export type NewCheckpointGiven =
  & Pick<NewCheckpointParams, "column">
  & {
    readonly [Name in Exclude<keyof NewCheckpointParams, "column">]?:
      | NewCheckpointParams[Name]
      | undefined;
  };

const schema: z.ZodType<NewCheckpointParams, NewCheckpointGiven> = z.strictObject({
  column: z.string().min(1),
  vocabulary: z.int().min(100).max(1 << 20).default(12_000),
  alphabet: z.int().min(1).default(2000),
  lowercase: z.boolean().default(true),
  layers: z.int().min(1).default(4),
  hidden: z.int().min(1).default(256),
  heads: z.int().min(1).default(4),
  positions: z.int().min(3).max(4096).default(128),
}).refine(({ hidden, heads }) => hidden % heads === 0, {
  path: ["heads"],
  message: "must divide hidden",
});

/** What BERT's vocabularies begin with. */
const SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];

/**
 * Describes a BERT from nothing, in the files of a checkpoint: its WordPiece vocabulary is learned from the texts, weights there
 * are none yet.
 *
 * @throws {ExplainedError} `dataset/missing-column`.
 */
export const newCheckpoint: Step<
  { readonly dataset: "dataset" },
  { readonly checkpoint: "folder" },
  NewCheckpointGiven,
  NewCheckpointParams
> = defineStep({
  module: import.meta.url,
  name: "new-checkpoint",
  inputs: { dataset: "dataset" },
  outputs: { checkpoint: "folder" },
  params: schema,
  uses: ["preprocessing"],
  async run(context, { dataset }, params) {
    const { column, lowercase, vocabulary: size, alphabet } = params;
    requireColumns(dataset.schema.columns.map(({ name }) => name), { column });
    async function* texts(): AsyncIterable<string> {
      for await (const row of paced(context, dataset.rows())) yield String(row[column] ?? "");
    }
    const vocabulary = await context.preprocessing.learnVocabulary(texts(), {
      ...{ size, alphabet, lowercase, stripAccents: false, cutChinese: true, special: SPECIAL },
    });
    const folder = await context.artifacts.folder({
      [CHECKPOINT_FILES.config]: renderJson(configOf(params, vocabulary.length)),
      [CHECKPOINT_FILES.tokenizerConfig]: renderJson({
        do_lower_case: lowercase,
        strip_accents: false,
        tokenizer_class: "BertTokenizer",
      }),
      [CHECKPOINT_FILES.vocabulary]: vocabulary.map((token) => `${token}\n`).join(""),
    });
    context.summary(`${params.layers} layers · ${grouped(vocabulary.length)} tokens`);
    return { checkpoint: folder };
  },
});

/** As Hugging Face's BERT describes itself. */
function configOf({ layers, hidden, heads, positions }: NewCheckpointParams, vocabulary: number) {
  return {
    architectures: ["BertModel"],
    model_type: "bert",
    vocab_size: vocabulary,
    hidden_size: hidden,
    num_hidden_layers: layers,
    num_attention_heads: heads,
    intermediate_size: 4 * hidden,
    max_position_embeddings: positions,
    hidden_act: "gelu",
    hidden_dropout_prob: 0.1,
    layer_norm_eps: 1e-12,
    type_vocab_size: 2,
    pad_token_id: 0,
  };
}

function renderJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
