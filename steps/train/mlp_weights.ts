import type { MlpArchitecture } from "../../pipeline/mod.ts";

/** Inputs that the first hidden layer is taken to have: the data, which decides it, is not read yet. */
const NOMINAL_INPUTS = 64;

/**
 * About how many weights the hidden layers of a perceptron have, the first with a nominal 64 inputs. The number
 * says whether a GPU gains, and for that the large layers count; those to the classes are left out.
 */
export function hiddenWeights({ hidden }: Pick<MlpArchitecture, "hidden">): number {
  return hidden.reduce((sum, units, i) => sum + units * (hidden[i - 1] ?? NOMINAL_INPUTS), 0);
}
