/// <reference no-default-lib="true" />
/// <reference lib="deno.worker" />
import type { FittedTokens } from "../../pipeline/mod.ts";
import { openWordPiece, type WordPiece } from "./word_piece.ts";

type Question = Pick<FittedTokens, "tokenizer" | "maxLength"> | readonly string[];

let wordPiece: WordPiece | undefined;
let length = 0;

/** The first message is a tokenizer; each that follows is a list of texts, and is answered with its tokens. */
self.onmessage = ({ data }: MessageEvent<Question>) => {
  if ("tokenizer" in data) {
    wordPiece = openWordPiece(data.tokenizer);
    length = data.maxLength;
    return;
  }
  const tokens = wordPiece!.tokenize(data, length);
  self.postMessage(tokens, [tokens.ids.buffer, tokens.ends.buffer]);
};
