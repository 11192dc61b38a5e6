import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import type { Batch, EngineName } from "../../../pipeline/engine_port.ts";
import type { Tensor } from "../../../pipeline/tensor.ts";
import type { OnnxTensor } from "../onnx/onnx_model.ts";
import { prepareModel } from "../prepare_model.ts";
import { readModel } from "../onnx/read_model.ts";
import { openEngine } from "../open_engine.ts";
import oracle from "../testdata/exported.json" with { type: "json" };

interface StoredTensor {
  readonly type: string;
  readonly shape: number[];
  readonly data: number[];
}

/** Models that PyTorch exported, trained by us and by PyTorch. */
export function exportedCases(name: EngineName, ignore = false): void {
  for (const [title, { shapes, start, iterations, after }] of Object.entries(oracle.cases)) {
    Deno.test({
      name: `${name} engine trains the exported ${title} like PyTorch${
        ignore ? " (skipped: no WebGPU adapter)" : ""
      }`,
      ignore,
      fn: async () => {
        const url = new URL(`../testdata/exported/${title}.onnx`, import.meta.url);
        const file = await Deno.readFile(url);
        const names = weightNames(file, shapes, start);
        await using engine = await openEngine(name, { threads: 1 });
        await using training = await engine.openTraining(file, {
          loss: { kind: "cross-entropy" },
          optimizer: { kind: "sgd", learningRate: 0.1 },
        });
        for (const { inputs, targets, loss, gradients } of iterations) {
          const batch = batchOf(inputs, targets);
          if (gradients !== undefined) {
            const found = await training.gradients(batch);
            deepEqual(
              Object.keys(found).sort(),
              [...names.values().map(({ name }) => name)].sort(),
            );
            for (const [parameter, data] of Object.entries(gradients)) {
              const { name, flip } = names.get(parameter)!;
              const gradient = found[name]!;
              close(`gradient of ${parameter}`, arranged(gradient, flip), decode(data as string));
            }
          }
          close("loss", [(await training.iterate(batch)).loss], [loss]);
        }
        await using inference = await engine.openInference(await training.export());
        const { logits } = await inference.run(tensorsOf(after.inputs));
        close("logits", logits!.data as Float32Array, decode(after.logits));
      },
    });
  }
}

/** Running statistics are a part of checkpoints. */
export function statisticsCases(name: EngineName, ignore = false): void {
  Deno.test({
    name: `${name} engine goes on with the running statistics of a checkpoint${
      ignore ? " (skipped: no WebGPU adapter)" : ""
    }`,
    ignore,
    fn: async () => {
      const { iterations } = oracle.cases.image_cnn_opset15;
      const url = new URL("../testdata/exported/image_cnn_opset15.onnx", import.meta.url);
      const file = await Deno.readFile(url);
      const options = {
        loss: { kind: "cross-entropy" },
        optimizer: { kind: "sgd", learningRate: 0.1 },
      } as const;
      const batches = iterations.map(({ inputs, targets }) => batchOf(inputs, targets));
      await using engine = await openEngine(name, { threads: 1 });
      await using whole = await engine.openTraining(file, options);
      await whole.iterate(batches[0]!);
      const checkpoint = await whole.save();
      await whole.iterate(batches[1]!);
      await using resumed = await engine.openTraining(file, { ...options, checkpoint });
      await resumed.iterate(batches[1]!);

      deepEqual(await resumed.export(), await whole.export());
    },
  });
}

/** What is refused wherever it runs, though only the CPU would notice. */
export function badIdCases(name: EngineName, ignore = false): void {
  const { iterations } = oracle.cases.bert_opset14;
  for (const id of [20, -21]) {
    Deno.test({
      name: `${name} engine refuses the token id ${id} of 20${
        ignore ? " (skipped: no WebGPU adapter)" : ""
      }`,
      ignore,
      fn: async () => {
        await using engine = await openEngine(name, { threads: 1 });
        const url = new URL("../testdata/exported/bert_opset14.onnx", import.meta.url);
        await using training = await engine.openTraining(await Deno.readFile(url), {
          loss: { kind: "cross-entropy" },
          optimizer: { kind: "sgd", learningRate: 0.1 },
        });
        const batch = batchOf(iterations[0]!.inputs, iterations[0]!.targets);
        const { shape, data } = batch.inputs.input_ids!;
        data[2 * shape[1]!] = BigInt(id);

        await rejects(
          training.iterate(batch),
          new RegExp(`iteration 1 .*"input_ids" holds ${id} in row 2, and its table has 20 rows`),
        );
        data[2 * shape[1]!] = -20n; // counts from the end: row 0
        const { loss } = await training.iterate(batch);
        await using other = await engine.openTraining(await Deno.readFile(url), {
          loss: { kind: "cross-entropy" },
          optimizer: { kind: "sgd", learningRate: 0.1 },
        });
        data[2 * shape[1]!] = 0n;
        equal((await other.iterate(batch)).loss, loss);
        const mask = batch.inputs.attention_mask!;
        const longer: Tensor = {
          type: "int64",
          shape: [shape[0]!, shape[1]! + 1],
          data: new BigInt64Array(shape[0]! * (shape[1]! + 1)).fill(1n),
        };
        await rejects(
          training.iterate({ ...batch, inputs: { ...batch.inputs, attention_mask: longer } }),
          new RegExp(`has ${mask.shape[1]! + 1} along ".*", another input has ${mask.shape[1]}`),
        );
      },
    });
  }
}

function batchOf(inputs: object, targets: number[]): Batch {
  return {
    inputs: tensorsOf(inputs),
    targets: { type: "int32", shape: [targets.length], data: Int32Array.from(targets) },
  };
}

function tensorsOf(inputs: object): Record<string, Tensor> {
  const entries = Object.entries(inputs as Record<string, StoredTensor>);
  return Object.fromEntries(entries.map(([name, { type, shape, data }]) => [
    name,
    type === "int64"
      ? { type, shape, data: BigInt64Array.from(data, BigInt) }
      : { type: "float32", shape, data: Float32Array.from(data) },
  ]));
}

/** Exporters rename and transpose parameters: finds each by its starting values. */
function weightNames(
  file: Uint8Array,
  shapes: object,
  start: object,
): Map<string, { name: string; flip: boolean }> {
  const { initializers } = prepareModel(readModel(file)).graph;
  const free = new Map(initializers);
  const names = new Map<string, { name: string; flip: boolean }>();
  for (const [parameter, encoded] of Object.entries(start as Record<string, string>)) {
    const data = decode(encoded);
    const shape = (shapes as Record<string, number[]>)[parameter]!;
    const sameName = free.get(parameter);
    const candidates: [string, OnnxTensor][] = sameName ? [[parameter, sameName]] : [...free];
    const found = candidates.flatMap(([name, tensor]) =>
      [false, true]
        .filter((flip) => (flip ? shape.toReversed() : shape).join() === tensor.shape.join())
        .filter((flip) => equalNumbers(arranged(tensor, flip), data))
        .map((flip) => ({ name, flip }))
    )[0];
    ok(found, `no initializer holds ${parameter}`);
    free.delete(found.name);
    names.set(parameter, found);
  }
  return names;
}

function equalNumbers(a: ArrayLike<number>, b: Float32Array): boolean {
  return a.length === b.length && b.every((item, i) => item === a[i]);
}

function arranged(
  tensor: Pick<OnnxTensor | Tensor, "shape" | "data">,
  flip: boolean,
): Float32Array {
  const data = tensor.data as Float32Array;
  if (!flip || tensor.shape.length !== 2) return data;
  const [rows, columns] = tensor.shape as [number, number];
  return data.map((_, i) => data[(i % rows) * columns + Math.floor(i / rows)]!);
}

function decode(encoded: string): Float32Array {
  return new Float32Array(Uint8Array.fromBase64(encoded).buffer);
}

/** To 2e-5 of the largest number: deep sums in float32, in another order than PyTorch's. */
function close(what: string, found: ArrayLike<number>, expected: ArrayLike<number>): void {
  equal(found.length, expected.length);
  const scale = Math.max(0.05, ...Array.from(expected, Math.abs));
  for (let i = 0; i < expected.length; i++) {
    ok(
      Math.abs(found[i]! - expected[i]!) <= 2e-5 * scale,
      `${what}[${i}] is ${found[i]}, not ${expected[i]}`,
    );
  }
}
