import type { MlpArchitecture } from "../../pipeline/mod.ts";

/**
 * Weights between the hidden layers of a perceptron. Those to the features and classes, which the
 * data decides, are left out: the number says whether a GPU gains, and for that the large layers count.
 */
export function hiddenWeights({ hidden }: Pick<MlpArchitecture, "hidden">): number {
  return hidden.slice(1).reduce((sum, units, i) => sum + units * hidden[i]!, 0);
}
