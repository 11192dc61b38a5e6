import { createHash } from "node:crypto";
import type { FrozenCache } from "../../../pipeline/engine_port.ts";
import { ExplainedError } from "../../../pipeline/explained_error.ts";
import type { Tensor } from "../../../pipeline/tensor.ts";
import { ORT_VERSION } from "../device/ort_packages.ts";
import { bytesOf, elementsOf } from "../element_type.ts";
import type { OnnxModel } from "../onnx/onnx_model.ts";
import { writeModel } from "../onnx/write_model.ts";
import { elementCount } from "../shape.ts";
import { type FrozenStore, openFrozenStore } from "./frozen_store.ts";

type Tensors = Readonly<Record<string, Tensor>>;

/** Runs the frozen part on a batch. */
export type RunFrozen = (inputs: Tensors) => Promise<Record<string, Tensor>>;

/** What the frozen part computes, computed once for each example. Release with `await using`. */
export interface FrozenOutputs extends AsyncDisposable {
  /**
   * @param outputs Names and shapes of the outputs; the first axis is a multiple of the examples.
   * @throws {ExplainedError} `engine/not-cacheable` if the outputs of an example depend on the others in its batch.
   */
  get(batch: Tensors, outputs: readonly FrozenOutput[], run: RunFrozen): Promise<FoundOutputs>;
}

/** An output of the frozen part. */
export interface FrozenOutput {
  readonly name: string;
  readonly shape: readonly number[];
}

/** Outputs for a batch. */
export interface FoundOutputs {
  readonly tensors: Record<string, Tensor>;
  /** Examples that were not computed. */
  readonly found: number;
}

/** What the outputs depend on besides the example. */
export interface FrozenModel {
  readonly model: OnnxModel;
  readonly trainable: readonly string[];
  readonly engine: string;
}

const FORMAT = "hanok-frozen-1"; // another one when the engine computes something else
const MAX_BYTES = 10e9;

/** Opens the folder in which the outputs are kept. */
export async function openFrozenOutputs(
  { folder, precision = "float32", maxBytes = MAX_BYTES }: FrozenCache,
  frozen: FrozenModel,
): Promise<FrozenOutputs> {
  const model = digestOf(frozen, precision);
  const store = await openFrozenStore({ folder, model, maxBytes });
  let isChecked = false;
  return {
    async get(batch, outputs, run) {
      const examples = Object.values(batch)[0]!.shape[0]!;
      const keys = Array.from({ length: examples }, (_, row) => exampleKey(model, batch, row));
      const stored = await Promise.all(keys.map((key) => store.find(key)));
      const missing = [...keys.keys()].filter((row) => stored[row] === undefined);
      if (missing.length > 0) {
        const rows = filledUp(missing, examples);
        const part = rowsOf(batch, rows);
        const computed = await run(part);
        if (!isChecked && examples > 1) {
          checkApart(computed, await run(rowsOf(batch, rows.map(() => rows[0]!))), rows.length);
          isChecked = true;
        }
        await keep(store, {
          keys,
          missing,
          stored,
          outputs,
          computed,
          precision,
          count: rows.length,
        });
      }
      return {
        tensors: joined(stored.map((bytes) => bytes!), outputs, { examples, precision }),
        found: examples - missing.length,
      };
    },
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  };
}

/** A quarter of the batch, or all of it: a graph is made for each number of rows. */
function filledUp(rows: readonly number[], all: number): number[] {
  const quarter = Math.ceil(all / 4);
  const count = rows.length <= quarter ? quarter : all;
  return Array.from({ length: count }, (_, i) => rows[i] ?? rows.at(-1)!);
}

/** What is computed goes to the store, and into `stored`. */
async function keep(
  store: FrozenStore,
  { keys, missing, stored, outputs, computed, precision, count }: {
    keys: readonly string[];
    missing: readonly number[];
    stored: (Uint8Array | undefined)[];
    outputs: readonly FrozenOutput[];
    computed: Tensors;
    precision: "float32" | "float16";
    count: number;
  },
): Promise<void> {
  for (const [at, row] of missing.entries()) {
    const parts = outputs.map(({ name }) => {
      const data = computed[name]!.data as Float32Array;
      const size = data.length / count;
      const numbers = data.subarray(at * size, (at + 1) * size);
      return bytesOf(precision === "float32" ? numbers : elementsOf(precision, numbers));
    });
    stored[row] = concatenated(parts);
    await store.put(keys[row]!, stored[row]);
  }
}

function concatenated(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.byteLength;
  }
  return whole;
}

/** The examples' outputs, side by side. */
function joined(
  stored: readonly Uint8Array[],
  outputs: readonly FrozenOutput[],
  { examples, precision }: { examples: number; precision: "float32" | "float16" },
): Record<string, Tensor> {
  const Elements = precision === "float32" ? Float32Array : Float16Array;
  const tensors: Record<string, Tensor> = {};
  let offset = 0;
  for (const { name, shape } of outputs) {
    const size = elementCount(shape) / examples;
    const data = new Float32Array(elementCount(shape));
    stored.forEach(({ buffer, byteOffset }, row) =>
      data.set(new Elements(buffer as ArrayBuffer, byteOffset + offset, size), row * size)
    );
    tensors[name] = { type: "float32", shape, data };
    offset += size * Elements.BYTES_PER_ELEMENT;
  }
  return tensors;
}

function rowsOf(batch: Tensors, rows: readonly number[]): Record<string, Tensor> {
  return Object.fromEntries(
    Object.entries(batch).map(([name, { type, shape, data }]) => {
      const size = elementCount(shape.slice(1));
      const picked = data.slice(0, 0).constructor as new (length: number) => typeof data;
      const part = new picked(rows.length * size);
      rows.forEach((row, i) =>
        part.set(data.subarray(row * size, (row + 1) * size) as never, i * size)
      );
      return [name, { type, shape: [rows.length, ...shape.slice(1)], data: part } as Tensor];
    }),
  );
}

/** The first example must come out the same when it stands beside copies of itself. */
function checkApart(beside: Tensors, alone: Tensors, examples: number): void {
  for (const name of Object.keys(beside)) {
    const one = (beside[name]!.data as Float32Array).subarray(
      0,
      beside[name]!.data.length / examples,
    );
    const other = alone[name]!.data as Float32Array;
    const scale = one.reduce((most, number) => Math.max(most, Math.abs(number)), 0);
    for (let i = 0; i < one.length; i++) {
      if (Math.abs(one[i]! - other[i]!) <= 1e-4 * scale) continue;
      throw new ExplainedError("engine/not-cacheable", {
        what: "Cannot keep the outputs of the frozen part",
        why: "what it computes for an example depends on the other examples of the batch",
        fix: "Train without `frozenCache`",
      });
    }
  }
}

function digestOf(
  { model, trainable, engine }: FrozenModel,
  precision: string,
): string {
  const hash = createHash("sha256");
  const { initializers } = model.graph;
  const bare = writeModel({ ...model, graph: { ...model.graph, initializers: new Map() } });
  const parts = [FORMAT, ORT_VERSION, engine, precision, trainable, bare.byteLength];
  hash.update(JSON.stringify(parts)).update(bare);
  for (const [name, { type, shape, data }] of initializers) {
    if (trainable.includes(name)) continue;
    hash.update(JSON.stringify([name, type, shape])).update(bytesOf(data));
  }
  return hash.digest("hex");
}

function exampleKey(model: string, batch: Tensors, row: number): string {
  const hash = createHash("sha256").update(model);
  for (const name of Object.keys(batch).sort()) {
    const { type, shape, data } = batch[name]!;
    const size = elementCount(shape.slice(1));
    hash.update(JSON.stringify([name, type, shape.slice(1)]));
    hash.update(bytesOf(data.subarray(row * size, (row + 1) * size)));
  }
  return hash.digest("hex");
}
