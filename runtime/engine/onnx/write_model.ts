import { ExplainedError } from "../../../pipeline/explained_error.ts";
import { bytesOf, elementTypeCode } from "../element_type.ts";
import type {
  OnnxAttribute,
  OnnxGraph,
  OnnxModel,
  OnnxTensor,
  OnnxValueInfo,
} from "./onnx_model.ts";
import {
  type AttributeProto,
  EXTERNAL,
  type GraphProto,
  graphType,
  modelType,
  type TensorProto,
  tensorType,
  type ValueInfoProto,
} from "./onnx_schema.ts";

const utf8 = new TextEncoder();

/**
 * Writes an ONNX file; the same model gives the same bytes. Elements of weights are aligned, so that {@link readModel} needs no copy of
 * them: large models are in memory once.
 *
 * @throws {ExplainedError} `engine/model-too-large` if the file would have 2 GiB, where protobuf ends.
 */
export function writeModel(model: OnnxModel): Uint8Array<ArrayBuffer> {
  const { size, write } = layOut(model);
  if (size > MAX_FILE_BYTES) throw tooLarge(size);
  return write();
}

/** Where the elements of a tensor lie in the file beside the model. */
export interface ExternalPlace {
  readonly location: string;
  /** Both in bytes. */
  readonly offset: number;
  readonly length: number;
}

/**
 * Says how large the ONNX file of a model will be, and writes it.
 *
 * @param places Initializers whose elements are in another file.
 */
export function layOut(
  model: OnnxModel,
  places: ReadonlyMap<string, ExternalPlace> = new Map(),
): { readonly size: number; readonly write: () => Uint8Array<ArrayBuffer> } {
  const head = modelType.encode({
    irVersion: model.irVersion,
    producerName: "hanok",
    opsetImport: Object.entries(model.opsets).map(([domain, version]) => ({ domain, version })),
    metadataProps: Object.entries(model.metadata).map(([key, value]) => ({ key, value })),
  }).finish();
  const graph = graphType.encode({ ...graphProto(model.graph), initializer: [] }).finish();
  const tensors = [...model.graph.initializers].map(([name, tensor]) => {
    const place = places.get(name);
    const header = tensorHeader(tensor, name);
    return place === undefined
      ? { header: tensorType.encode(header).finish(), data: bytesOf(tensor.data) }
      : { header: tensorType.encode({ ...header, ...externalField(place) }).finish() };
  });
  const most = tensors.reduce(
    (sum, { header, data }) => sum + header.byteLength + (data?.byteLength ?? 0) + 32,
    graph.byteLength,
  );
  const write = (file: File): number => {
    file.write(head);
    file.field(GRAPH, most, () => {
      file.write(graph);
      for (const { header, data } of tensors) {
        file.field(INITIALIZER, header.byteLength + (data?.byteLength ?? 0) + 32, () => {
          file.write(header);
          if (data === undefined) return;
          file.align(1 + varintLength(data.byteLength));
          file.field(RAW_DATA, data.byteLength, () => file.write(data));
        });
      }
    });
    return file.length();
  };
  const size = write(openFile());
  return {
    size,
    write() {
      const bytes = new Uint8Array(size);
      write(openFile(bytes));
      return bytes;
    },
  };
}

// Tags of fields with a length.
const GRAPH = 7 << 3 | 2; // ModelProto.graph
const INITIALIZER = 5 << 3 | 2; // GraphProto.initializer
const RAW_DATA = 9 << 3 | 2; // TensorProto.raw_data
const DOC_STRING = 12 << 3 | 2; // TensorProto.doc_string

/** Size of the largest ONNX file: protobuf's messages end there. */
export const MAX_FILE_BYTES = 2 ** 31 - 1;

/** What is said of a model that is too large for one file. */
export function tooLarge(size: number): ExplainedError {
  return new ExplainedError("engine/model-too-large", {
    what: "Cannot write the ONNX model",
    why: `it would have ${size} bytes, and a file can have ${MAX_FILE_BYTES}`,
    fix: "Use exportFiles() and buildFiles(), which put weights into a file beside it",
  });
}

const ALIGNMENT = 8; // bytes of the largest element

/** Bytes that are written one after the other. */
interface File {
  write(bytes: Uint8Array): void;
  /** A field whose content is at most this long. */
  field(tag: number, most: number, content: () => void): void;
  /** Fills up with a remark, so that what comes `ahead` bytes later is aligned. */
  align(ahead: number): void;
  length(): number;
}

/** @param bytes Where to write to; only counted if absent. */
function openFile(bytes?: Uint8Array): File {
  let at = 0;
  const byte = (value: number): void => {
    if (bytes !== undefined) bytes[at] = value;
    at++;
  };
  const varint = (value: number, size: number): void => { // longer than it must be, if need be
    for (let i = 0; i < size; i++) {
      byte(value % 128 + (i < size - 1 ? 128 : 0));
      value = Math.floor(value / 128);
    }
  };
  const file: File = {
    write(part) {
      bytes?.set(part, at);
      at += part.byteLength;
    },
    field(tag, most, content) {
      const size = varintLength(most);
      byte(tag);
      const start = at + size;
      at = start;
      content();
      const end = at;
      at = start - size;
      varint(end - start, size);
      at = end;
    },
    align(ahead) {
      const gap = (2 * ALIGNMENT - (at + ahead) % ALIGNMENT) % ALIGNMENT;
      if (gap === 0) return;
      const remark = gap === 1 ? ALIGNMENT - 1 : gap - 2; // tag and length alone take two
      file.field(DOC_STRING, remark, () => file.write(new Uint8Array(remark).fill(SPACE)));
    },
    length: () => at,
  };
  return file;
}

const SPACE = 32;

/** Bytes that a number takes, seven bits in each. */
function varintLength(value: number): number {
  return value < 128 ? 1 : 1 + varintLength(Math.floor(value / 128));
}

function graphProto(graph: OnnxGraph): GraphProto {
  return {
    name: graph.name === "" ? "model" : graph.name,
    node: graph.nodes.map((node) => ({
      name: node.name,
      opType: node.op,
      domain: node.domain,
      input: [...node.inputs],
      output: [...node.outputs],
      attribute: Object.entries(node.attributes).map(([name, value]) =>
        attributeProto(name, value)
      ),
    })),
    initializer: [...graph.initializers].map(([name, tensor]) => tensorProto(tensor, name)),
    input: graph.inputs.map(valueInfoProto),
    output: graph.outputs.map(valueInfoProto),
  };
}

function attributeProto(name: string, attribute: OnnxAttribute): AttributeProto {
  switch (attribute.kind) {
    case "float":
      return { name, type: 1, f: attribute.value };
    case "int":
      return { name, type: 2, i: attribute.value };
    case "string":
      return { name, type: 3, s: utf8.encode(attribute.value) };
    case "tensor":
      return { name, type: 4, t: tensorProto(attribute.value, "") };
    case "graph":
      return { name, type: 5, g: graphProto(attribute.value) };
    case "floats":
      return { name, type: 6, floats: [...attribute.value] };
    case "ints":
      return { name, type: 7, ints: [...attribute.value] };
    case "strings":
      return { name, type: 8, strings: attribute.value.map((item) => utf8.encode(item)) };
  }
}

function tensorProto(tensor: OnnxTensor, name: string): TensorProto {
  return { ...tensorHeader(tensor, name), rawData: bytesOf(tensor.data) };
}

function tensorHeader({ shape, type }: OnnxTensor, name: string): TensorProto {
  return { dims: [...shape], dataType: elementTypeCode(type), name };
}

function externalField(place: ExternalPlace): Pick<TensorProto, "dataLocation" | "externalData"> {
  const externalData = Object.entries(place).map(([key, value]) => ({ key, value: String(value) }));
  return { dataLocation: EXTERNAL, externalData };
}

function valueInfoProto({ name, type, shape }: OnnxValueInfo): ValueInfoProto {
  const elemType = elementTypeCode(type);
  if (shape === undefined) return { name, type: { tensorType: { elemType } } };
  const dim = shape.map((axis) =>
    typeof axis === "number" ? { dimValue: axis } : { dimParam: axis }
  );
  return { name, type: { tensorType: { elemType, shape: { dim } } } };
}
