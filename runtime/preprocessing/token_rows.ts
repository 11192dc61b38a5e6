import type { FittedTokens, Preprocessor, Tensor } from "../../pipeline/mod.ts";
import { listBadRows } from "./bad_rows.ts";
import { A_TEXT } from "./ngram_feature.ts";
import { openWordPiece } from "./word_piece.ts";

/**
 * Writes the tokens of texts: `input_ids` and `attention_mask`, int64 `[rows, length]`, as long as the longest text needs:
 * an encoder takes its time for padding, too.
 */
export function encodeTokenRows(
  { column, tokenizer, maxLength }: FittedTokens,
): Pick<Preprocessor, "encode"> & Required<Pick<Preprocessor, "countTokens">> {
  const wordPiece = openWordPiece(tokenizer);
  const padding = BigInt(tokenizer.vocabulary.indexOf(tokenizer.special.padding));
  const encode: Preprocessor["encode"] = (rows, { firstRow = 0 } = {}) => {
    const bad = listBadRows();
    const texts = rows.map((row, i) => {
      const text = row[column];
      if (typeof text === "string") return text;
      bad.add(row, { row: firstRow + i, column, expected: A_TEXT });
      return "";
    });
    bad.refuse(`Cannot encode ${rows.length === 1 ? "the row" : `${rows.length} rows`}`);
    const { ids, ends } = wordPiece.tokenize(texts, maxLength);
    const length = ends.reduce((most, end, i) => Math.max(most, end - (ends[i - 1] ?? 0)), 1);
    return paddedTokens(ids, ends, { length, padding });
  };
  return { encode, countTokens: (text) => wordPiece.tokenize([text], maxLength).ids.length };
}

function paddedTokens(
  ids: Int32Array,
  ends: Int32Array,
  { length, padding }: { readonly length: number; readonly padding: bigint },
): Record<string, Tensor> {
  const shape = [ends.length, length];
  const padded = new BigInt64Array(ends.length * length).fill(padding);
  const mask = new BigInt64Array(padded.length);
  let from = 0;
  ends.forEach((end, row) => {
    for (let at = row * length; from < end; at++, from++) {
      padded[at] = BigInt(ids[from]!);
      mask[at] = 1n;
    }
  });
  return {
    input_ids: { type: "int64", shape, data: padded },
    attention_mask: { type: "int64", shape, data: mask },
  };
}
