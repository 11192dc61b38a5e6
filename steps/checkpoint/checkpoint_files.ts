import type { FolderHandle, JsonObject, WordPieceTokenizer } from "../../pipeline/mod.ts";
import { parseTokenizer } from "./parse_tokenizer.ts";

/** Files of a checkpoint as Hugging Face's hub has them. */
export const CHECKPOINT_FILES = {
  config: "config.json",
  tokenizer: "tokenizer.json",
  tokenizerConfig: "tokenizer_config.json",
  vocabulary: "vocab.txt",
  safetensors: "model.safetensors",
  pytorch: "pytorch_model.bin",
} as const;

/** An encoder before it is trained for something. */
export interface Checkpoint {
  /** `config.json` */
  readonly config: JsonObject;
  readonly tokenizer: WordPieceTokenizer;
  /** Reads the pretrained weights; `undefined` when there are none, and training begins with drawn ones. */
  weights(): Promise<Uint8Array<ArrayBuffer> | undefined>;
}

/**
 * Reads what a checkpoint step wrote.
 *
 * @throws {ExplainedError} `checkpoint/bad-tokenizer`, and what reading the files throws.
 */
export async function readCheckpoint(folder: FolderHandle): Promise<Checkpoint> {
  const textOf = async (path: string): Promise<string | undefined> =>
    folder.paths.includes(path) ? new TextDecoder().decode(await folder.read(path)) : undefined;
  const stored = [CHECKPOINT_FILES.safetensors, CHECKPOINT_FILES.pytorch]
    .find((path) => folder.paths.includes(path));
  return {
    config: await folder.readJson(CHECKPOINT_FILES.config) as JsonObject,
    tokenizer: parseTokenizer({
      json: await textOf(CHECKPOINT_FILES.tokenizer),
      config: await textOf(CHECKPOINT_FILES.tokenizerConfig),
      vocabulary: await textOf(CHECKPOINT_FILES.vocabulary),
    }),
    weights: async () => stored === undefined ? undefined : await folder.read(stored),
  };
}
