import type { AdamOptimizer } from "../../../pipeline/engine_port.ts";
import type { Optimizer } from "./optimizer.ts";

/**
 * Adam, with weight decay added to the gradient or (`adamw`) taken from matrices and larger tensors, not from biases and norms.
 *
 * m = b1 m + (1 - b1) g; v = b2 v + (1 - b2) g^2;
 * w = w (1 - lr * decay) - lr * (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + epsilon)
 *
 * @see Kingma & Ba 2015, arXiv:1412.6980; Loshchilov & Hutter 2019, arXiv:1711.05101.
 */
export function adam(options: AdamOptimizer<"adam" | "adamw">): Optimizer {
  const decoupled = options.kind === "adamw";
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = options;
  const { weightDecay = decoupled ? 0.01 : 0 } = options;
  return {
    kind: options.kind,
    slots: ["m", "v"],
    scalars: (iteration, learningRate, shape) => [
      learningRate / (1 - beta1 ** iteration),
      1 / Math.sqrt(1 - beta2 ** iteration),
      1 - (decoupled && shape.length >= 2 ? learningRate * weightDecay : 0),
      beta1,
      beta2,
      epsilon,
      decoupled ? 0 : weightDecay,
      1 - beta1, // in double precision: 1 - 0.999 has few digits left in single
      1 - beta2,
    ],
    rule: `
      let d = g + s[6] * w;
      m = s[3] * m + s[7] * d;
      v = s[4] * v + s[8] * d * d;
      w = w * s[2] - s[0] * m / (sqrt(v) * s[1] + s[5]);`,
  };
}
