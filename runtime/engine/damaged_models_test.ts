import { ok } from "node:assert/strict";
import fc from "fast-check";
import { readdir, readFile } from "node:fs/promises";
import { ExplainedError } from "../../pipeline/explained_error.ts";
import { mutatedModels } from "./_mutated_models.ts";
import { logitsOutput } from "./classifier_model.ts";
import type { OnnxModel } from "./onnx/onnx_model.ts";
import { readModel } from "./onnx/read_model.ts";
import { prepareModel } from "./prepare_model.ts";
import { selectWeights } from "./select_weights.ts";
import type { Shape } from "./shape.ts";
import { trainingGraph } from "./training_graph.ts";

const folder = new URL("testdata/exported/", import.meta.url);
const files = await Promise.all(
  (await readdir(folder)).sort().map((name) => readFile(new URL(name, folder))),
);

/** Nodes of the training graph of a model, for a small batch. */
function nodesToTrain(model: OnnxModel): number {
  const prepared = prepareModel(model);
  const logits = logitsOutput(prepared);
  const lengths = (shape: Shape | undefined | readonly (string | number)[]): Shape =>
    (shape ?? []).map((axis, i) => typeof axis === "number" ? axis : i === 0 ? 2 : 4);
  const shapes = new Map(prepared.graph.inputs.map(({ name, shape }) => [name, lengths(shape)]));
  const graph = trainingGraph(prepared, {
    ...{ shapes, logits, loss: { kind: "cross-entropy" }, half: false, tables: [], frozen: [] },
    trainable: selectWeights(prepared, logits, undefined),
    ...{ lacksIntegers: false, keepsFrozen: false },
  });
  return graph.model.graph.nodes.length;
}

Deno.test("a damaged graph is refused with its node, or trains: no crash, no endless graph", () => {
  const models = files.map((bytes) => readModel(bytes));
  const most = 50 * Math.max(...models.map(({ graph }) => graph.nodes.length));
  let refused = 0;

  fc.assert(
    fc.property(mutatedModels(models), (model) => {
      try {
        const nodes = nodesToTrain(model);
        ok(nodes <= most, `${nodes} nodes`);
      } catch (error) {
        ok(
          error instanceof ExplainedError,
          `threw ${error instanceof Error ? error.stack : error}`,
        );
        refused++;
      }
    }),
    { seed: 5, numRuns: 600 },
  );

  ok(refused > 200 && refused < 550, `${refused} of 600 refused`);
});

Deno.test("a file with other bytes is refused, or read: no crash, no memory beyond its size", () => {
  const damage = fc.record({
    file: fc.constantFrom(...files),
    places: fc.array(fc.tuple(fc.nat({ max: 1e6 }), fc.nat({ max: 255 })), { maxLength: 8 }),
    cut: fc.option(fc.nat({ max: 1e6 })),
  });

  fc.assert(
    fc.property(damage, ({ file, places, cut }) => {
      const bytes = new Uint8Array(file);
      // Structure is at the beginning, weights are behind.
      for (const [at, value] of places) bytes[at % Math.min(bytes.length, 4000)] = value;
      try {
        const model = readModel(cut === null ? bytes : bytes.subarray(0, cut % bytes.length));
        const held = model.graph.initializers.values().reduce(
          (sum, { data }) => sum + data.byteLength,
          0,
        );
        ok(held <= 8 * bytes.length, `${held} bytes of tensors from ${bytes.length}`);
        nodesToTrain(model);
      } catch (error) {
        ok(
          error instanceof ExplainedError,
          `threw ${error instanceof Error ? error.stack : error}`,
        );
      }
    }),
    { seed: 6, numRuns: 600 },
  );
});
