import type { OnnxFileLimit, OnnxFiles } from "../../../pipeline/engine_port.ts";
import { MODEL_FILES } from "../../../pipeline/model.ts";
import { bytesOf } from "../element_type.ts";
import type { OnnxModel, OnnxTensor } from "./onnx_model.ts";
import { type ExternalPlace, layOut, MAX_FILE_BYTES, tooLarge } from "./write_model.ts";

/** Tensors of fewer bytes stay in the ONNX file, as shapes and axes have to for onnxruntime to see them. */
const SMALL = 1024;

/** Tensors begin at multiples of this, so that they can be mapped into memory, as the ONNX specification advises. */
const PAGE = 4096;

/**
 * Writes a model of any size; the same model gives the same bytes.
 *
 * @throws {ExplainedError} `engine/model-too-large` if the graph alone, without its weights, is too large for a file.
 * @see https://github.com/onnx/onnx/blob/main/docs/ExternalData.md
 */
export function writeModelFiles(
  model: OnnxModel,
  { fileBytes = MAX_FILE_BYTES }: OnnxFileLimit = {},
): OnnxFiles {
  const whole = layOut(model);
  if (whole.size <= Math.min(fileBytes, MAX_FILE_BYTES)) {
    return { onnx: whole.write(), externalData: {} };
  }
  const places = placesOf(model.graph.initializers);
  const file = layOut(model, places);
  if (file.size > MAX_FILE_BYTES) throw tooLarge(file.size);
  const last = [...places.values()].at(-1);
  const data = new Uint8Array(last === undefined ? 0 : last.offset + last.length);
  for (const [name, { offset }] of places) {
    data.set(bytesOf(model.graph.initializers.get(name)!.data), offset);
  }
  return { onnx: file.write(), externalData: { [MODEL_FILES.modelData]: data } };
}

/** One behind the other. */
function placesOf(tensors: ReadonlyMap<string, OnnxTensor>): Map<string, ExternalPlace> {
  const places = new Map<string, ExternalPlace>();
  let end = 0;
  for (const [name, { data: { byteLength } }] of tensors) {
    if (byteLength < SMALL) continue;
    const offset = Math.ceil(end / PAGE) * PAGE;
    places.set(name, { location: MODEL_FILES.modelData, offset, length: byteLength });
    end = offset + byteLength;
  }
  return places;
}
