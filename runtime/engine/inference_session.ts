import type { ExternalData, InferenceSession } from "../../pipeline/engine_port.ts";
import { ExplainedError, listProblems } from "../../pipeline/explained_error.ts";
import { didYouMean } from "../../pipeline/nearest_name.ts";
import type { TensorSpec } from "../../pipeline/tensor.ts";
import { checkTensors } from "./check_tensors.ts";
import { openDenseGraph } from "./dense/open_dense_graph.ts";
import type { Device } from "./device/device.ts";
import { closed } from "./device/session_line.ts";
import type { OnnxValueInfo } from "./onnx/onnx_model.ts";
import { readModel } from "./onnx/read_model.ts";

/**
 * Loads a model for prediction; any batch size that the model's free axes allow goes through one session.
 *
 * @throws {ExplainedError} If the model cannot be read, or has inputs that are not float32, int32 or int64.
 */
export async function openInferenceSession(
  device: Device,
  file: Uint8Array<ArrayBuffer>,
  externalData?: ExternalData,
): Promise<InferenceSession> {
  const model = readModel(file, externalData);
  const { graph } = model;
  const inputs = graph.inputs.map(tensorSpec);
  const outputs = graph.outputs.map(tensorSpec);
  const loaded = await device.load(file, externalData === undefined ? {} : { externalData });
  const dense = device.name === "webgpu" ? undefined : openDenseGraph(model);
  let isOpen = true;
  return {
    inputs,
    outputs,
    run(tensors, wanted) {
      if (!isOpen) throw closed("prediction");
      checkTensors(graph.inputs, tensors);
      checkWanted(outputs, wanted);
      return loaded.run(tensors, undefined, wanted);
    },
    ...(dense === undefined ? {} : { openRow: dense.openRow }),
    async [Symbol.asyncDispose]() {
      if (!isOpen) return;
      isOpen = false;
      await loaded[Symbol.asyncDispose]();
    },
  };
}

/** @throws {ExplainedError} `engine/no-such-output` */
function checkWanted(outputs: readonly TensorSpec[], wanted: readonly string[] = []): void {
  const known = outputs.map(({ name }) => name);
  const problems = wanted.filter((name) => !known.includes(name))
    .map((name) => `there is no output "${name}"${didYouMean(name, known)}`);
  if (problems.length === 0) return;
  throw new ExplainedError("engine/no-such-output", {
    what: "Cannot give the outputs that are wanted",
    why: listProblems(problems),
    fix: `Ask for ${known.join(", ")}`,
  });
}

function tensorSpec({ name, type, shape = [] }: OnnxValueInfo): TensorSpec {
  if (type !== "float32" && type !== "int32" && type !== "int64") {
    throw new ExplainedError("engine/bad-model-type", {
      what: "Cannot open the model for prediction",
      why: `its "${name}" is ${type}`,
      fix: "Export the model with float32, int32 or int64 inputs and outputs",
    });
  }
  return { name, type, shape: shape.map((axis) => typeof axis === "number" ? axis : null) };
}
