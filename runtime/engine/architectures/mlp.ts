import type { MlpArchitecture } from "../../../pipeline/architecture.ts";
import type { BuildOptions } from "../../../pipeline/engine_port.ts";
import type { OnnxModel, OnnxNode, OnnxTensor } from "../onnx/onnx_model.ts";
import { IR_VERSION, OPSET } from "../graph_to_model.ts";
import { type RandomNumbers, seededRandom } from "../seeded_random.ts";

const activations: Readonly<Record<NonNullable<MlpArchitecture["activation"]>, OnnxNode["op"]>> = {
  relu: "Relu",
  tanh: "Tanh",
  gelu: "Gelu",
};

/**
 * A multi-layer perceptron: input `features` float32 `[batch, features]`, output `logits` float32 `[batch, classes]`.
 *
 * Weights are `[inputs, outputs]`, drawn evenly from ±sqrt(6 / inputs) before relu and gelu (He) and from
 * ±sqrt(6 / (inputs + outputs)) else (Glorot); biases are 0. Same seed, same bytes.
 *
 * @see He et al. 2015, arXiv:1502.01852; Glorot & Bengio 2010.
 */
export function buildMlp(architecture: MlpArchitecture, options: BuildOptions): OnnxModel {
  const random = seededRandom(options.seed);
  const activation = architecture.activation ?? "relu";
  const widths = [options.features, ...architecture.hidden, options.classes];
  const dropout = architecture.dropout ?? 0;
  const initializers = new Map<string, OnnxTensor>();
  if (dropout > 0) {
    initializers.set("dropout.ratio", {
      type: "float32",
      shape: [],
      data: Float32Array.of(dropout),
    });
  }
  const nodes: OnnxNode[] = [];
  let from = "features";
  for (let layer = 1; layer < widths.length; layer++) {
    const last = layer === widths.length - 1;
    const name = last ? "output" : `hidden_${layer}`;
    const [inputs, outputs] = [widths[layer - 1]!, widths[layer]!];
    const fan = last || activation === "tanh" ? inputs + outputs : inputs;
    initializers.set(`${name}.weight`, evenly(random, [inputs, outputs], Math.sqrt(6 / fan)));
    initializers.set(`${name}.bias`, {
      type: "float32",
      shape: [outputs],
      data: new Float32Array(outputs),
    });
    const to = last ? "logits" : `${name}.linear`;
    nodes.push(node("Gemm", name, [from, `${name}.weight`, `${name}.bias`], to));
    from = to;
    if (!last) {
      from = `${name}.${activation}`;
      nodes.push(node(activations[activation], from, [to], from));
      if (dropout > 0) {
        nodes.push(node("Dropout", `${name}.dropout`, [from, "dropout.ratio"], `${name}.dropout`));
        from = `${name}.dropout`;
      }
    }
  }
  return {
    irVersion: IR_VERSION,
    opsets: { "": OPSET },
    metadata: {},
    graph: {
      name: "mlp",
      nodes,
      initializers,
      inputs: [{ name: "features", type: "float32", shape: ["batch", options.features] }],
      outputs: [{ name: "logits", type: "float32", shape: ["batch", options.classes] }],
    },
  };
}

function node(op: string, name: string, inputs: readonly string[], output: string): OnnxNode {
  return { name, op, domain: "", inputs, outputs: [output], attributes: {} };
}

function evenly(
  random: RandomNumbers,
  shape: readonly [number, number],
  limit: number,
): OnnxTensor {
  const data = Float32Array.from({ length: shape[0] * shape[1] }, () => (2 * random() - 1) * limit);
  return { type: "float32", shape, data };
}
