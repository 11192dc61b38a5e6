import type { ExternalData } from "../../../pipeline/engine_port.ts";
import { ExplainedError } from "../../../pipeline/explained_error.ts";
import {
  bytesPerElement,
  clampSafe,
  type Elements,
  elementsOf,
  type ElementType,
  findElementType,
  viewElements,
} from "../element_type.ts";
import type {
  OnnxAttribute,
  OnnxAttributes,
  OnnxGraph,
  OnnxModel,
  OnnxNode,
  OnnxTensor,
  OnnxValueInfo,
} from "./onnx_model.ts";
import {
  type AttributeProto,
  EXTERNAL,
  type GraphProto,
  type Integer64,
  type ModelProto,
  modelType,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from "./onnx_schema.ts";

const text = new TextDecoder();

/**
 * Reads an ONNX file.
 *
 * Tensors are views into `bytes` where their alignment allows it: do not write to it afterwards.
 *
 * @throws {ExplainedError} `engine/onnx-unreadable` if the bytes are no ONNX model or hold what is not understood.
 */
export function readModel(bytes: Uint8Array, external: ExternalData = {}): OnnxModel {
  try {
    if (!(bytes instanceof Uint8Array)) {
      throw new TypeError(`it is given as ${typeof bytes}, not as a Uint8Array`);
    }
    const proto = modelType.decode(bytes) as ModelProto;
    if (proto.graph === undefined || proto.graph === null) {
      throw new TypeError("there is no graph in it");
    }
    if ((proto.functions?.length ?? 0) > 0) throw new TypeError("it defines functions of its own");
    const opsets: Record<string, number> = {};
    for (const { domain, version } of proto.opsetImport ?? []) {
      opsets[domain === "ai.onnx" ? "" : domain ?? ""] = integer(version ?? 0);
    }
    return {
      irVersion: integer(proto.irVersion ?? 0),
      opsets,
      graph: readGraph(proto.graph, external),
      metadata: Object.fromEntries(
        (proto.metadataProps ?? []).map(({ key, value }) => [key ?? "", value ?? ""]),
      ),
    };
  } catch (cause) {
    throw new ExplainedError("engine/onnx-unreadable", {
      what: "Cannot read the ONNX model",
      why: `${bytes.byteLength ?? "no"} bytes: ${
        cause instanceof Error ? cause.message : String(cause)
      }`,
      fix: "Give the bytes of a complete .onnx file, as an exporter wrote it",
      cause,
    });
  }
}

function readGraph(proto: GraphProto, external: ExternalData): OnnxGraph {
  if ((proto.sparseInitializer?.length ?? 0) > 0) throw new TypeError("it has sparse initializers");
  checkShared(proto, external);
  const initializers = new Map(
    (proto.initializer ?? []).map((tensor) => [tensor.name ?? "", readTensor(tensor, external)]),
  );
  return {
    name: proto.name ?? "",
    nodes: (proto.node ?? []).map((node) => readNode(node, external)),
    initializers,
    inputs: (proto.input ?? []).filter(({ name }) => !initializers.has(name ?? "")).map(
      readValueInfo,
    ),
    outputs: (proto.output ?? []).map(readValueInfo),
  };
}

function readNode(proto: NodeProto, external: ExternalData): OnnxNode {
  const attributes: Record<string, OnnxAttribute> = {};
  for (const attribute of proto.attribute ?? []) {
    attributes[attribute.name ?? ""] = readAttribute(attribute, external);
  }
  return {
    name: proto.name ?? "",
    op: proto.opType ?? "",
    domain: proto.domain === "ai.onnx" ? "" : proto.domain ?? "",
    inputs: proto.input ?? [],
    outputs: proto.output ?? [],
    attributes: attributes satisfies OnnxAttributes,
  };
}

/** The kinds by `AttributeProto.AttributeType`. */
function readAttribute(proto: AttributeProto, external: ExternalData): OnnxAttribute {
  switch (proto.type) {
    case 1:
      return { kind: "float", value: proto.f ?? 0 };
    case 2:
      return { kind: "int", value: integer(proto.i ?? 0) };
    case 3:
      return { kind: "string", value: text.decode(proto.s) };
    case 4:
      return { kind: "tensor", value: readTensor(proto.t ?? {}, external) };
    case 5:
      return { kind: "graph", value: readGraph(proto.g ?? {}, external) };
    case 6:
      return { kind: "floats", value: proto.floats ?? [] };
    case 7:
      return { kind: "ints", value: (proto.ints ?? []).map(integer) };
    case 8:
      return { kind: "strings", value: (proto.strings ?? []).map((bytes) => text.decode(bytes)) };
    default:
      throw new TypeError(`attribute "${proto.name}" has the unknown type ${proto.type}`);
  }
}

function readTensor(proto: TensorProto, external: ExternalData): OnnxTensor {
  const type = knownType(proto.dataType, proto.name);
  const shape = (proto.dims ?? []).map(integer);
  const data = proto.dataLocation === EXTERNAL
    ? viewElements(type, externalBytes(proto, external))
    : proto.rawData !== undefined && proto.rawData.length > 0
    ? viewElements(type, proto.rawData)
    : typedData(proto, type);
  const length = shape.reduce((product, axis) => product * axis, 1);
  if (data.length !== length || shape.some((axis) => axis < 0)) {
    throw new RangeError(
      `tensor "${proto.name ?? ""}" of shape [${shape}] has ${data.length} elements`,
    );
  }
  return { type, shape, data };
}

/** Elements that are not in `raw_data`: small types, and float16 as bits, share the int32 field. */
function typedData(proto: TensorProto, type: ElementType): Elements {
  switch (type) {
    case "float32":
      return elementsOf(type, proto.floatData ?? []);
    case "float64":
      return elementsOf(type, proto.doubleData ?? []);
    case "int64":
      return BigInt64Array.from((proto.int64Data ?? []).map((item) => BigInt(item.toString())));
    case "float16":
      return new Float16Array(Uint16Array.from(proto.int32Data ?? []).buffer);
    case "uint32":
    case "uint64":
      throw new TypeError(`tensor "${proto.name ?? ""}" keeps ${type} elements outside raw_data`);
    default:
      return elementsOf(type, proto.int32Data ?? []);
  }
}

/**
 * Tensors may share bytes of a file, but not all of them all bytes: where they are not aligned they are copied, and a small model could
 * take any memory.
 */
function checkShared({ initializer = [] }: GraphProto, external: ExternalData): void {
  const files = Object.values(external).reduce((sum, { byteLength }) => sum + byteLength, 0);
  const tensors = initializer.filter(({ dataLocation }) => dataLocation === EXTERNAL)
    .map((tensor) => externalBytes(tensor, external).byteLength);
  const all = tensors.reduce((sum, bytes) => sum + bytes, 0);
  if (all > MOST_SHARED * files) {
    throw new RangeError(`its tensors are ${all} of the ${files} bytes beside it`);
  }
}

const MOST_SHARED = 4;

function externalBytes(proto: TensorProto, external: ExternalData): Uint8Array {
  const entries = new Map((proto.externalData ?? []).map(({ key, value }) => [key, value]));
  const location = entries.get("location") ?? "";
  const file = Object.hasOwn(external, location) ? external[location] : undefined;
  if (file === undefined) {
    throw new TypeError(
      `tensor "${proto.name ?? ""}" is in the file "${location}", which was not given`,
    );
  }
  const offset = Number(entries.get("offset") ?? 0);
  const length = Number(entries.get("length") ?? file.byteLength - offset);
  if (!(offset >= 0 && length >= 0 && offset + length <= file.byteLength)) {
    throw new RangeError(
      `tensor "${proto.name ?? ""}" is at ${offset} to ${
        offset + length
      } of "${location}", which has ${file.byteLength} bytes`,
    );
  }
  return file.subarray(offset, offset + length);
}

function readValueInfo(proto: ValueInfoProto): OnnxValueInfo {
  const tensor = proto.type?.tensorType;
  if (tensor === undefined || tensor === null) {
    throw new TypeError(`"${proto.name ?? ""}" is not a tensor`);
  }
  const dims = tensor.shape?.dim;
  return {
    name: proto.name ?? "",
    type: knownType(tensor.elemType, proto.name),
    shape: tensor.shape === undefined || tensor.shape === null
      ? undefined
      : (dims ?? []).map(({ dimValue, dimParam }, axis) =>
        dimParam
          ? dimParam
          : dimValue === undefined
          ? `axis_${axis}`
          : axisLength(integer(dimValue), axis)
      ),
  };
}

/** Some exporters write -1 or 0 for a free axis. */
function axisLength(value: number, axis: number): number | string {
  return value > 0 ? value : `axis_${axis}`;
}

function knownType(code: number | undefined, name: string | undefined): ElementType {
  const type = findElementType(code ?? 0);
  if (type === undefined) {
    throw new TypeError(`"${name ?? ""}" has element type ${code ?? 0}, which is not a number`);
  }
  return type;
}

function integer(value: Integer64): number {
  return clampSafe(typeof value === "number" ? value : value.toNumber());
}

/** Size in bytes of a tensor of this shape. */
export function tensorBytes(type: ElementType, shape: readonly number[]): number {
  return shape.reduce((product, axis) => product * axis, 1) * bytesPerElement(type);
}
