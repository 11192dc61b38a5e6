import type { FittedTokens, TokenizedTexts } from "../../pipeline/mod.ts";
import { inOrder } from "./ordered_workers.ts";
import { openWordPiece } from "./word_piece.ts";

/** Tokenizes lists of texts on all cores, and gives the tokens in the order of the lists. */
export async function* tokenizeTexts(
  { tokenizer, maxLength }: FittedTokens,
  texts: AsyncIterable<readonly string[]>,
): AsyncGenerator<TokenizedTexts, void, undefined> {
  const work = {
    few: 1,
    module: new URL("./tokenize_worker.ts", import.meta.url),
    setup: { tokenizer, maxLength },
    question: (list: readonly string[]) => list,
    alone: (list: readonly string[]) => openWordPiece(tokenizer).tokenize(list, maxLength),
  };
  for await (const [, tokens] of inOrder(texts, work)) yield tokens;
}
