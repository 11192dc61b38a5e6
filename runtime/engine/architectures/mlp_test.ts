import { deepEqual, notDeepEqual, ok, throws } from "node:assert/strict";
import { writeModel } from "../onnx/write_model.ts";
import { buildModel } from "./mod.ts";

const sizes = { features: 40, classes: 3, seed: 7 };

Deno.test("buildModel() gives the same bytes for the same seed, and others for another", () => {
  const bytes = (seed: number) =>
    writeModel(buildModel({ kind: "mlp", hidden: [8] }, { ...sizes, seed }));

  deepEqual(bytes(7), bytes(7));
  notDeepEqual(bytes(7), bytes(8));
});

Deno.test("buildModel() draws weights of the size that keeps signals alive", () => {
  const { initializers } = buildModel({ kind: "mlp", hidden: [200] }, sizes).graph;
  const weights = initializers.get("hidden_1.weight")!.data as Float32Array;
  const variance = weights.reduce((sum, w) => sum + w * w, 0) / weights.length;

  ok(Math.abs(variance - 2 / 40) < 0.005, `variance is ${variance}, He wants 2 / 40`);
  ok((initializers.get("hidden_1.bias")!.data as Float32Array).every((b) => b === 0));
});

Deno.test("buildModel() without hidden layers is a linear classifier", () => {
  const { nodes, initializers } = buildModel({ kind: "mlp", hidden: [] }, sizes).graph;

  deepEqual(nodes.map(({ op }) => op), ["Gemm"]);
  deepEqual([...initializers.keys()], ["output.weight", "output.bias"]);
});

Deno.test("buildModel() names the nearest architecture, and refuses an unknown activation", () => {
  const sizes = { features: 4, classes: 2, seed: 1 };
  const build = (architecture: object) => () =>
    buildModel(architecture as Parameters<typeof buildModel>[0], sizes);

  throws(build({ kind: "mpl", hidden: [] }), {
    code: "engine/bad-architecture",
    message: /no such architecture \(did you mean "mlp"/,
  });
  throws(build({ kind: "mlp", hidden: [2], activation: "gleu" }), {
    code: "engine/bad-architecture",
    message: /the activation "gleu" is none of relu, tanh, gelu/,
  });
});

Deno.test("buildModel() tells every impossible size", () => {
  throws(
    () => buildModel({ kind: "mlp", hidden: [0] }, { features: 1.5, classes: 1, seed: 1 }),
    /3 problems[^]*features is 1\.5[^]*hidden layer 1 is 0[^]*classes is 1/,
  );
});
