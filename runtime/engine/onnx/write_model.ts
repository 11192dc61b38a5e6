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
  type GraphProto,
  modelProto,
  type TensorProto,
  type ValueInfoProto,
} from "./onnx_schema.ts";

const utf8 = new TextEncoder();

/** Writes an ONNX file; the same model gives the same bytes. Tensors go in as raw little-endian data. */
export function writeModel(model: OnnxModel): Uint8Array<ArrayBuffer> {
  const bytes = modelProto.encode({
    irVersion: model.irVersion,
    producerName: "hanok",
    opsetImport: Object.entries(model.opsets).map(([domain, version]) => ({ domain, version })),
    graph: graphProto(model.graph),
    metadataProps: Object.entries(model.metadata).map(([key, value]) => ({ key, value })),
  }).finish();
  if (bytes.buffer instanceof ArrayBuffer && bytes.byteLength === bytes.buffer.byteLength) {
    return new Uint8Array(bytes.buffer); // without a copy: models are large
  }
  return new Uint8Array(bytes);
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
  return {
    dims: [...tensor.shape],
    dataType: elementTypeCode(tensor.type),
    name,
    rawData: bytesOf(tensor.data),
  };
}

function valueInfoProto({ name, type, shape }: OnnxValueInfo): ValueInfoProto {
  const elemType = elementTypeCode(type);
  if (shape === undefined) return { name, type: { tensorType: { elemType } } };
  const dim = shape.map((axis) =>
    typeof axis === "number" ? { dimValue: axis } : { dimParam: axis }
  );
  return { name, type: { tensorType: { elemType, shape: { dim } } } };
}
