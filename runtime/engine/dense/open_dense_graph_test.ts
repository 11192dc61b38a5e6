import { deepEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import type { RowSession } from "../../../pipeline/engine_port.ts";
import { LAYER_OPERATORS, layerCase, layerModel } from "./_layer_models.ts";
import { inferenceModel } from "../classifier_model.ts";
import { buildModel } from "../architectures/mod.ts";
import { int } from "../graph.ts";
import { writeModel } from "../onnx/write_model.ts";
import { openEngine } from "../open_engine.ts";
import { openDenseGraph } from "./open_dense_graph.ts";

/** Probabilities are small; a logit is a sum of many terms that are larger than itself. */
const TOLERANCES: Readonly<Record<string, number>> = { probabilities: 1e-6, logits: 1e-5 };

/** The output for rows that are run one after the other. */
function runRows(session: RowSession, rows: readonly Float32Array[]): number[] {
  return rows.flatMap((row) => {
    session.input.set(row);
    return [...session.run()];
  });
}

Deno.test("openDenseGraph() answers as onnxruntime does, whatever the layers", async () => {
  await using engine = await openEngine("cpu", { threads: 1 });
  await fc.assert(
    fc.asyncProperty(layerCase, async ({ model, features, size }) => {
      await using session = await engine.openInference(writeModel(model));
      const { shape: [rows, width], data } = features;
      const list = Array.from(
        { length: rows! },
        (_, row) => data.subarray(row * width!, (row + 1) * width!),
      );

      for (const [name, expected] of Object.entries(await session.run({ features }))) {
        const given = runRows(openDenseGraph(model)!.openRow(name)!, list);

        equal(given.length, expected.data.length);
        const worst = Math.max(
          ...given.map((item, i) => Math.abs(item - Number(expected.data[i]))),
        );
        ok(worst < TOLERANCES[name]! * size, `${name} differs by ${worst}`);
      }
    }),
    { seed: 7, numRuns: 150 },
  );
});

Deno.test("an inference session of a small model gives an output row by row", async () => {
  await using engine = await openEngine("cpu", { threads: 1 });
  const built = buildModel({ kind: "mlp", hidden: [5] }, { features: 3, classes: 2, seed: 1 });
  const model = writeModel(inferenceModel(built, new Map(), "softmax"));
  await using session = await engine.openInference(model);
  const data = Float32Array.of(0.5, -1, 2);

  const row = session.openRow!("probabilities")!;

  equal(row.name, "features");
  const { probabilities } = await session.run({
    features: { type: "float32", shape: [1, 3], data },
  });
  const [given] = runRows(row, [data]);
  ok(Math.abs(given! - Number(probabilities!.data[0])) < 1e-6);
  equal(session.openRow!("classes"), undefined);
});

Deno.test("openDenseGraph() gives NaN where a weight is NaN", () => {
  for (const activation of LAYER_OPERATORS) {
    const model = layerModel([2, 5, 3], { activation });
    (model.graph.initializers.get("w1")!.data as Float32Array)[0] = NaN;
    const { openRow } = openDenseGraph(model)!;

    deepEqual(runRows(openRow("logits")!, [Float32Array.of(1, 1)]), [NaN, NaN, NaN]);
    deepEqual(runRows(openRow("probabilities")!, [Float32Array.of(1, 1)]), [NaN, NaN, NaN]);
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
