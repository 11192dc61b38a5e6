import type { FittedTokens, TokenFeature } from "../../pipeline/mod.ts";
import type { FeatureLearner } from "./feature.ts";
import { A_TEXT } from "./ngram_feature.ts";

/** Takes a tokenizer as it is: nothing of it is learned from the rows. */
export function learnTokens(feature: TokenFeature): FeatureLearner<FittedTokens> {
  return {
    learn: (value) => typeof value === "string" ? null : A_TEXT,
    problem: () => null,
    finish: () => ({ maxLength: 128, ...feature }),
  };
}
