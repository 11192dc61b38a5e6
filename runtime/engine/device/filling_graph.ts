import type { InferenceSession } from "onnxruntime-node";
import type { Tensor } from "../../../pipeline/tensor.ts";
import { bytesOf } from "../element_type.ts";
import { modelType } from "../onnx/onnx_schema.ts";
import { elementCount } from "../shape.ts";
import type { LoadedGraph } from "./device.ts";
import { openSession, type OrtRuntime, ortTensors, runSession } from "./ort_graph.ts";

/** First output of every graph here: an empty list, which is no tensor. */
const END = "hanok:end";
const REFUSED = "Non tensor type"; // how onnxruntime-node begins to say that it cannot hand over a list

type Tensors = Readonly<Record<string, Tensor>>;

/**
 * A session of onnxruntime-node that writes its outputs to arrays of ours: to those that the caller gives, else to new ones.
 *
 * onnxruntime-node fills the arrays that it is given, and then copies each of them into a new one to hand it over. It does so in order, and
 * ends with an error at the first output that is no tensor: so that is the first here, and the copies (a seventh of an iteration that
 * trains two layers of BERT-base) are never made. Arrays are marked before each run, so that it shows whether they were filled. Where
 * they were not, as a later version may have it, the graph runs as any other and its outputs are copied: nothing but time is lost.
 */
export async function loadFillingGraph(
  runtime: OrtRuntime,
  model: Uint8Array,
): Promise<LoadedGraph> {
  const session = await openSession(runtime, withEnd(model));
  const outputs = session.outputMetadata.filter((output) => output.isTensor);
  let fills = true;
  return {
    async run(inputs, into = {}) {
      const tensors = Object.fromEntries(
        outputs.map(({ name, type, shape }) => [
          name,
          into[name] as Tensor | undefined ?? newTensor(type, shape as number[]),
        ]),
      );
      const feeds = ortTensors(runtime, inputs);
      if (fills && await fill(runtime, session, feeds, tensors)) return tensors;
      const results = await runSession(runtime, session, feeds, Object.keys(tensors));
      for (const [name, { data }] of Object.entries(tensors)) {
        data.set(results[name]!.data as never);
      }
      fills = false; // whoever failed at bad inputs fails again, and does not come here
      return tensors;
    },
    [Symbol.asyncDispose]: () => runtime.inLine(() => session.release()),
  };
}

/** Runs a session that is to fill these tensors. @returns Whether it did. */
async function fill(
  runtime: OrtRuntime,
  session: InferenceSession,
  feeds: InferenceSession.FeedsType,
  tensors: Tensors,
): Promise<boolean> {
  const marked = Object.values(tensors).map(edgesOf);
  for (const edge of marked.flat()) edge.set(MARK);
  const fetches = { [END]: null, ...ortTensors(runtime, tensors) };
  try {
    await runtime.inLine(() => session.run(feeds, fetches));
  } catch (cause) {
    if (!String(cause).includes(REFUSED)) return false;
  }
  return marked.flat().every((edge) => edge.some((byte, i) => byte !== MARK[i]));
}

/** No number that is ever computed: a NaN with a message in it, and an integer that is no index. */
const MARK = Uint8Array.of(0xa7, 0x5e, 0xa7, 0x7f);

/** The last four bytes of the first element of a tensor and of the last one. */
function edgesOf({ data }: Tensor): Uint8Array[] {
  const size = data.BYTES_PER_ELEMENT;
  const bytes = bytesOf(data);
  return [...new Set([size, bytes.length])].filter((end) => end > 0 && bytes.length > 0)
    .map((end) => bytes.subarray(end - MARK.length, end));
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
