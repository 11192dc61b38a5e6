import { join } from "node:path";
import type { OnnxFiles } from "../../pipeline/mod.ts";
import type { ScoredEpoch } from "../train/early_stopping.ts";

/** An epoch that is over. */
export interface TunedEpoch extends ScoredEpoch {
  /** Mean loss over the training split, while the weights moved. */
  readonly loss: number;
  /** Optimizer updates up to here. */
  readonly iteration: number;
}

/** How far training has come: what is needed, beside weights and optimizer, to go on as if nothing had happened. */
export interface TuningProgress {
  /** Epoch under way, 1 for the first. */
  readonly epoch: number;
  /** Batches of it that are done. */
  readonly batches: number;
  /** Loss of these, summed over texts; and how many texts. */
  readonly lossSum: number;
  readonly seen: number;
  /** Whether all batches are done and scored. */
  readonly isOver: boolean;
  readonly best: TunedEpoch | null;
  readonly last: TunedEpoch | null;
}

/** A state of training on disk. */
export interface SavedTraining {
  readonly progress: TuningProgress;
  /** Weights, optimizer and iteration, as the engine saved them. */
  readonly state: Uint8Array<ArrayBuffer>;
}

const STATE = "state.safetensors";
const BEST = "best.model";

/** Writes where training is. A kill at any moment leaves this state or the one before, never a half. */
export async function saveTraining(
  folder: string,
  { progress, state }: SavedTraining,
): Promise<void> {
  // One file, so that progress and weights cannot be of two moments.
  await writeWhole(join(folder, STATE), [...headed(progress), state]);
}

/** What was saved last; `undefined` when there is nothing. */
export async function findTraining(folder: string): Promise<SavedTraining | undefined> {
  const bytes = await readIfThere(join(folder, STATE));
  if (bytes === undefined) return undefined;
  const { head, rest } = readHeaded(bytes);
  return { progress: head as TuningProgress, state: rest.slice() };
}

/** Keeps the model of the best epoch so far, all of its files in one: a kill leaves this model or the one before. */
export async function saveBest(
  folder: string,
  { onnx, externalData }: OnnxFiles,
): Promise<void> {
  const files = Object.entries(externalData);
  const sizes: BestSizes = {
    onnx: onnx.length,
    externalData: files.map(([path, { length }]) => [path, length]),
  };
  await writeWhole(join(folder, BEST), [...headed(sizes), onnx, ...files.map(([, data]) => data)]);
}

/** Bytes of each file, in their order. */
interface BestSizes {
  readonly onnx: number;
  readonly externalData: readonly (readonly [path: string, size: number])[];
}

/** The model of the best epoch. */
export async function readBest(folder: string): Promise<OnnxFiles> {
  const { head, rest } = readHeaded(await Deno.readFile(join(folder, BEST)));
  const sizes = head as BestSizes;
  let at = 0;
  const next = (size: number): Uint8Array<ArrayBuffer> => rest.slice(at, at += size);
  const onnx = next(sizes.onnx); // copied, so that it begins where weights are aligned
  const externalData = sizes.externalData.map(([path, size]) => [path, next(size)] as const);
  return { onnx, externalData: Object.fromEntries(externalData) };
}

/** JSON with its size before it. */
function headed(head: unknown): readonly Uint8Array[] {
  const text = new TextEncoder().encode(JSON.stringify(head));
  const size = new Uint8Array(8);
  new DataView(size.buffer).setBigUint64(0, BigInt(text.length), true);
  return [size, text];
}

function readHeaded(
  bytes: Uint8Array<ArrayBuffer>,
): { readonly head: unknown; readonly rest: Uint8Array<ArrayBuffer> } {
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  const head = new TextDecoder().decode(bytes.subarray(8, 8 + length));
  return { head: JSON.parse(head), rest: bytes.subarray(8 + length) };
}

async function writeWhole(path: string, parts: readonly Uint8Array[]): Promise<void> {
  const temporary = `${path}.new`;
  {
    using file = await Deno.open(temporary, { write: true, create: true, truncate: true });
    for (const part of parts) {
      for (let rest = part; rest.length > 0;) rest = rest.subarray(await file.write(rest));
    }
    await file.sync();
  }
  await Deno.rename(temporary, path);
}

async function readIfThere(path: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    return await Deno.readFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
