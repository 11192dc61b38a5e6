import { deepEqual, equal, ok } from "node:assert/strict";
import { openEngine } from "../../runtime/engine/mod.ts";
import { openFakeContext } from "../_fake_context.ts";
import { withSmallFiles } from "../_small_files.ts";
import type { TokenizedSplit } from "../tokenize/token_files.ts";
import { fineTuneParams } from "./fine_tune_params.ts";
import { readBest, saveBest } from "./progress_files.ts";
import { tuneModel } from "./tune_model.ts";

/** Texts of four tokens, whose third tells the class. */
function texts(count: number): TokenizedSplit {
  const targets = Int32Array.from({ length: count }, (_, i) => i % 2);
  return {
    count,
    ids: Int32Array.from({ length: 4 * count }, (_, i) => [2, 3 + i % 9, 12, 4][i % 4]!)
      .map((id, i) => i % 4 === 2 ? 12 + targets[Math.floor(i / 4)]! : id),
    starts: Int32Array.from({ length: count + 1 }, (_, i) => 4 * i),
    targets,
  };
}

const encoder = {
  kind: "encoder",
  family: "bert",
  layers: 1,
  hidden: 16,
  heads: 2,
  intermediate: 32,
  vocabulary: 20,
  positions: 8,
} as const;

Deno.test("tuneModel() trains the same where weights are in a file beside the model", async () => {
  await using engine = await openEngine("cpu", { threads: 1 });
  const params = fineTuneParams.parse({
    ...{ base: "tiny", seed: 3, epochs: 2, batch_size: 8, learning_rate: 0.01 },
  });
  const tuned = async (small: boolean) => {
    const used = small ? withSmallFiles(engine, 20_000) : engine;
    await using fake = await openFakeContext({ engine: used });
    const base = await used.buildFiles(encoder, { classes: 2, seed: 1 });
    const model = await tuneModel(fake.context, {
      ...{ base, params, training: texts(48), validation: texts(16) },
      texts: { maxLength: 8, padding: 0 },
    });
    return { base, model };
  };

  const one = await tuned(false);
  const two = await tuned(true);

  deepEqual([one.base, one.model.files].map((files) => files.externalData), [{}, {}]);
  for (const { onnx, externalData } of [two.base, two.model.files]) {
    deepEqual(Object.keys(externalData), ["model.onnx.data"]);
    ok(onnx.length < 20_000, `${onnx.length} bytes`);
  }
  equal(two.model.last.loss, one.model.last.loss);
  deepEqual(two.model.kept, one.model.kept);
});

Deno.test("readBest() gives back every file that saveBest() kept", async () => {
  const folder = await Deno.makeTempDir({ prefix: "hanok-best-" });
  try {
    const onnx = Uint8Array.of(1, 2, 3);
    for (const externalData of [{}, { "a": Uint8Array.of(4), "ㄴ/b": new Uint8Array(9).fill(5) }]) {
      await saveBest(folder, { onnx, externalData });

      deepEqual(await readBest(folder), { onnx, externalData });
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
