import type { InferenceSession } from "onnxruntime-node";
import { deepEqual, equal, rejects } from "node:assert/strict";
import { graphToModel } from "../graph_to_model.ts";
import { input } from "../graph.ts";
import { writeModel } from "../onnx/write_model.ts";
import { emit } from "../operators/mod.ts";
import { loadFillingGraph } from "./filling_graph.ts";
import type { OrtRuntime } from "./ort_graph.ts";
import { importOrtNode } from "./ort_packages.ts";

type Feeds = InferenceSession.OnnxValueMapType;
type Fetches = InferenceSession.FetchesType;

const ort = await importOrtNode();
/** onnxruntime-node, and what it handed over instead of the arrays that it was given. */
function openRuntime(): OrtRuntime & { handedOver: string[] } {
  const handedOver: string[] = [];
  return {
    handedOver,
    engine: "cpu",
    inLine: (work) => work(),
    Tensor: ort.Tensor as OrtRuntime["Tensor"],
    open: async (model) => {
      const session = await ort.InferenceSession.create(model);
      const run = session.run.bind(session);
      const watched = async (feeds: Feeds, fetches: Fetches): Promise<Feeds> => {
        const results = await run(feeds, fetches);
        handedOver.push(...Object.keys(results));
        return results;
      };
      session.run = watched as typeof session.run;
      return session;
    },
  };
}

const x = input("x", "float32", [3]);
const model = writeModel(
  graphToModel({
    inputs: [x],
    outputs: { square: emit.mul(x, x), sum: emit.sum(x, [0], false), twice: emit.add(x, x) },
  }),
);
const ones = { type: "float32", shape: [3], data: Float32Array.of(1, 2, 3) } as const;

Deno.test("loadFillingGraph() writes to the arrays that it is given, and nothing is copied", async () => {
  const runtime = openRuntime();
  await using graph = await loadFillingGraph(runtime, model);
  const square = { type: "float32", shape: [3], data: new Float32Array(3) } as const;

  for (const factor of [1, 2]) {
    const x = { ...ones, data: ones.data.map((number) => factor * number) };
    const found = await graph.run({ x }, { square });

    equal(found.square!.data, square.data);
    deepEqual([...square.data], [1, 4, 9].map((number) => factor * factor * number));
    deepEqual([...found.sum!.data as Float32Array], [6 * factor]);
    deepEqual([...found.twice!.data as Float32Array], [2, 4, 6].map((n) => factor * n));
  }
  deepEqual(runtime.handedOver, []);
});

Deno.test("loadFillingGraph() tells what onnxruntime refuses", async () => {
  await using graph = await loadFillingGraph(openRuntime(), model);

  const short = { type: "float32", shape: [2], data: new Float32Array(2) } as const;
  await rejects(() => graph.run({ x: short }), { code: "engine/run-failed" });
  await rejects(() => graph.run({}), { code: "engine/run-failed" });
  await rejects(() => loadFillingGraph(openRuntime(), model.slice(0, 40)), {
    code: "engine/model-refused",
  });
});
