import { equal } from "node:assert/strict";
import { hiddenWeights } from "./mlp_weights.ts";

for (
  const [hidden, weights] of [[[], 0], [[256], 16_384], [[256, 128], 49_152], [
    [2, 3, 4],
    146,
  ]] as const
) {
  Deno.test(`hiddenWeights() counts ${weights} for hidden layers [${hidden}]`, () => {
    equal(hiddenWeights({ hidden }), weights);
  });
}
