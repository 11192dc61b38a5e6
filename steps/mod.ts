/**
 * The built-in steps.
 *
 * @module
 */
export { checkpoint } from "./checkpoint/checkpoint.ts";
export { newCheckpoint } from "./checkpoint/new_checkpoint.ts";
export { dataset } from "./dataset/dataset.ts";
export { evaluate } from "./evaluate/evaluate.ts";
export { fineTune } from "./fine_tune/fine_tune.ts";
export { gate } from "./gate/gate.ts";
export { holdout } from "./split/holdout.ts";
export { overlap } from "./overlap/overlap.ts";
export { preprocess } from "./preprocess/preprocess.ts";
export { register } from "./register/register.ts";
export { sample } from "./sample/sample.ts";
export { split } from "./split/split.ts";
export { tokenize } from "./tokenize/tokenize.ts";
export { tokenizer } from "./tokenize/tokenizer.ts";
export { train } from "./train/train.ts";
export { trainLinear } from "./train_linear/train_linear.ts";
export { validate } from "./validate/validate.ts";
