import type { AdamwOptimizer } from "../../../pipeline/engine_port.ts";
import type { Optimizer } from "./optimizer.ts";

/**
 * AdamW: Adam with decoupled weight decay, on matrices and larger tensors only (not on biases and norms).
 *
 * m = b1 m + (1 - b1) g; v = b2 v + (1 - b2) g^2;
 * w = w (1 - lr * decay) - lr * (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + epsilon)
 *
 * @see Loshchilov & Hutter 2019, arXiv:1711.05101.
 */
export function adamw(options: AdamwOptimizer): Optimizer {
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0.01 } = options;
  return {
    kind: "adamw",
    slots: ["m", "v"],
    scalars: (iteration, learningRate, shape) => [
      learningRate / (1 - beta1 ** iteration),
      1 / Math.sqrt(1 - beta2 ** iteration),
      1 - (shape.length >= 2 ? learningRate * weightDecay : 0),
      beta1,
      beta2,
      epsilon,
    ],
    update({ weight, gradient, slots: [m, v] }, [rate, rootScale, decay, b1, b2, e]) {
      for (let i = 0; i < weight.length; i++) {
        const g = gradient[i]!;
        const mean = b1! * m![i]! + (1 - b1!) * g;
        const square = b2! * v![i]! + (1 - b2!) * g * g;
        m![i] = mean;
        v![i] = square;
        weight[i] = weight[i]! * decay! - rate! * mean / (Math.sqrt(square) * rootScale! + e!);
      }
    },
    wgsl: `
      m = s[3] * m + (1.0 - s[3]) * g;
      v = s[4] * v + (1.0 - s[4]) * g * g;
      w = w * s[2] - s[0] * m / (sqrt(v) * s[1] + s[5]);`,
  };
}
