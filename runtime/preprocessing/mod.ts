/**
 * Fits preprocessing on a training split and runs it, in training and in serving alike.
 *
 * Sealed: imports nothing of ours but `pipeline`.
 *
 * @module
 */
import type { PreprocessingPort } from "../../pipeline/mod.ts";
import { encodeMany } from "./encode_many.ts";
import { fitTable } from "./fit_table.ts";
import { learnWordPiece } from "./learn_word_piece.ts";
import { openTable } from "./open_table.ts";
import { tokenizeTexts } from "./tokenize_texts.ts";

export { type BadRow, BadRowsError } from "./bad_rows.ts";
export { parseFitted } from "./parse_fitted.ts";

/** The preprocessing, as steps and serving ask for it. Holds no state. */
export function openPreprocessing(): PreprocessingPort {
  return {
    fit: fitTable,
    open: openTable,
    encodeMany,
    tokenize: tokenizeTexts,
    learnVocabulary: learnWordPiece,
  };
}
