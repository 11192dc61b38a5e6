import type { InferenceSession, Tensor as OrtTensor } from "onnxruntime-node";
import type { Tensor } from "../../../pipeline/tensor.ts";
import { ExplainedError } from "../../../pipeline/explained_error.ts";
import type { EngineName, ExternalData } from "../../../pipeline/engine_port.ts";
import type { DeviceTensor, LoadedGraph, NamedTensors } from "./device.ts";
import type { OneAtATime } from "./one_at_a_time.ts";

/** The part of an onnxruntime package that runs graphs in the memory of this process. */
export interface OrtRuntime {
  readonly engine: EngineName;
  readonly Tensor: new (
    type: DeviceTensor["type"],
    data: DeviceTensor["data"],
    shape: readonly number[],
  ) => OrtTensor;
  open(model: Uint8Array, externalData: readonly ExternalFile[]): Promise<InferenceSession>;
  /** Puts work in line, where sessions must not work at the same time. */
  readonly inLine: OneAtATime;
}

/** A file beside a model, as onnxruntime wants it. */
export interface ExternalFile {
  readonly path: string;
  readonly data: Uint8Array<ArrayBuffer>;
}

/**
 * A session whose inputs and outputs are ordinary arrays.
 *
 * @throws {ExplainedError} `engine/model-refused` if onnxruntime does not accept the model.
 */
export async function loadOrtGraph(
  runtime: OrtRuntime,
  model: Uint8Array,
  externalData?: ExternalData,
): Promise<LoadedGraph> {
  const session = await openSession(runtime, model, externalData);
  return {
    async run(inputs, _into, wanted) {
      const results = await runSession(runtime, session, ortTensors(runtime, inputs), wanted);
      return Object.fromEntries(
        Object.entries(results).map(([name, result]) => [name, toTensor(name, result)]),
      );
    },
    [Symbol.asyncDispose]: () => runtime.inLine(() => session.release()),
  };
}

/** Tensors as onnxruntime's own, without a copy. */
export function ortTensors(
  { Tensor }: OrtRuntime,
  tensors: NamedTensors,
): Record<string, OrtTensor> {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, { type, data, shape }]) => [
      name,
      new Tensor(type, data, shape),
    ]),
  );
}

/**
 * Opens a session.
 *
 * @throws {ExplainedError} `engine/model-refused`
 */
export async function openSession(
  runtime: Pick<OrtRuntime, "engine" | "open" | "inLine">,
  model: Uint8Array,
  externalData: ExternalData = {},
): Promise<InferenceSession> {
  const files = Object.entries(externalData).map(([path, data]) => ({ path, data }));
  try {
    return await runtime.inLine(() => runtime.open(model, files));
  } catch (cause) {
    throw new ExplainedError("engine/model-refused", {
      what: `Cannot load the model on the engine "${runtime.engine}"`,
      why: messageOf(cause),
      fix: "Choose another engine, or export the model again with plain ONNX operators",
      cause,
    });
  }
}

/**
 * Runs a session once.
 *
 * @throws {ExplainedError} `engine/run-failed`
 */
export async function runSession(
  { engine, inLine }: Pick<OrtRuntime, "engine" | "inLine">,
  session: InferenceSession,
  feeds: Record<string, OrtTensor>,
  fetches?: InferenceSession.FetchesType | readonly string[],
): Promise<InferenceSession.OnnxValueMapType> {
  try {
    return await inLine(() =>
      fetches === undefined
        ? session.run(feeds)
        : session.run(feeds, fetches as InferenceSession.FetchesType)
    );
  } catch (cause) {
    throw runFailed({ engine }, cause);
  }
}

/** What onnxruntime said when it could not run a graph. */
export function runFailed({ engine }: Pick<OrtRuntime, "engine">, cause: unknown): ExplainedError {
  return new ExplainedError("engine/run-failed", {
    what: `Cannot run the model on the engine "${engine}"`,
    why: messageOf(cause),
    fix: "Check the batch's tensors against the model's inputs",
    cause,
  });
}

/**
 * An output as an ordinary array.
 *
 * @throws {ExplainedError} `engine/bad-output` if its elements are of a type that the port does not know.
 */
export function toTensor(name: string, { type, data, dims }: OrtTensor): Tensor {
  const shape = [...dims];
  if (type === "float32") return { type, shape, data: data as Float32Array };
  if (type === "int32") return { type, shape, data: data as Int32Array };
  if (type === "int64") return { type, shape, data: data as BigInt64Array };
  throw new ExplainedError("engine/bad-output", {
    what: `Cannot hand over the output "${name}"`,
    why: `its elements are ${type}`,
    fix: "Export the model with float32, int32 or int64 outputs",
  });
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
