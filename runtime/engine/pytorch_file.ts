import { ExplainedError } from "../../pipeline/explained_error.ts";
import { type Elements, type ElementType, viewElements, zeroElements } from "./element_type.ts";
import type { OnnxTensor } from "./onnx/onnx_model.ts";
import { isKind, type PickledValue, readPickle, readPickleAt } from "./pickle.ts";
import { elementCount, stridedIndices, stridesOf } from "./shape.ts";
import { zipEntries } from "./zip_entries.ts";

const REBUILD = "torch._utils._rebuild_tensor_v2";
const PARAMETER = "torch._utils._rebuild_parameter";

/** Storages that hold numbers we know; bfloat16 is widened. */
const storages: Readonly<Record<string, ElementType | "bfloat16">> = {
  "torch.FloatStorage": "float32",
  "torch.DoubleStorage": "float64",
  "torch.HalfStorage": "float16",
  "torch.BFloat16Storage": "bfloat16",
  "torch.LongStorage": "int64",
  "torch.IntStorage": "int32",
  "torch.ShortStorage": "int16",
  "torch.CharStorage": "int8",
  "torch.ByteStorage": "uint8",
  "torch.BoolStorage": "bool",
};

/** Nothing else may be named: a pickle could run any program otherwise. */
const allowed: ReadonlySet<string> = new Set([
  ...Object.keys(storages),
  REBUILD,
  PARAMETER,
  "collections.OrderedDict",
]);

/**
 * Reads the tensors of a file that `torch.save` wrote of a state dict, without running the pickle in it.
 *
 * @throws {ExplainedError} `engine/bad-pytorch-file` if it is damaged, or its pickle asks for anything but tensors.
 */
export function readPytorchFile(file: Uint8Array): Map<string, OnnxTensor> {
  try {
    return isLegacyFile(file) ? readLegacy(file) : readZipped(file);
  } catch (cause) {
    throw new ExplainedError("engine/bad-pytorch-file", {
      what: "Cannot read the PyTorch file",
      why: `${file.byteLength} bytes: ${cause instanceof Error ? cause.message : cause}`,
      fix: "Give a pytorch_model.bin of weights alone, or better a safetensors file",
      cause,
    });
  }
}

function readZipped(file: Uint8Array): Map<string, OnnxTensor> {
  const entries = new Map(zipEntries(file).map(({ name, bytes }) => [name, bytes]));
  const pickle = [...entries.keys()].find((name) => name.endsWith("data.pkl"));
  if (pickle === undefined) throw new TypeError("there is no data.pkl in it");
  const folder = pickle.slice(0, -"data.pkl".length);
  const value = readPickle(entries.get(pickle)!, allowed);
  return tensorsOf(value, file.length, (key) => entries.get(`${folder}data/${key}`));
}

/** What files begin with that PyTorch wrote before 1.6: a pickle of its magic number. */
const LEGACY = Uint8Array.of(
  0x80,
  2,
  0x8a,
  10,
  0x6c,
  0xfc,
  0x9c,
  0x46,
  0xf9,
  0x20,
  0x6a,
  0xa8,
  0x50,
  0x19,
  0x2e,
);

/** Whether a file is of the format that PyTorch wrote before 1.6. */
export function isLegacyFile(file: Uint8Array): boolean {
  return LEGACY.every((byte, i) => file[i] === byte);
}

/** Magic number, protocol, facts about the system, the tensors, the keys of the storages, each a pickle; then the storages. */
function readLegacy(file: Uint8Array): Map<string, OnnxTensor> {
  let at = LEGACY.length;
  const next = (): PickledValue => {
    const { value, end } = readPickleAt(file, at, allowed);
    at = end;
    return value;
  };
  next();
  next();
  const value = next();
  const keys = next();
  if (!Array.isArray(keys)) throw new TypeError("it does not list its storages");
  const sizes = storageSizes(value);
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const stored = new Map<string, Uint8Array>();
  for (const key of keys) {
    const bytes = Number(view.getBigUint64(at, true)) * (sizes.get(String(key)) ?? 0);
    at += 8;
    if (at + bytes > file.byteLength) throw new RangeError("the file ends within a storage");
    stored.set(String(key), file.subarray(at, at + bytes));
    at += bytes;
  }
  return tensorsOf(value, file.length, (key) => stored.get(key));
}

/** Bytes of an element of each storage that the tensors name. */
function storageSizes(value: PickledValue): Map<string, number> {
  const sizes = new Map<string, number>();
  for (const each of value instanceof Map ? value.values() : []) {
    const call = isKind(each, "call") && each.global === PARAMETER ? each.args[0] : each;
    const reference = isKind(call, "call") ? call.args[0] : undefined;
    const [, storage, key] = isKind(reference, "persistent") && Array.isArray(reference.id)
      ? reference.id
      : [];
    if (!isKind(storage, "global")) continue;
    const type = storages[storage.name];
    const bytes = type === undefined
      ? 0
      : type === "bfloat16"
      ? 2
      : zeroElements(type, 1).byteLength;
    sizes.set(String(key), bytes);
  }
  return sizes;
}

/** What all tensors together may be of their file: many may be views of one storage, and each is a copy here. */
const MOST_SHARED = 8;

function tensorsOf(
  value: PickledValue,
  fileBytes: number,
  storageOf: (key: string) => Uint8Array | undefined,
): Map<string, OnnxTensor> {
  if (!(value instanceof Map)) throw new TypeError("its pickle is no dictionary of tensors");
  const elements = openStorages(storageOf);
  const tensors = new Map<string, OnnxTensor>();
  let bytes = 0;
  for (const [name, each] of value) {
    if (typeof name !== "string") throw new TypeError("a tensor has no name");
    if (!isKind(each, "call")) continue;
    const tensor = rebuilt(name, each, elements);
    bytes += tensor.data.byteLength;
    if (bytes > MOST_SHARED * fileBytes) {
      throw new RangeError(`its tensors have ${MOST_SHARED} times as many bytes as it`);
    }
    tensors.set(name, tensor);
  }
  return tensors;
}

/** Elements of a storage by its key. */
type StorageElements = (key: string, type: ElementType | "bfloat16") => Elements | undefined;

/** Each storage is widened once, however many tensors are views of it. */
function openStorages(bytesOf: (key: string) => Uint8Array | undefined): StorageElements {
  const wide = new Map<string, Float32Array>();
  return (key, type) => {
    const bytes = bytesOf(key);
    if (bytes === undefined || type !== "bfloat16") {
      return bytes && viewElements(type as ElementType, bytes);
    }
    const found = wide.get(key) ?? widened(bytes);
    wide.set(key, found);
    return found;
  };
}

type Call = Extract<PickledValue, { kind: "call" }>;

/** `_rebuild_tensor_v2(storage, offset, size, stride, …)`: a view of a storage, which we copy out. */
function rebuilt(name: string, call: Call, elementsOf: StorageElements): OnnxTensor {
  if (call.global === PARAMETER && isKind(call.args[0], "call")) {
    return rebuilt(name, call.args[0], elementsOf);
  }
  const [reference, offset, shape, strides] = call.args;
  const id = isKind(reference, "persistent") ? reference.id : undefined;
  const [, storage, key] = Array.isArray(id) ? id : [];
  if (
    !isKind(storage, "global") || typeof key !== "string" || !isLengths(shape) ||
    !isLengths(strides)
  ) {
    throw new TypeError(`"${name}" is not a tensor as PyTorch stores it`);
  }
  const type = storages[storage.name];
  const elements = type && elementsOf(key, type);
  if (type === undefined || elements === undefined) {
    throw new TypeError(`the storage of "${name}" is missing`);
  }
  const at = strided(name, { shape, strides, offset: Number(offset), length: elements.length });
  return {
    type: type === "bfloat16" ? "float32" : type,
    shape,
    data: picked(type === "bfloat16" ? "float32" : type, elements, at),
  };
}

/** Flat places of a tensor in its storage; `undefined` when they are all of it in order. */
function strided(
  name: string,
  { shape, strides, offset, length }: {
    shape: number[];
    strides: number[];
    offset: number;
    length: number;
  },
): Int32Array | undefined {
  const count = elementCount(shape);
  const last = shape.reduce((at, axis, i) => at + (axis - 1) * strides[i]!, offset);
  if (
    shape.length !== strides.length || !(offset >= 0) || (count > 0 && last >= length) ||
    count > length
  ) {
    throw new RangeError(
      `"${name}" of shape [${shape}] reaches past its storage of ${length} elements`,
    );
  }
  if (count === length && offset === 0 && stridesOf(shape).join() === strides.join()) {
    return undefined;
  }
  return stridedIndices(shape, strides, offset);
}

function picked(type: ElementType, elements: Elements, at: Int32Array | undefined): Elements {
  if (at === undefined) return elements;
  const result = zeroElements(type, at.length);
  at.forEach((from, to) => result[to] = elements[from]!);
  return result;
}

function widened(bytes: Uint8Array): Float32Array {
  const halves = viewElements("uint16", bytes) as Uint16Array;
  return new Float32Array(Uint32Array.from(halves, (half) => half * 65536).buffer);
}

function isLengths(value: PickledValue | undefined): value is number[] {
  return Array.isArray(value) &&
    value.every((item) => Number.isSafeInteger(item) && (item as number) >= 0);
}
