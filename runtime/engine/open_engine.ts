import type { EnginePort } from "../../pipeline/engine_port.ts";
import { buildModel } from "./architectures/mod.ts";
import { chooseEngine, type ChooseOptions, type RequestedEngine } from "./device/choose_device.ts";
import { openDevice } from "./device/open_device.ts";
import { openInferenceSession } from "./inference_session.ts";
import { readExternalData } from "./onnx/read_external_data.ts";
import { writeModel } from "./onnx/write_model.ts";
import { writeModelFiles } from "./onnx/write_model_files.ts";
import { openRecurrence } from "./recurrence/open_recurrence.ts";
import { openTrainingSession } from "./training_session.ts";

/** An engine that is open. Release with `await using`; dispose of its sessions first. */
export type OpenEngine = EnginePort & AsyncDisposable;

/**
 * Opens an engine. Only the package that it needs is loaded.
 *
 * @throws {ExplainedError} `engine/unknown-engine` or `engine/no-adapter`.
 * @throws {RangeError} If `threads` is no whole number from 1 on.
 */
export async function openEngine(
  name: RequestedEngine,
  options: ChooseOptions,
): Promise<OpenEngine> {
  const { threads } = options;
  if (!(Number.isSafeInteger(threads) && threads >= 1)) {
    throw new RangeError(`threads is ${threads} and must be a whole number >= 1`);
  }
  const device = await openDevice(await chooseEngine(name, options), options);
  return {
    name: device.name,
    device: device.description,
    build: async (architecture, buildOptions) =>
      await writeModel(buildModel(architecture, buildOptions)),
    buildFiles: async (architecture, buildOptions) =>
      await writeModelFiles(buildModel(architecture, buildOptions), buildOptions),
    readExternalData,
    openTraining: (model, trainingOptions) => openTrainingSession(device, model, trainingOptions),
    openInference: (model, externalData) => openInferenceSession(device, model, externalData),
    openRecurrence,
    [Symbol.asyncDispose]: () => device[Symbol.asyncDispose](),
  };
}
