import { deepEqual, equal } from "node:assert/strict";
import type { Batch, EngineName, FrozenCache } from "../../../pipeline/engine_port.ts";
import { openEngine } from "../open_engine.ts";

const batch: Batch = {
  inputs: {
    features: {
      type: "float32",
      shape: [4, 6],
      data: Float32Array.from({ length: 24 }, (_, i) => Math.sin(i)),
    },
  },
  targets: { type: "int32", shape: [4], data: Int32Array.of(0, 1, 0, 1) },
};

/** Examples of the batch that were found. */
async function found(
  frozenCache: FrozenCache,
  { engine: name = "cpu", trainable = ["output.*"] }: {
    readonly engine?: EngineName;
    readonly trainable?: readonly string[];
  } = {},
): Promise<number | undefined> {
  await using engine = await openEngine(name, { threads: 1 });
  const model = await engine.build({ kind: "mlp", hidden: [16, 16] }, {
    ...{ features: 6, classes: 2, seed: 1 },
  });
  await using training = await engine.openTraining(model, {
    loss: { kind: "cross-entropy" },
    optimizer: { kind: "sgd", learningRate: 0.1 },
    ...{ trainable, frozenCache },
  });
  return (await training.iterate(batch)).fromCache;
}

Deno.test("what one engine, precision or choice of weights kept is not taken by another", async () => {
  const folder = await Deno.makeTempDir({ prefix: "hanok-frozen-" });
  try {
    equal(await found({ folder }), 0);
    equal(await found({ folder }), 4);

    const others = [
      await found({ folder }, { engine: "wasm" }),
      await found({ folder, precision: "float16" }),
      await found({ folder }, { trainable: ["output.*", "hidden_2.*"] }),
    ];

    deepEqual(others, [0, 0, 0]);
    equal(await found({ folder }), 4);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
