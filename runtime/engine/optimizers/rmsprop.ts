import type { AdagradOptimizer, RmspropOptimizer } from "../../../pipeline/engine_port.ts";
import type { Optimizer } from "./optimizer.ts";

/**
 * v = alpha v + (1 - alpha) g^2; w = w - lr * g / (sqrt(v) + epsilon)
 *
 * @see Hinton 2012, Neural Networks for Machine Learning, lecture 6e.
 */
export function rmsprop({ alpha = 0.99, epsilon = 1e-8 }: RmspropOptimizer): Optimizer {
  return meanSquare({ kind: "rmsprop", keep: alpha, add: 1 - alpha, epsilon });
}

/**
 * v = v + g^2; w = w - lr * g / (sqrt(v) + epsilon)
 *
 * @see Duchi et al. 2011, JMLR 12.
 */
export function adagrad({ epsilon = 1e-10 }: AdagradOptimizer): Optimizer {
  return meanSquare({ kind: "adagrad", keep: 1, add: 1, epsilon });
}

/** What the two have in common: v = keep * v + add * g^2. */
function meanSquare(
  { kind, keep, add, epsilon }: { kind: string; keep: number; add: number; epsilon: number },
): Optimizer {
  return {
    kind,
    slots: ["v"],
    scalars: (_iteration, learningRate) => [learningRate, keep, add, epsilon],
    rule: `
      v = s[1] * v + s[2] * g * g;
      w = w - s[0] * g / (sqrt(v) + s[3]);`,
  };
}
