import { equal } from "node:assert/strict";
import { hiddenWeights } from "./mlp_weights.ts";

for (
  const [hidden, weights] of [[[], 0], [[256], 0], [[256, 128], 32_768], [[2, 3, 4], 18]] as const
) {
  Deno.test(`hiddenWeights() counts ${weights} for hidden layers [${hidden}]`, () => {
    equal(hiddenWeights({ hidden }), weights);
  });
}
