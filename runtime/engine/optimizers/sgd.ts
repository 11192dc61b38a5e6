import type { SgdOptimizer } from "../../../pipeline/engine_port.ts";
import type { Optimizer } from "./optimizer.ts";

/**
 * Stochastic gradient descent, with classical momentum on request.
 *
 * v = momentum * v + g; w = w - lr * v
 *
 * @see Sutskever et al. 2013; the form of PyTorch, in which the learning rate is not part of v.
 */
export function sgd({ momentum = 0 }: SgdOptimizer): Optimizer {
  if (momentum === 0) {
    return {
      kind: "sgd",
      slots: [],
      scalars: (_iteration, learningRate) => [learningRate],
      rule: "w = w - s[0] * g;",
    };
  }
  return {
    kind: "sgd",
    slots: ["velocity"],
    scalars: (_iteration, learningRate) => [learningRate, momentum],
    rule: `
      velocity = s[1] * velocity + g;
      w = w - s[0] * velocity;`,
  };
}
