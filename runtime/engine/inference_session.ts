import type { ExternalData, InferenceSession } from "../../pipeline/engine_port.ts";
import { ExplainedError } from "../../pipeline/explained_error.ts";
import type { TensorSpec } from "../../pipeline/tensor.ts";
import { checkTensors } from "./check_tensors.ts";
import type { Device } from "./device/device.ts";
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
  return {
    inputs,
    outputs,
    run(tensors, wanted) {
      checkTensors(graph.inputs, tensors);
      return loaded.run(tensors, undefined, wanted);
    },
    [Symbol.asyncDispose]: () => loaded[Symbol.asyncDispose](),
  };
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
