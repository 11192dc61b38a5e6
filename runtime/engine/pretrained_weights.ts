import type { OnnxTensor } from "./onnx/onnx_model.ts";
import { isLegacyFile, readPytorchFile } from "./pytorch_file.ts";
import { readSafetensors } from "./safetensors.ts";

const ZIP = 0x04034b50; // "PK\3\4", little-endian

/**
 * Weights of a `safetensors` or `pytorch_model.bin` file by name, without the prefix of the base model (`bert.`, `model.`, …), and
 * with today's names for old ones.
 *
 * @throws {ExplainedError} `engine/bad-safetensors` or `engine/bad-pytorch-file` if it is damaged or not what it should be.
 */
export function readPretrainedWeights(file: Uint8Array): Map<string, OnnxTensor> {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const zipped = file.byteLength >= 4 && view.getUint32(0, true) === ZIP;
  const tensors = zipped || isLegacyFile(file)
    ? readPytorchFile(file)
    : readSafetensors(file).tensors;
  return new Map(tensors.entries().map(([name, tensor]) => [plainName(name), tensor]));
}

function plainName(name: string): string {
  return name
    .replace(/^(bert|roberta|electra|distilbert|model)\./, "")
    .replace(/LayerNorm\.gamma$/, "LayerNorm.weight")
    .replace(/LayerNorm\.beta$/, "LayerNorm.bias");
}
