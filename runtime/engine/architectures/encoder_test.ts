import { deepEqual, ok, throws } from "node:assert/strict";
import { findGpuAdapter } from "../device/adapter.ts";
import { openEngine } from "../open_engine.ts";
import oracle from "../testdata/encoders.json" with { type: "json" };
import { buildModel, parseEncoderConfig } from "./mod.ts";

const folder = new URL("../testdata/encoders/", import.meta.url);
const shape = [oracle.ids.length, oracle.ids[0]!.length];
const inputs = {
  input_ids: { type: "int64", shape, data: BigInt64Array.from(oracle.ids.flat(), BigInt) },
  attention_mask: { type: "int64", shape, data: BigInt64Array.from(oracle.mask.flat(), BigInt) },
} as const;

for (const [family, { config, file, logits }] of Object.entries(oracle.cases)) {
  Deno.test(`buildModel() computes what PyTorch computes with the weights of ${file}`, async () => {
    await using engine = await openEngine("cpu", { threads: 1 });
    const weights = await Deno.readFile(new URL(file, folder));
    const architecture = parseEncoderConfig(config);
    const model = await engine.build(architecture, { classes: oracle.classes, seed: 1, weights });
    await using inference = await engine.openInference(model);

    const found = (await inference.run(inputs)).logits!.data as Float32Array;

    const expected = new Float32Array(Uint8Array.fromBase64(logits).buffer);
    expected.forEach((number, i) => {
      ok(
        Math.abs(found[i]! - number) <= 1e-5,
        `${family} logits[${i}] is ${found[i]}, not ${number}`,
      );
    });
  });
}

const hasAdapter = await findGpuAdapter() !== undefined;

for (const name of ["cpu", "wasm", "webgpu"] as const) {
  const ignore = name === "webgpu" && !hasAdapter;
  Deno.test({
    name: `an encoder learns on ${name}, whole or its last layer alone${
      ignore ? " (skipped: no WebGPU adapter)" : ""
    }`,
    ignore,
    fn: async () => {
      await using engine = await openEngine(name, { threads: 1 });
      const weights = await Deno.readFile(new URL("bert.bin", folder));
      const architecture = { ...parseEncoderConfig(oracle.cases.bert.config), dropout: 0.1 };
      const model = await engine.build(architecture, { classes: 2, seed: 1, weights });
      for (const chosen of [{}, { unfrozenLayers: 1 }]) {
        await using training = await engine.openTraining(model, {
          loss: { kind: "cross-entropy" },
          optimizer: { kind: "adamw", learningRate: 0.02 },
          ...chosen,
        });
        const targets = { type: "int32", shape: [2], data: Int32Array.of(0, 1) } as const;
        const losses: number[] = [];
        for (let i = 0; i < 30; i++) {
          losses.push((await training.iterate({ inputs, targets })).loss);
        }

        ok(losses.at(-1)! < 0.2, `the loss went from ${losses[0]} to ${losses.at(-1)}`);
      }
    },
  });
}

Deno.test("buildModel() tells every weight that the file lacks", async () => {
  const weights = await Deno.readFile(new URL("bert.bin", folder));
  const architecture = parseEncoderConfig({
    ...oracle.cases.bert.config,
    num_hidden_layers: 3,
    vocab_size: 21,
  });

  throws(
    () => buildModel(architecture, { classes: 3, seed: 1, weights }),
    /"embeddings\.word_embeddings\.weight" is \[20,8\] and must be \[21,8\][^]*"encoder\.layer\.2\.attention\.self\.query\.weight" is missing/,
  );
});

Deno.test("buildModel() draws a new classifier when the file has one for other classes", async () => {
  const weights = await Deno.readFile(new URL("bert.bin", folder));
  const architecture = parseEncoderConfig(oracle.cases.bert.config);

  const { initializers } = buildModel(architecture, { classes: 5, seed: 1, weights }).graph;

  deepEqual(initializers.get("classifier.weight")!.shape, [5, 8]);
});

Deno.test("parseEncoderConfig() tells every problem", () => {
  throws(
    () =>
      parseEncoderConfig({
        model_type: "gpt2",
        hidden_act: "swish",
        hidden_size: 10,
        num_attention_heads: 3,
      }),
    /model_type is "gpt2"[^]*"swish" is not known[^]*10 does not divide into 3 heads[^]*num_hidden_layers is undefined/,
  );
});
