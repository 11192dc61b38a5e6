import {
  type EnginePort,
  type FittedPreprocessing,
  type Json,
  MODEL_FILES,
  type ModelHandle,
  type ModelSignature,
  type OnnxFiles,
} from "../../pipeline/mod.ts";

/** What is needed of a model folder to predict. */
export interface OpenedFolder {
  readonly files: OnnxFiles;
  readonly signature: ModelSignature;
  /** Not yet checked: opening it does that. */
  readonly preprocessing: FittedPreprocessing;
}

/**
 * Reads a model folder.
 *
 * @throws {ExplainedError} `artifact/missing-file` when it lacks one of the files.
 */
export async function readModelFolder(
  model: ModelHandle,
  engine: EnginePort,
): Promise<OpenedFolder> {
  const onnx = await model.read(MODEL_FILES.model);
  const externalData = await engine.readExternalData(onnx, (path) => model.read(path));
  return {
    files: { onnx, externalData },
    signature: assume<ModelSignature>(await model.readJson(MODEL_FILES.signature)),
    preprocessing: assume<FittedPreprocessing>(await model.readJson(MODEL_FILES.preprocessing)),
  };
}

/** JSON that the train step wrote, named by its content hash. */
function assume<T>(json: Json): T {
  return json as unknown as T;
}
