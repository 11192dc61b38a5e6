import { deepEqual, notDeepEqual, ok, rejects } from "node:assert/strict";
import type { EncoderArchitecture } from "../../../pipeline/architecture.ts";
import type { Batch, TrainingOptions } from "../../../pipeline/engine_port.ts";
import { openEngine } from "../open_engine.ts";
import { readSafetensors } from "../safetensors.ts";
import { seededRandom } from "../seeded_random.ts";

const mlp = { kind: "mlp", hidden: [32], activation: "gelu" } as const;
const encoder: EncoderArchitecture = {
  ...{ kind: "encoder", family: "bert", layers: 2, hidden: 32, heads: 2, intermediate: 64 },
  ...{ vocabulary: 20, positions: 8, dropout: 0.1 },
};
const options: TrainingOptions = {
  loss: { kind: "cross-entropy" },
  optimizer: { kind: "adamw", learningRate: 0.01 },
};
const targets = { type: "int32", shape: [4], data: Int32Array.of(0, 1, 1, 0) } as const;

function numbersOf(size: number): Batch {
  const random = seededRandom(5);
  const data = Float32Array.from({ length: 4 * 6 }, () => size * (random() - 0.5));
  return { inputs: { features: { type: "float32", shape: [4, 6], data } }, targets };
}

function words(): Batch {
  const shape = [4, 8];
  const ids = BigInt64Array.from({ length: 32 }, (_, i) => BigInt(i * 7 % 20));
  const mask = new BigInt64Array(32).fill(1n);
  return {
    inputs: {
      input_ids: { type: "int64", shape, data: ids },
      attention_mask: { type: "int64", shape, data: mask },
    },
    targets,
  };
}

/** Training in half precision where it does no harm. @param ignore Counted as skipped: there is no shader-f16. */
export function mixedCases(ignore: boolean): void {
  const test = (title: string, fn: () => Promise<void>): void => {
    const suffix = ignore ? " (skipped: no WebGPU adapter with shader-f16)" : "";
    Deno.test({ name: `webgpu engine in mixed precision ${title}${suffix}`, ignore, fn });
  };
  const sizes = { features: 6, classes: 2, seed: 3 };

  for (const [architecture, batch] of [[mlp, numbersOf(2)], [encoder, words()]] as const) {
    test(`trains an ${architecture.kind} nearly as in single precision`, async () => {
      await using engine = await openEngine("webgpu", { threads: 1 });
      const model = await engine.build(architecture, sizes);
      await using single = await engine.openTraining(model, options);
      await using mixed = await engine.openTraining(model, { ...options, precision: "mixed" });
      const [expected, found] = [await single.gradients(batch), await mixed.gradients(batch)];
      for (const [name, { data }] of Object.entries(found)) {
        const other = expected[name]!.data as Float32Array;
        const scale = Math.max(0.02, ...other.map(Math.abs));
        (data as Float32Array).forEach((number, i) =>
          ok(Math.abs(number - other[i]!) < 0.02 * scale, `${name}[${i}]: ${number}, ${other[i]}`)
        );
      }
      notDeepEqual(found, expected); // it really is another precision
      const losses = { single: 0, mixed: 0 };
      for (let i = 0; i < 10; i++) {
        losses.single = (await single.iterate(batch)).loss;
        losses.mixed = (await mixed.iterate(batch)).loss;
      }

      ok(losses.single < 0.5, `${losses.single}`);
      ok(Math.abs(losses.mixed - losses.single) < 0.02, `${losses.mixed}, ${losses.single}`);
    });
  }

  for (const clipNorm of [undefined, 0.1]) {
    const title = clipNorm === undefined ? "undoes the scale" : "undoes the scale, then clips";
    test(`${title} for an optimizer that takes gradients as they are`, async () => {
      await using engine = await openEngine("webgpu", { threads: 1 });
      const model = await engine.build(mlp, sizes);
      const sgd: TrainingOptions = {
        ...{ ...options, optimizer: { kind: "sgd", learningRate: 0.5 } },
        ...(clipNorm === undefined ? {} : { clipNorm }),
      };
      await using single = await engine.openTraining(model, sgd);
      await using mixed = await engine.openTraining(model, { ...sgd, precision: "mixed" });
      const batch = numbersOf(2);
      const first = (await single.iterate(batch)).loss;
      await mixed.iterate(batch);
      const losses = [(await single.iterate(batch)).loss, (await mixed.iterate(batch)).loss];

      ok(first - losses[0]! > 0.01, `${first} became ${losses[0]}`);
      ok(Math.abs(losses[1]! - losses[0]!) < 0.1 * (first - losses[0]!), `${losses}`);
    });
  }

  test("scales the loss down until gradients are finite, and goes on so after a resume", async () => {
    await using engine = await openEngine("webgpu", { threads: 1 });
    const model = await engine.build(mlp, sizes);
    const mixed: TrainingOptions = { ...options, precision: "mixed" };
    const large = numbersOf(4000);
    await using whole = await engine.openTraining(model, mixed);
    await whole.iterate(large);
    const checkpoint = await whole.save();
    const { loss } = await whole.iterate(large);
    await using resumed = await engine.openTraining(model, { ...mixed, checkpoint });

    const scale = readSafetensors(checkpoint).tensors.get("statistic/hanok:loss-scale")!;
    ok(Number(scale.data[0]) < 2 ** 15, `${scale.data}`);
    ok(Number.isFinite(loss));
    deepEqual((await resumed.iterate(large)).loss, loss);
    deepEqual(await resumed.save(), await whole.save());
  });

  Deno.test("cpu engine refuses to train in mixed precision", async () => {
    await using engine = await openEngine("cpu", { threads: 1 });
    const model = await engine.build(mlp, sizes);

    await rejects(() => engine.openTraining(model, { ...options, precision: "mixed" }), {
      code: "engine/no-half-precision",
    });
  });
}
