import { deepEqual, throws } from "node:assert/strict";
import { buildModel } from "./architectures/mod.ts";
import type { OnnxModel } from "./onnx/onnx_model.ts";
import { selectWeights } from "./select_weights.ts";

const model = buildModel({ kind: "mlp", hidden: [3, 3] }, { features: 4, classes: 2, seed: 1 });

Deno.test("selectWeights() takes every weight that the output depends on", () => {
  const extra: OnnxModel = {
    ...model,
    graph: {
      ...model.graph,
      initializers: new Map([
        ...model.graph.initializers,
        ["unused", { type: "float32", shape: [2], data: new Float32Array(2) }],
        ["scale", { type: "float32", shape: [], data: new Float32Array(1) }],
        ["ids", { type: "int64", shape: [2], data: new BigInt64Array(2) }],
      ]),
    },
  };

  deepEqual(selectWeights(extra, "logits"), [...model.graph.initializers.keys()]);
});

Deno.test("selectWeights() matches patterns", () => {
  deepEqual(selectWeights(model, "logits", ["hidden_*.bias", "output.weight"]), [
    "hidden_1.bias",
    "hidden_2.bias",
    "output.weight",
  ]);
});

Deno.test("selectWeights() tells every pattern that matches nothing", () => {
  throws(
    () => selectWeights(model, "logits", ["output.wieght", "encoder.*"]),
    /2 problems[^]*"output\.wieght" matches no weight \(did you mean "output\.weight"\?\)[^]*"encoder\.\*"/,
  );
});
