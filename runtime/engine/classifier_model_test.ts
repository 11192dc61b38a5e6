import { deepEqual, equal, throws } from "node:assert/strict";
import { buildModel } from "./architectures/mod.ts";
import { inferenceModel, logitsOutput } from "./classifier_model.ts";
import type { OnnxModel } from "./onnx/onnx_model.ts";

const model = buildModel({ kind: "mlp", hidden: [3] }, { features: 4, classes: 2, seed: 1 });

/** The same graph with one value called differently. */
function renamed(from: string, to: string): OnnxModel {
  const rename = (name: string) => name === from ? to : name;
  const { nodes, outputs } = model.graph;
  return {
    ...model,
    graph: {
      ...model.graph,
      nodes: nodes.map((node) => ({
        ...node,
        inputs: node.inputs.map(rename),
        outputs: node.outputs.map(rename),
      })),
      outputs: outputs.map((output) => ({ ...output, name: rename(output.name) })),
    },
  };
}

Deno.test("inferenceModel() adds probabilities and replaces weights", () => {
  const bias = Float32Array.of(1, 2);

  const { graph } = inferenceModel(model, new Map([["output.bias", bias]]), "softmax");

  deepEqual(graph.outputs.map(({ name }) => name), ["logits", "probabilities"]);
  equal(graph.initializers.get("output.bias")!.data, bias);
  equal(graph.nodes.at(-1)!.op, "Softmax");
});

Deno.test("inferenceModel() gives the same model when applied to its result, and nothing of training", () => {
  const architecture = { kind: "mlp", hidden: [3], dropout: 0.5 } as const;
  const dropping = buildModel(architecture, { features: 4, classes: 2, seed: 1 });
  for (const each of [model, dropping]) {
    const once = inferenceModel(each, new Map(), "sigmoid");

    deepEqual(inferenceModel(once, new Map(), "sigmoid"), once);
    deepEqual([...once.graph.initializers.keys()], [...model.graph.initializers.keys()]);
    equal(once.graph.nodes.at(-1)!.op, "Sigmoid");
    equal(once.graph.nodes.some(({ op }) => op === "Dropout"), false);
  }
});

Deno.test("inferenceModel() calls the output logits, whatever it was called", () => {
  const other = renamed("logits", "output_0");
  equal(logitsOutput(other), "output_0");

  const { graph } = inferenceModel(other, new Map(), "softmax");

  deepEqual(graph.outputs.map(({ name }) => name), ["logits", "probabilities"]);
});

Deno.test("logitsOutput() says which outputs there are when none fits", () => {
  const { graph } = model;
  const outputs = [{ name: "ids", type: "int64", shape: ["batch"] }] as const;

  throws(() => logitsOutput({ ...model, graph: { ...graph, outputs } }), /ids: int64 \[batch\]/);
});
