import { deepEqual, equal, ok, rejects, throws } from "node:assert/strict";
import fc from "fast-check";
import type { Tensor } from "../../../pipeline/tensor.ts";
import { classifierCase, LAYER_OPERATORS, layerModel } from "./_layer_models.ts";
import { inferenceModel } from "../classifier_model.ts";
import { buildModel } from "../architectures/mod.ts";
import { int } from "../graph.ts";
import { writeModel } from "../onnx/write_model.ts";
import { openEngine } from "../open_engine.ts";
import { openDenseGraph } from "./open_dense_graph.ts";

/** Probabilities are small; a logit is a sum of many terms that are larger than itself. */
const TOLERANCES: Readonly<Record<string, number>> = { probabilities: 1e-6, logits: 1e-5 };

/** As a multiple of what is tolerated. */
function worstDifference(
  own: Readonly<Record<string, Tensor>>,
  other: Readonly<Record<string, Tensor>>,
): number {
  deepEqual(Object.keys(own), Object.keys(other));
  let worst = 0;
  for (const [name, { shape, data }] of Object.entries(own)) {
    deepEqual(shape, other[name]!.shape);
    for (let i = 0; i < data.length; i++) {
      const expected = Number(other[name]!.data[i]);
      worst = Math.max(worst, Math.abs(Number(data[i]) - expected) / TOLERANCES[name]!);
    }
  }
  return worst;
}

Deno.test("openDenseGraph() answers as onnxruntime does, whatever the layers", async () => {
  await using engine = await openEngine("cpu", { threads: 1 });
  await fc.assert(
    fc.asyncProperty(classifierCase, async ({ model, features, size }) => {
      await using session = await engine.openInference(writeModel(model));
      const own = openDenseGraph(model)!;

      equal(own.fits({ features }), true);
      ok(
        worstDifference(own.run({ features }), await session.run({ features })) < size,
      );
    }),
    { seed: 7, numRuns: 150 },
  );
});

Deno.test("an inference session of a small model answers at once, what is wanted", async () => {
  await using engine = await openEngine("cpu", { threads: 1 });
  const built = buildModel({ kind: "mlp", hidden: [5] }, { features: 3, classes: 2, seed: 1 });
  const model = writeModel(inferenceModel(built, new Map(), "softmax"));
  await using session = await engine.openInference(model);
  const features = { type: "float32", shape: [2, 3], data: new Float32Array(6).fill(0.5) } as const;

  const given = session.runNow!({ features }, ["probabilities"]);

  ok(worstDifference(given, await session.run({ features }, ["probabilities"])) < 1);
  const narrow = { ...features, shape: [3, 2] };
  throws(() => session.runNow!({ features: narrow }), { code: "engine/bad-batch" });
  throws(() => session.runNow!({}), { code: "engine/bad-batch" });
  throws(() => session.runNow!({ features, more: features }), { code: "engine/bad-batch" });
  throws(() => session.runNow!({ features }, ["classes"]), { code: "engine/no-such-output" });
});

Deno.test("an inference session that was released answers nothing any more", async () => {
  await using engine = await openEngine("cpu", { threads: 1 });
  const session = await engine.openInference(writeModel(layerModel([3, 2])));
  await session[Symbol.asyncDispose]();
  const features = { type: "float32", shape: [1, 3], data: new Float32Array(3) } as const;

  throws(() => session.runNow!({ features }), { code: "engine/closed" });
  await rejects(Promise.try(() => session.run({ features })), { code: "engine/closed" });
});

Deno.test("openDenseGraph() gives NaN where a weight is NaN", () => {
  for (const activation of LAYER_OPERATORS) {
    const model = layerModel([2, 5, 3], { activation });
    (model.graph.initializers.get("w1")!.data as Float32Array)[0] = NaN;
    const features = { type: "float32", shape: [1, 2], data: Float32Array.of(1, 1) } as const;

    const { logits } = openDenseGraph(model)!.run({ features }, ["logits"]);

    deepEqual([...logits!.data], [NaN, NaN, NaN]);
  }
});

const { graph, ...rest } = layerModel([3, 4, 2]);
const [first, ...later] = graph.nodes;

for (
  const { title, model } of [
    { title: "more weights than pay", model: layerModel([300, 300]) },
    { title: "an old operator set", model: { ...layerModel([3, 2]), opsets: { "": 12 } } },
    {
      title: "a value that is read twice",
      model: {
        ...rest,
        graph: {
          ...graph,
          outputs: [...graph.outputs, { ...graph.outputs[0]!, name: first!.outputs[0]! }],
        },
      },
    },
    {
      title: "another operator",
      model: { ...rest, graph: { ...graph, nodes: [first!, { ...later[0]!, op: "Erf" }] } },
    },
    {
      title: "a factor before a product",
      model: {
        ...rest,
        graph: { ...graph, nodes: [{ ...first!, attributes: { transA: int(1) } }, ...later] },
      },
    },
    {
      title: "a softmax over the rows",
      model: {
        ...rest,
        graph: {
          ...graph,
          nodes: graph.nodes.map((node) =>
            node.op === "Softmax" ? { ...node, attributes: { axis: int(0) } } : node
          ),
        },
      },
    },
    {
      title: "two inputs",
      model: {
        ...rest,
        graph: { ...graph, inputs: [...graph.inputs, { ...graph.inputs[0]!, name: "more" }] },
      },
    },
  ]
) {
  Deno.test(`openDenseGraph() leaves a graph with ${title} to onnxruntime`, () => {
    equal(openDenseGraph(model), undefined);
  });
}
