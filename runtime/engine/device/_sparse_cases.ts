import { deepEqual, ok } from "node:assert/strict";
import type { Batch, EngineName, TrainingOptions } from "../../../pipeline/engine_port.ts";
import { type Constant, input, int, integers } from "../graph.ts";
import { graphToModel } from "../graph_to_model.ts";
import { readModel } from "../onnx/read_model.ts";
import { writeModel } from "../onnx/write_model.ts";
import { openEngine } from "../open_engine.ts";
import { emit } from "../operators/mod.ts";
import oracle from "../testdata/sparse_oracle.json" with { type: "json" };

const { rows, width, classes, batch, length } = oracle;

/** Embedding tables of which only the rows that are looked up change, against PyTorch. */
export function sparseCases(name: EngineName, ignore = false): void {
  for (const [title, { options, start, iterations, end }] of Object.entries(oracle.cases)) {
    for (const parts of [1, 2]) {
      Deno.test({
        name: `${name} engine trains like PyTorch with ${title}, of ${parts} batches${
          ignore ? " (skipped: no WebGPU adapter)" : ""
        }`,
        ignore,
        fn: async () => {
          await using engine = await openEngine(name, { threads: 1 });
          await using training = await engine.openTraining(
            bagOfEmbeddings(start, batch / parts),
            options as TrainingOptions,
          );
          for (const each of iterations) {
            const { loss } = await training.iterate(batchesOf(each, parts));
            close("loss", [loss], [each.loss]);
          }
          const { initializers } = readModel(await training.export()).graph;
          for (const [weight, expected] of Object.entries(end)) {
            close(weight, initializers.get(weight)!.data as Float32Array, expected);
          }
          const unseen = (numbers: ArrayLike<number>) =>
            // of rows that no batch holds
            Array.from(numbers).slice(rows / 2 * width);
          deepEqual(
            unseen(initializers.get("table")!.data as Float32Array),
            unseen(Float32Array.from(start.table)),
          );
        },
      });
    }
  }
}

function bagOfEmbeddings(
  start: { readonly table: readonly number[]; readonly head: readonly number[] },
  examples: number,
): Uint8Array<ArrayBuffer> {
  const weight = (name: "table" | "head", shape: readonly number[]): Constant => (
    { kind: "constant", name, type: "float32", shape, data: Float32Array.from(start[name]) }
  );
  const ids = input("ids", "int64", [examples, length]);
  const found = emit.apply("Gather", [weight("table", [rows, width]), ids], { axis: int(0) });
  const mean = emit.apply("ReduceMean", [found, integers([1])], { keepdims: int(0) });
  const logits = emit.apply("MatMul", [mean, weight("head", [width, classes])]);
  return writeModel(graphToModel({ inputs: [ids], outputs: { logits } }));
}

function batchesOf(
  { ids, targets }: { readonly ids: readonly number[]; readonly targets: readonly number[] },
  parts: number,
): Batch[] {
  const examples = batch / parts;
  return Array.from({ length: parts }, (_, part): Batch => {
    const own = ids.slice(part * examples * length, (part + 1) * examples * length);
    const classesOf = targets.slice(part * examples, (part + 1) * examples);
    return {
      inputs: {
        ids: {
          type: "int64",
          shape: [examples, length],
          data: BigInt64Array.from(own, BigInt),
        },
      },
      targets: { type: "int32", shape: [examples], data: Int32Array.from(classesOf) },
    };
  });
}

function close(what: string, found: ArrayLike<number>, expected: readonly number[]): void {
  expected.forEach((number, i) => {
    ok(
      Math.abs(found[i]! - number) <= 2e-5 * Math.max(1, Math.abs(number)),
      `${what}[${i}] is ${found[i]}, not ${number}`,
    );
  });
}
