import type { Tensor } from "../../../pipeline/tensor.ts";
import { modelType } from "../onnx/onnx_schema.ts";
import { elementCount } from "../shape.ts";
import type { LoadedGraph } from "./device.ts";
import { openSession, type OrtRuntime, ortTensors, runFailed } from "./ort_graph.ts";

/** First output of every graph here: an empty list, which is no tensor. */
const END = "hanok:end";
const REFUSED = "Non tensor type"; // how onnxruntime-node begins to say that it cannot hand over a list

/**
 * A session of onnxruntime-node that writes its outputs to arrays of ours: to those that the caller gives, else to new ones.
 *
 * onnxruntime-node fills the arrays that it is given, and then copies each of them into a new one to hand it over. It does so in order, and
 * ends with an error at the first output that is no tensor: so that is the first here, and the copies (a seventh of an iteration that
 * trains two layers of BERT-base) are never made. Where a later version hands lists over, nothing but time is lost.
 */
export async function loadFillingGraph(
  runtime: OrtRuntime,
  model: Uint8Array,
): Promise<LoadedGraph> {
  const session = await openSession(runtime, withEnd(model));
  const outputs = session.outputMetadata.filter((output) => output.isTensor);
  return {
    async run(inputs, into = {}) {
      const tensors = Object.fromEntries(
        outputs.map(({ name, type, shape }) => [
          name,
          into[name] as Tensor | undefined ?? newTensor(type, shape as number[]),
        ]),
      );
      const fetches = { [END]: null, ...ortTensors(runtime, tensors) };
      try {
        await runtime.inLine(() => session.run(ortTensors(runtime, inputs), fetches));
      } catch (cause) {
        if (!String(cause).includes(REFUSED)) throw runFailed(runtime, cause);
      }
      return tensors;
    },
    [Symbol.asyncDispose]: () => runtime.inLine(() => session.release()),
  };
}

/** Two messages of protobuf one behind the other are one: lists are joined in this order. */
function withEnd(model: Uint8Array): Uint8Array {
  const end = modelType.encode({
    graph: { node: [{ opType: "SequenceEmpty", output: [END] }], output: [{ name: END }] },
  }).finish();
  const whole = new Uint8Array(end.byteLength + model.byteLength);
  whole.set(end);
  whole.set(model, end.byteLength);
  return whole;
}

function newTensor(type: string, shape: readonly number[]): Tensor {
  const length = elementCount(shape);
  if (type === "float32") return { type, shape, data: new Float32Array(length) };
  if (type === "int32") return { type, shape, data: new Int32Array(length) };
  if (type === "int64") return { type, shape, data: new BigInt64Array(length) };
  throw new TypeError(`a training graph has no ${type} outputs`);
}
