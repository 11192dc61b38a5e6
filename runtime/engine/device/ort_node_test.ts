import { deepEqual } from "node:assert/strict";
import { openEngine } from "../open_engine.ts";
import { engineCases } from "./_cases.ts";
import { badIdCases, exportedCases, statisticsCases } from "./_exported_cases.ts";
import { frozenCases } from "./_frozen_cases.ts";
import { operatorCases } from "./_operator_cases.ts";
import { optionCases, oracleCases } from "./_oracle_cases.ts";
import { sparseCases } from "./_sparse_cases.ts";

engineCases("cpu");
operatorCases("cpu");
oracleCases("cpu");
optionCases("cpu");
exportedCases("cpu");
badIdCases("cpu");
statisticsCases("cpu");
frozenCases("cpu");
sparseCases("cpu");

Deno.test("cpu engine gives the same bytes for the same seed and threads, more than one, too", async () => {
  const trained = async (): Promise<Uint8Array> => {
    await using engine = await openEngine("cpu", { threads: 2 });
    const model = await engine.build({ kind: "mlp", hidden: [300, 200], dropout: 0.2 }, {
      ...{ features: 50, classes: 4, seed: 3 },
    });
    await using training = await engine.openTraining(model, {
      loss: { kind: "cross-entropy" },
      optimizer: { kind: "adamw", learningRate: 0.01 },
      clipNorm: 1,
    });
    for (let i = 0; i < 8; i++) {
      await training.iterate({
        inputs: {
          features: {
            type: "float32",
            shape: [64, 50],
            data: Float32Array.from({ length: 3200 }, (_, k) => Math.sin(k + i)),
          },
        },
        targets: {
          type: "int32",
          shape: [64],
          data: Int32Array.from({ length: 64 }, (_, k) => k % 4),
        },
      });
    }
    return await training.save();
  };

  deepEqual(await trained(), await trained());
});
