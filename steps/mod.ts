/**
 * The built-in steps.
 *
 * @module
 */
export { evaluate } from "./evaluate/evaluate.ts";
export { gate } from "./gate/gate.ts";
export { preprocess } from "./preprocess/preprocess.ts";
export { register } from "./register/register.ts";
export { train } from "./train/train.ts";
