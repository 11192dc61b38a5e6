import { equal } from "node:assert/strict";
import { engineCases } from "./_cases.ts";
import { badIdCases, exportedCases } from "./_exported_cases.ts";
import { frozenCases } from "./_frozen_cases.ts";
import { operatorCases } from "./_operator_cases.ts";
import { optionCases, oracleCases } from "./_oracle_cases.ts";
import { sparseCases } from "./_sparse_cases.ts";
import { findGpuAdapter } from "./adapter.ts";

const ignore = await findGpuAdapter() === undefined;

engineCases("webgpu", ignore);
operatorCases("webgpu", { ignore, except: ["Cast"] }); // to float64, which GPUs lack
oracleCases("webgpu", ignore);
optionCases("webgpu", ignore);
exportedCases("webgpu", ignore);
badIdCases("webgpu", ignore);
frozenCases("webgpu", ignore);
sparseCases("webgpu", ignore);

Deno.test({
  name: `webgpu engine lets the process end, released or not${
    ignore ? " (skipped: no WebGPU adapter)" : ""
  }`,
  ignore,
  fn: async () => {
    const code = `
      import { openEngine } from ${JSON.stringify(new URL("../mod.ts", import.meta.url).href)};
      const engine = await openEngine("webgpu", { threads: 1 });
      const model = await engine.build({ kind: "mlp", hidden: [] }, { features: 2, classes: 2, seed: 1 });
      const options = { loss: { kind: "cross-entropy" }, optimizer: { kind: "sgd", learningRate: 1 } };
      const training = await engine.openTraining(model, options);
      await training.iterate({
        inputs: { features: { type: "float32", shape: [1, 2], data: new Float32Array(2) } },
        targets: { type: "int32", shape: [1], data: new Int32Array(1) },
      });`;

    const { success } = await new Deno.Command(Deno.execPath(), { args: ["eval", code] }).output();

    equal(success, true);
  },
});
