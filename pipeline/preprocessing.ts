import type { Cell, Row } from "./dataset.ts";
import type { Tensor } from "./tensor.ts";

/** How a numeric column becomes one number. */
export interface NumberFeature {
  readonly column: string;
  readonly as: "number";
  /** `standard`: (x - mean) / deviation; `minmax`: to 0…1; `none`: as it is. @default "standard" */
  readonly scale?: "standard" | "minmax" | "none";
  /** What stands in for a missing value, before scaling; `error` refuses the row. @default "error" */
  readonly missing?: "mean" | "median" | "error" | { readonly value: number };
  /** Adds a second number that is 1 where the value is missing. @default false */
  readonly indicator?: boolean;
}

/** How a categorical column becomes one number per category seen in training (one-hot). */
export interface CategoryFeature {
  readonly column: string;
  readonly as: "category";
  /** `category`: a category of its own; `most-frequent`; `error` refuses the row. @default "error" */
  readonly missing?: "category" | "most-frequent" | "error";
  /** A category never seen in training: all zeros, or refused. @default "ignore" */
  readonly unknown?: "ignore" | "error";
}

/** Character n-grams of one kind. Characters are UTF-16 units of the normalised text. */
export interface NgramFamily {
  /** Characters of the shortest and of the longest n-gram. */
  readonly lengths: readonly [number, number];
  /** Whether spaces count, or are left out first. */
  readonly spaces: boolean;
}

/**
 * How a column of texts becomes counts of character n-grams. Texts are normalised first: lower case, all white
 * space one space, one space at each end, runs of one character cut to three. Stands alone: no feature beside it.
 */
export interface NgramFeature {
  readonly column: string;
  readonly as: "ngrams";
  /** @default 1 to 5 characters with spaces, and 2 to 4 without */
  readonly families?: readonly NgramFamily[];
  /** Texts that must hold an n-gram, or it is left out; 1 to 15. @default 3 */
  readonly minTexts?: number;
  /** Characters of a normalised text that are read; 1 to 65,536. @default 1024 */
  readonly maxLength?: number;
  /** Also the short n-grams place by place, for a model that reads a text in its order. @default none */
  readonly places?: NgramPlaces;
}

/** Which n-grams are kept place by place: those of 1 to 3 characters, spaces counted. */
export interface NgramPlaces {
  /** Texts that must hold an n-gram, or it is left out; 1 to 15. */
  readonly minTexts: number;
  /** Characters of a normalised text that are read; 1 to 1024. */
  readonly maxLength: number;
}

/**
 * A WordPiece tokenizer as BERT has it: control characters go, white space and punctuation cut words apart, and a word is the
 * longest tokens that make it up. Special tokens that stand in a text are text.
 */
export interface WordPieceTokenizer {
  /** Tokens by id; those that go on a word begin with `##`. */
  readonly vocabulary: readonly string[];
  /** Lower case first. */
  readonly lowercase: boolean;
  /** Takes marks off their letters. Cuts Hangul into its letters, as BERT does. */
  readonly stripAccents: boolean;
  /** Whether each Chinese character is a word. */
  readonly cutChinese: boolean;
  /** Tokens of the vocabulary for words that have none, for begin, end and padding of a text. */
  readonly special: {
    readonly unknown: string;
    readonly begin: string;
    readonly end: string;
    readonly padding: string;
  };
}

/** How a column of texts becomes tokens for an encoder. Stands alone: no feature beside it. */
export interface TokenFeature {
  readonly column: string;
  readonly as: "tokens";
  readonly tokenizer: WordPieceTokenizer;
  /** Tokens of a text that are kept, begin and end counted; 3 to 4096. @default 128 */
  readonly maxLength?: number;
}

/** How raw rows become tensors, as data; not yet fitted. */
export interface PreprocessingSpec {
  readonly features: readonly (NumberFeature | CategoryFeature | NgramFeature | TokenFeature)[];
  /** Column that holds the label. */
  readonly label: string;
}

/** A numeric feature with what was learned from the training split. */
export interface FittedNumber {
  readonly column: string;
  readonly as: "number";
  /** Subtracted first. */
  readonly shift: number;
  /** Then divided by. Never 0. */
  readonly divisor: number;
  /** Stands in for a missing value; `null` refuses it. */
  readonly fill: number | null;
  readonly indicator: boolean;
  /** Smallest and largest value seen, for forms and drift. */
  readonly range: readonly [number, number];
  /** Whether every value seen was a whole number. */
  readonly integer: boolean;
}

/** A categorical feature with the categories of the training split, sorted. */
export interface FittedCategory {
  readonly column: string;
  readonly as: "category";
  readonly type: "string" | "number" | "boolean";
  readonly categories: readonly string[];
  /** Category a missing value counts as; `null` refuses it. A category of its own is the last, named "". */
  readonly fill: string | null;
  readonly unknown: "ignore" | "error";
}

/** The n-grams of the training split that were kept, as 32-bit hashes. The id of one is its place among them. */
export interface FittedNgrams {
  readonly column: string;
  readonly as: "ngrams";
  readonly families: readonly NgramFamily[];
  readonly maxLength: number;
  /** How many were kept. */
  readonly count: number;
  /** The hashes in rising order: each as LEB128 of its distance from the one before (the first from 0), all as base64. */
  readonly hashes: string;
  /** Those that are kept place by place, in the same way. */
  readonly places?: Pick<FittedNgrams, "maxLength" | "count" | "hashes">;
}

/** A tokenizer that is ready. Its `width` is the size of the vocabulary. */
export type FittedTokens = Required<TokenFeature>;

/** One feature as it was learned. */
export type FittedFeature = FittedNumber | FittedCategory | FittedNgrams | FittedTokens;

/** Whether a feature is made of a text: such a one stands alone. */
export function isTextFeature(feature: FittedFeature): feature is FittedNgrams | FittedTokens {
  return feature.as === "ngrams" || feature.as === "tokens";
}

/** Preprocessing learned on the training split: kept in the model, run in training and in serving alike. */
export interface FittedPreprocessing {
  readonly version: 1;
  readonly features: readonly FittedFeature[];
  /** Length of the feature vector; of n-grams and of tokens, how many there are. */
  readonly width: number;
  readonly label: {
    readonly column: string;
    readonly labels: readonly string[];
  };
}

/** Runs one fitted preprocessing. */
export interface Preprocessor {
  readonly fitted: FittedPreprocessing;
  /**
   * Rows to the model's inputs: `{ features: float32 [rows, width] }`. Of n-grams `{ ids: int32 [rows, length],
   * values: float32 [rows, length] }`: the n-grams that each text holds, and 1 + ln of how often; the rest is 0; and where
   * n-grams are kept by place, `places: int32 [rows, characters, 3]`: the n-grams of 1, 2 and 3 characters that begin at each
   * character, 0 behind the end of the text, 1 for one that was not kept, else 2 + its place among the hashes. Of tokens
   * `{ input_ids: int64 [rows, length], attention_mask: int64 [rows, length] }`, the mask 1 for tokens and 0 for padding.
   *
   * @param options `firstRow`: position of the first row in its dataset, for messages; 0 unless given.
   * @throws {ExplainedError} `preprocessing/bad-rows` naming every refused value.
   */
  encode(
    rows: readonly Readonly<Record<string, unknown>>[],
    options?: { readonly firstRow?: number },
  ): Record<string, Tensor>;
  /**
   * A quicker way for rows that are lists of values in the order of `columns`; texts have none. It gives what `encode`
   * gives, or `undefined` where `encode` would refuse a value and say why.
   */
  openLists?(
    columns: readonly string[],
  ): (rows: readonly (readonly unknown[])[]) => Record<string, Tensor> | undefined;
  /**
   * The same for one row, written into memory that is used again and again; `false` where `encode` would refuse a value,
   * and where it would write more or fewer numbers.
   *
   * @param columns As for `openLists`.
   */
  openRow?(columns: readonly string[]): (row: readonly unknown[], into: Float32Array) => boolean;
  /**
   * Tokens of a text, begin and end counted, at most `maxLength`: as long as the longest text's are all rows of a batch.
   * N-grams and tables have none.
   */
  countTokens?(text: string): number;
  /**
   * Labels to class ids, int32 `[rows]`.
   *
   * @throws {ExplainedError} `preprocessing/unknown-label` naming every label never seen in training.
   */
  encodeLabels(rows: readonly Row[]): Tensor;
}

/** Rows side by side. */
export interface RowList {
  readonly rows: readonly Row[];
  /** Position of the first row in its dataset, for messages. @default 0 */
  readonly firstRow?: number;
}

/** Tokens of texts, one text after the other. */
export interface TokenizedTexts {
  /** Begin and end included. */
  readonly ids: Int32Array<ArrayBuffer>;
  /** Where each text ends in `ids`; it begins where the one before ends. */
  readonly ends: Int32Array<ArrayBuffer>;
  /** Tokens that stand for words without tokens. */
  readonly unknown: number;
  /** Texts that lost tokens, because they have more than `maxLength`. */
  readonly truncated: number;
}

/** What a vocabulary is to be like. */
export interface VocabularyOptions
  extends Pick<WordPieceTokenizer, "lowercase" | "stripAccents" | "cutChinese"> {
  /** Tokens, at most; special ones counted. */
  readonly size: number;
  /** Characters that get tokens of their own, at most: the frequent ones. */
  readonly alphabet: number;
  /** What stands first in it. */
  readonly special: readonly string[];
}

/** What a step may ask of the preprocessing. */
export interface PreprocessingPort {
  fit(
    spec: PreprocessingSpec,
    rows: AsyncIterable<Row>,
  ): Promise<FittedPreprocessing>;
  open(fitted: FittedPreprocessing): Preprocessor;
  /**
   * Encodes many rows, texts on all cores: lists in, each with the model's inputs out, in order.
   *
   * @throws {ExplainedError} What `Preprocessor.encode` throws.
   */
  encodeMany<List extends RowList>(
    preprocessor: Preprocessor,
    lists: AsyncIterable<List>,
  ): AsyncIterable<readonly [List, Record<string, Tensor>]>;
  /** Tokenizes many texts on all cores: lists of texts in, the tokens of each list out, in order. */
  tokenize(
    feature: FittedTokens,
    texts: AsyncIterable<readonly string[]>,
  ): AsyncIterable<TokenizedTexts>;
  /** Learns the vocabulary of a WordPiece tokenizer: the pieces of words that save most. The same texts, the same vocabulary. */
  learnVocabulary(
    texts: AsyncIterable<string>,
    options: VocabularyOptions,
  ): Promise<readonly string[]>;
}

/** A label as it is shown: `5`, `true`, `setosa`. */
export function labelText(cell: Cell): string {
  return String(cell);
}
