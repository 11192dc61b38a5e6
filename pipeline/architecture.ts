import type { RecurrentWeights } from "./recurrence.ts";

/** A multi-layer perceptron: `Gemm → activation → dropout` for each hidden layer, then `Gemm` to the logits. */
export interface MlpArchitecture {
  readonly kind: "mlp";
  /** Units of each hidden layer, from the input on; none makes multinomial logistic regression. */
  readonly hidden: readonly number[];
  /** @default "relu" */
  readonly activation?: "relu" | "tanh" | "gelu";
  /** Share of the hidden values that training leaves out at random, 0 to 1. @default 0 */
  readonly dropout?: number;
}

/**
 * A transformer encoder with a classifier on its first token, as Hugging Face's BERT, RoBERTa, ELECTRA and DistilBERT have it; inputs
 * `input_ids` and `attention_mask`, int64 `[batch, length]`. Padding stands at the end.
 */
export interface EncoderArchitecture {
  readonly kind: "encoder";
  readonly family: "bert" | "roberta" | "electra" | "distilbert";
  readonly layers: number;
  /** Width of the hidden values; a multiple of `heads`. */
  readonly hidden: number;
  readonly heads: number;
  /** Width within a feed-forward block. */
  readonly intermediate: number;
  /** Number of tokens. */
  readonly vocabulary: number;
  /** Rows of the position table: RoBERTa's has two more than the longest text. */
  readonly positions: number;
  /** Width of the embeddings. @default hidden */
  readonly embedding?: number;
  /** @default "gelu" */
  readonly activation?: "gelu" | "gelu-tanh" | "relu";
  /** @default 1e-12 */
  readonly normEpsilon?: number;
  /** Share of the hidden values that training leaves out at random, 0 to 1. @default 0 */
  readonly dropout?: number;
}

/** An encoder as the `config.json` of a checkpoint describes it, by Hugging Face's names. */
export interface ConfiguredArchitecture {
  readonly kind: "configured";
  readonly config: Readonly<Record<string, unknown>>;
  /** Share of the hidden values that training leaves out at random, 0 to 1. @default 0 */
  readonly dropout?: number;
}

/**
 * A trained linear classifier of sparse examples, e.g. of n-grams; inputs `ids` int32 and `values` float32
 * `[batch, length]`, the unused end of a row 0. Scores of an example are Σ value × scale × weight, divided by the length
 * of the vector of value × scale, plus bias. Two classes have one score, for the second; more have one each against the rest.
 */
export interface SparseLinearArchitecture {
  readonly kind: "sparse-linear";
  /** `[features, scores]`, row-major. */
  readonly scales: Float32Array<ArrayBuffer>;
  /** `[features, scores]`, row-major. */
  readonly weights: Float32Array<ArrayBuffer>;
  /** `[scores]`. */
  readonly bias: Float32Array<ArrayBuffer>;
  /** A part that reads the text in its order; has its share of the scores. */
  readonly recurrent?: RecurrentPart;
}

/**
 * A trained recurrence over the characters of a text, in both directions: input `places` int32 `[batch, characters, 3]`, the ids of
 * the n-grams that begin at each character, 0 behind the end of the text.
 *
 * At a character, x and u are the sums of the values and gates of its n-grams; then f = 0.5 + 0.5 softsign(scale u + shift) and
 * c = f c' + (1 - f) x. Features are the last, largest and twice the mean c of each direction; scores are a linear map of
 * them, and of one layer of ReLU.
 */
export interface RecurrentPart extends RecurrentWeights {
  readonly width: number;
  /** Values, then gates of each n-gram, `[n-grams, 2 width]`; kept in half precision. Rows 0 and 1 are 0. */
  readonly vectors: Float32Array<ArrayBuffer>;
  /** Of the scores, 0 to 1; the rest is the linear part's. */
  readonly share: number;
}

/** A model of features that the engine can build, as data. */
export type Architecture = MlpArchitecture;

/** Any model the engine can build, as data. */
export type BuildableArchitecture =
  | Architecture
  | EncoderArchitecture
  | ConfiguredArchitecture
  | SparseLinearArchitecture;
