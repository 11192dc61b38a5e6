import { deepEqual, throws } from "node:assert/strict";
import { buildModel } from "./architectures/mod.ts";
import type { OnnxModel } from "./onnx/onnx_model.ts";
import { learningRateFactors, selectWeights, weightsOfLastLayers } from "./select_weights.ts";

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

Deno.test("selectWeights() takes no exponents, no bounds and no single numbers", () => {
  const node = (op: string, inputs: string[], output: string) => (
    { name: op, op, domain: "", inputs, outputs: [output], attributes: {} }
  );
  const numbers = (shape: number[]) => (
    { type: "float32", shape, data: new Float32Array(Math.max(1, ...shape)) } as const
  );
  const odd: OnnxModel = {
    ...model,
    graph: {
      ...model.graph,
      nodes: [
        node("Pow", ["weight", "exponent"], "a"),
        node("Mul", ["a", "one"], "b"),
        node("Clip", ["b", "low", "high"], "c"),
      ],
      initializers: new Map(
        Object.entries({ weight: [2], exponent: [2], one: [], low: [1], high: [1] })
          .map(([name, shape]) => [name, numbers(shape)]),
      ),
    },
  };

  deepEqual(selectWeights(odd, "c"), ["weight"]);
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

const encoder = buildModel(
  {
    kind: "encoder",
    family: "bert",
    layers: 3,
    hidden: 4,
    heads: 2,
    intermediate: 4,
    vocabulary: 5,
    positions: 6,
  },
  { classes: 2, seed: 1 },
);
const all = selectWeights(encoder, "logits");

for (
  const { count, has, lacks } of [
    {
      count: 0,
      has: ["pooler.dense.weight", "classifier.bias"],
      lacks: ["encoder.layer.2.output.LayerNorm.bias"],
    },
    {
      count: 1,
      has: ["classifier.bias", "encoder.layer.2.attention.self.query.weight"],
      lacks: ["encoder.layer.1.output.dense.bias"],
    },
    {
      count: 3,
      has: ["encoder.layer.0.attention.self.query.weight"],
      lacks: ["embeddings.LayerNorm.bias"],
    },
  ]
) {
  Deno.test(`weightsOfLastLayers() takes ${count} layers and what is behind`, () => {
    const chosen = weightsOfLastLayers(encoder, all, count);

    deepEqual(has.filter((name) => !chosen.includes(name)), []);
    deepEqual(lacks.filter((name) => chosen.includes(name)), []);
  });
}

Deno.test("weightsOfLastLayers() refuses more layers than there are", () => {
  throws(
    () => weightsOfLastLayers(encoder, all, 4),
    /Cannot unfreeze 4 layers: the model has 3 layers/,
  );
  throws(() => weightsOfLastLayers(model, [], 1), /no numbered layers/);
});

Deno.test("learningRateFactors() takes the first group that fits", () => {
  const factors = learningRateFactors(["a.bias", "a.weight", "b.bias"], [
    { weights: ["a.bias"], learningRateFactor: 0.5 },
    { weights: ["*.bias"], learningRateFactor: 0.1 },
  ]);

  deepEqual([...factors], [["a.bias", 0.5], ["a.weight", 1], ["b.bias", 0.1]]);
});
