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
import {
  exampleParts,
  fillUp,
  type Layout,
  type Padding,
  paddingOf,
  withoutPadding,
} from "./padding.ts";

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
  /**
   * Whether what hidden positions hold makes no difference, asked for with {@link FoundOutputs.unproven}. If it makes one, an example is
   * found again only with the padding that it had.
   */
  settle(hidesPadding: boolean): Promise<void>;
}

/** An output of the frozen part. */
export interface FrozenOutput {
  readonly name: string;
  readonly shape: readonly number[];
  /** Absent if it is not known. */
  readonly layout?: Layout | undefined;
}

/** Outputs for a batch. */
export interface FoundOutputs {
  /** Positions that the mask hides hold what the first position holds, so that it is the same for every padding. */
  readonly tensors: Record<string, Tensor>;
  /** With what was computed of hidden positions, as long as it is not known whether that makes a difference. */
  readonly unproven?: Record<string, Tensor>;
  /** Examples that were not computed. */
  readonly found: number;
}

/** What the outputs depend on besides the example. */
export interface FrozenModel {
  readonly model: OnnxModel;
  readonly trainable: readonly string[];
  readonly engine: string;
}

const FORMAT = "hanok-frozen-2"; // another one when the engine computes something else
const MAX_BYTES = 10e9;

/** Opens the folder in which the outputs are kept. */
export async function openFrozenOutputs(
  { folder, precision = "float32", maxBytes = MAX_BYTES }: FrozenCache,
  frozen: FrozenModel,
): Promise<FrozenOutputs> {
  const model = digestOf(frozen, precision);
  const store = await openFrozenStore({ folder, model, maxBytes });
  const proof = createHash("sha256").update(model).update("hides padding").digest("hex");
  let isChecked = false;
  let hidesPadding = (await store.find(proof))?.[0]; // 1 or 0, undefined as long as it is not known
  const frozenOutputs: FrozenOutputs = {
    async get(batch, outputs, run) {
      const examples = Object.values(batch)[0]!.shape[0]!;
      const known = hidesPadding !== 0 && outputs.every(({ layout }) => layout !== undefined);
      const padding = known ? paddingOf(batch) : undefined;
      const isProven = hidesPadding === 1 ||
        padding === undefined || padding.ends.every((end) => end === padding.length);
      const keys = Array.from(
        { length: examples },
        (_, row) => exampleKey(model, batch, row, padding),
      );
      const stored = isProven
        ? await Promise.all(keys.map((key) => store.find(key)))
        : keys.map(() => undefined);
      const missing = [...keys.keys()].filter((row) => stored[row] === undefined);
      const form = { outputs, examples, precision, padding };
      let unproven: Record<string, Tensor> | undefined;
      if (missing.length > 0) {
        const rows = filledUp(missing, examples);
        const computed = await run(rowsOf(batch, rows));
        if (!isChecked && examples > 1) {
          checkApart(computed, await run(rowsOf(batch, rows.map(() => rows[0]!))), rows.length);
          isChecked = true;
        }
        if (!isProven && !await isSameAlone({ batch, padding, outputs, computed, run })) {
          await frozenOutputs.settle(false);
          return await frozenOutputs.get(batch, outputs, run);
        }
        if (!isProven) unproven = rounded(computed, precision);
        await keep(store, { keys, missing, stored, computed, count: rows.length, ...form });
      }
      return {
        tensors: joined(stored.map((bytes) => bytes!), form),
        ...(unproven === undefined ? {} : { unproven }),
        found: examples - missing.length,
      };
    },
    async settle(hides) {
      hidesPadding = Number(hides);
      await store.put(proof, Uint8Array.of(hidesPadding));
    },
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  };
  return frozenOutputs;
}

/** How the outputs of an example become bytes. */
interface RecordForm {
  readonly outputs: readonly FrozenOutput[];
  readonly examples: number;
  readonly precision: "float32" | "float16";
  readonly padding: Padding | undefined;
}

function rounded(tensors: Tensors, precision: "float32" | "float16"): Record<string, Tensor> {
  if (precision === "float32") return tensors;
  return Object.fromEntries(
    Object.entries(tensors).map(([name, { shape, data }]) => [
      name,
      { type: "float32", shape, data: Float32Array.from(new Float16Array(data as Float32Array)) },
    ]),
  );
}

/** Elements that are kept of an example's output of `size` elements. */
function keptLength(
  { layout }: FrozenOutput,
  size: number,
  row: number,
  padding?: Padding,
): number {
  return padding === undefined || layout !== "positions"
    ? size
    : size / padding.length * padding.ends[row]!;
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
  { keys, missing, stored, outputs, computed, precision, padding, count }: RecordForm & {
    readonly keys: readonly string[];
    readonly missing: readonly number[];
    readonly stored: (Uint8Array | undefined)[];
    readonly computed: Tensors;
    /** Examples that were computed. */
    readonly count: number;
  },
): Promise<void> {
  for (const [at, row] of missing.entries()) {
    const parts = outputs.map((output) => {
      const data = computed[output.name]!.data as Float32Array;
      const size = data.length / count;
      const numbers = data.subarray(at * size, at * size + keptLength(output, size, row, padding));
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
  { outputs, examples, precision, padding }: RecordForm,
): Record<string, Tensor> {
  const Elements = precision === "float32" ? Float32Array : Float16Array;
  const tensors: Record<string, Tensor> = {};
  const offsets = stored.map(({ byteOffset }) => byteOffset);
  for (const output of outputs) {
    const { name, shape, layout } = output;
    const size = elementCount(shape) / examples;
    const data = new Float32Array(elementCount(shape));
    stored.forEach(({ buffer }, row) => {
      const length = keptLength(output, size, row, padding);
      const example = data.subarray(row * size, (row + 1) * size);
      example.set(new Elements(buffer as ArrayBuffer, offsets[row]!, length));
      offsets[row]! += length * Elements.BYTES_PER_ELEMENT;
      if (padding !== undefined && layout === "positions") {
        fillUp(example, padding.length, padding.ends[row]!);
      }
    });
    tensors[name] = { type: "float32", shape, data };
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
    const data = beside[name]!.data as Float32Array;
    const one = data.subarray(0, data.length / examples);
    if (isClose(one, alone[name]!.data as Float32Array)) continue;
    throw new ExplainedError("engine/not-cacheable", {
      what: "Cannot keep the outputs of the frozen part",
      why: "what it computes for an example depends on the other examples of the batch",
      fix: "Train without `frozenCache`",
    });
  }
}

/** Whether the shortest example comes out the same without its padding. */
async function isSameAlone({ batch, padding, outputs, computed, run }: {
  readonly batch: Tensors;
  readonly padding: Padding | undefined;
  readonly outputs: readonly FrozenOutput[];
  readonly computed: Tensors;
  readonly run: RunFrozen;
}): Promise<boolean> {
  if (padding === undefined) return true;
  const row = padding.ends.indexOf(Math.min(...padding.ends));
  const alone = await run(withoutPadding(batch, row, padding));
  return outputs.every((output) => {
    const data = computed[output.name]!.data as Float32Array;
    const size = data.length / padding.ends.length;
    const kept = keptLength(output, size, row, padding);
    return isClose(data.subarray(row * size, row * size + kept), alone[output.name]!.data);
  });
}

/** Whether the numbers are the same but for rounding. @param others At least as many. */
function isClose(numbers: Float32Array, others: ArrayLike<unknown>): boolean {
  const scale = numbers.reduce((most, number) => Math.max(most, Math.abs(number)), 0);
  return numbers.every((number, i) => Math.abs(number - (others[i] as number)) <= 1e-4 * scale);
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

function exampleKey(model: string, batch: Tensors, row: number, padding?: Padding): string {
  const hash = createHash("sha256").update(model);
  for (const part of exampleParts(batch, row, padding)) hash.update(part);
  return hash.digest("hex");
}
