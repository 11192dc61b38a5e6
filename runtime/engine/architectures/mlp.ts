import type { MlpArchitecture } from "../../../pipeline/architecture.ts";
import type { OnnxModel } from "../onnx/onnx_model.ts";
import type { RandomNumbers } from "../seeded_random.ts";
import { openModelBuilder } from "./model_builder.ts";

const activations = { relu: "Relu", tanh: "Tanh", gelu: "Gelu" } as const;

/**
 * A multi-layer perceptron: input `features` float32 `[batch, features]`, output `logits` float32 `[batch, classes]`.
 *
 * Weights are `[inputs, outputs]`, drawn evenly from ±sqrt(6 / inputs) before relu and gelu (He) and from
 * ±sqrt(6 / (inputs + outputs)) else (Glorot); biases are 0.
 *
 * @see He et al. 2015, arXiv:1502.01852; Glorot & Bengio 2010.
 */
export function buildMlp(
  architecture: MlpArchitecture,
  { features, classes, random }: { features: number; classes: number; random: RandomNumbers },
): OnnxModel {
  const { hidden, activation = "relu", dropout = 0 } = architecture;
  const b = openModelBuilder({ random, mayBeNew: () => true });
  const widths = [features, ...hidden, classes];
  let x = b.input("features", "float32", ["batch", features]);
  for (let layer = 1; layer < widths.length; layer++) {
    const last = layer === widths.length - 1;
    const name = last ? "output" : `hidden_${layer}`;
    const [inputs, outputs] = [widths[layer - 1]!, widths[layer]!];
    const limit = Math.sqrt(6 / (last || activation === "tanh" ? inputs + outputs : inputs));
    const weight = b.weight(`${name}.weight`, [inputs, outputs], { kind: "even", limit });
    const bias = b.weight(`${name}.bias`, [outputs], { kind: "constant", value: 0 });
    x = b.node("Gemm", last ? "logits" : `${name}.linear`, [x, weight, bias]);
    if (!last) {
      x = b.dropout(b.node(activations[activation], `${name}.${activation}`, [x]), dropout);
    }
  }
  return b.finish("mlp", { name: "logits", type: "float32", shape: ["batch", classes] });
}
