import { ExplainedError } from "../../pipeline/explained_error.ts";
import { bytesOf, bytesPerElement, type ElementType, viewElements } from "./element_type.ts";
import type { OnnxTensor } from "./onnx/onnx_model.ts";
import { elementCount } from "./shape.ts";

/** Tensors by name, and words about them. */
export interface SafetensorsFile {
  readonly tensors: ReadonlyMap<string, OnnxTensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

const names: Readonly<Record<ElementType, string>> = {
  float32: "F32",
  float64: "F64",
  float16: "F16",
  int64: "I64",
  int32: "I32",
  int16: "I16",
  int8: "I8",
  uint64: "U64",
  uint32: "U32",
  uint16: "U16",
  uint8: "U8",
  bool: "BOOL",
};

const HEADER_LIMIT = 100_000_000; // bytes, the limit of the reference implementation

/**
 * Writes tensors in the safetensors format: header length (8 bytes), header (JSON), data.
 *
 * @see https://github.com/huggingface/safetensors#format
 */
export function writeSafetensors(
  tensors: ReadonlyMap<string, OnnxTensor>,
  metadata: Readonly<Record<string, string>>,
): Uint8Array<ArrayBuffer> {
  const header: Record<string, unknown> = { __metadata__: metadata };
  let end = 0;
  for (const [name, { type, shape, data }] of tensors) {
    header[name] = { dtype: names[type], shape, data_offsets: [end, end + data.byteLength] };
    end += data.byteLength;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const padded = Math.ceil(json.length / 8) * 8;
  const file = new Uint8Array(8 + padded + end);
  new DataView(file.buffer).setBigUint64(0, BigInt(padded), true);
  file.fill(0x20, 8 + json.length, 8 + padded);
  file.set(json, 8);
  let at = 8 + padded;
  for (const { data } of tensors.values()) {
    file.set(bytesOf(data), at);
    at += data.byteLength;
  }
  return file;
}

/**
 * Reads a safetensors file. bfloat16 becomes float32. Other tensors are views where alignment allows it.
 *
 * @throws {ExplainedError} `engine/bad-safetensors` if it is damaged.
 */
export function readSafetensors(bytes: Uint8Array): SafetensorsFile {
  try {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const length = Number(view.getBigUint64(0, true));
    if (length > Math.min(HEADER_LIMIT, bytes.byteLength - 8)) {
      throw new RangeError(`the header is said to be ${length} bytes`);
    }
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(8, 8 + length));
    const header: unknown = JSON.parse(text);
    if (!isRecord(header)) throw new TypeError("the header is no object");
    const data = bytes.subarray(8 + length);
    const { __metadata__: metadata = {}, ...entries } = header;
    if (!isRecord(metadata)) throw new TypeError("the metadata are no object");
    checkPlaces(entries, data.byteLength);
    return {
      tensors: new Map(
        Object.entries(entries).map(([name, entry]) => [name, readTensor(name, entry, data)]),
      ),
      metadata: Object.fromEntries(
        Object.entries(metadata).map(([key, value]) => [key, String(value)]),
      ),
    };
  } catch (cause) {
    throw new ExplainedError("engine/bad-safetensors", {
      what: "Cannot read the safetensors file",
      why: `${bytes.byteLength} bytes: ${cause instanceof Error ? cause.message : cause}`,
      fix: "Fetch or write the file again",
      cause,
    });
  }
}

/** Tensors lie one behind the other and fill the file, as the format demands: no file is larger in memory than it is. */
function checkPlaces(entries: Readonly<Record<string, unknown>>, length: number): void {
  const places = Object.entries(entries).flatMap(([name, entry]) => {
    const { data_offsets: offsets } = isRecord(entry) ? entry : {};
    return isLengths(offsets) && offsets.length === 2 && offsets[0]! <= offsets[1]!
      ? [{ name, start: offsets[0]!, end: offsets[1]! }]
      : []; // said when the tensor is read
  }).sort((a, b) => a.start - b.start || a.end - b.end);
  let end = 0;
  for (const { name, start, end: next } of places) {
    if (start !== end) throw new RangeError(`"${name}" is at ${start}, and not at ${end}`);
    end = next;
  }
  const isWhole = places.length === Object.keys(entries).length;
  if (isWhole && end < length) throw new RangeError(`${length - end} bytes belong to no tensor`);
}

function readTensor(name: string, entry: unknown, data: Uint8Array): OnnxTensor {
  const { dtype, shape, data_offsets: offsets } = isRecord(entry) ? entry : {};
  if (!isLengths(shape) || !isLengths(offsets) || offsets.length !== 2) {
    throw new TypeError(`the entry of "${name}" is not understood`);
  }
  const [start, end] = offsets as [number, number];
  if (start > end || end > data.byteLength) {
    throw new RangeError(`"${name}" is at ${start} to ${end} of ${data.byteLength}`);
  }
  const bytes = data.subarray(start, end);
  const found = Object.entries(names).find(([, tag]) => tag === dtype);
  const type = dtype === "BF16" ? "float32" : found?.[0] as ElementType | undefined;
  if (type === undefined) throw new TypeError(`"${name}" has element type ${String(dtype)}`);
  const size = dtype === "BF16" ? 2 : bytesPerElement(type);
  if (elementCount(shape) * size !== bytes.byteLength) {
    throw new RangeError(`"${name}" of shape [${shape}] has ${bytes.byteLength} bytes`);
  }
  return { type, shape, data: dtype === "BF16" ? fromBfloat16(bytes) : viewElements(type, bytes) };
}

/** bfloat16 is the upper half of a float32. */
function fromBfloat16(bytes: Uint8Array): Float32Array {
  const halves = viewElements("uint16", bytes) as Uint16Array;
  return new Float32Array(Uint32Array.from(halves, (half) => half * 65536).buffer);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isLengths(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0);
}
