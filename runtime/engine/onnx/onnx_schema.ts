import protobuf from "protobufjs/light.js";

/**
 * The part of ONNX's protocol buffers that models are made of, as protobufjs reads it.
 *
 * Training info, functions, sparse tensors and quantization notes are left out: their bytes are skipped on reading.
 *
 * @see https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3
 */
const descriptor: protobuf.INamespace = {
  nested: {
    ModelProto: {
      fields: {
        irVersion: { type: "int64", id: 1 },
        producerName: { type: "string", id: 2 },
        graph: { type: "GraphProto", id: 7 },
        opsetImport: { rule: "repeated", type: "OperatorSetIdProto", id: 8 },
        metadataProps: { rule: "repeated", type: "StringStringEntryProto", id: 14 },
        functions: { rule: "repeated", type: "bytes", id: 25 },
      },
    },
    OperatorSetIdProto: {
      fields: { domain: { type: "string", id: 1 }, version: { type: "int64", id: 2 } },
    },
    StringStringEntryProto: {
      fields: { key: { type: "string", id: 1 }, value: { type: "string", id: 2 } },
    },
    GraphProto: {
      fields: {
        node: { rule: "repeated", type: "NodeProto", id: 1 },
        name: { type: "string", id: 2 },
        initializer: { rule: "repeated", type: "TensorProto", id: 5 },
        input: { rule: "repeated", type: "ValueInfoProto", id: 11 },
        output: { rule: "repeated", type: "ValueInfoProto", id: 12 },
        sparseInitializer: { rule: "repeated", type: "bytes", id: 15 },
      },
    },
    NodeProto: {
      fields: {
        input: { rule: "repeated", type: "string", id: 1 },
        output: { rule: "repeated", type: "string", id: 2 },
        name: { type: "string", id: 3 },
        opType: { type: "string", id: 4 },
        attribute: { rule: "repeated", type: "AttributeProto", id: 5 },
        domain: { type: "string", id: 7 },
      },
    },
    AttributeProto: {
      fields: {
        name: { type: "string", id: 1 },
        f: { type: "float", id: 2 },
        i: { type: "int64", id: 3 },
        s: { type: "bytes", id: 4 },
        t: { type: "TensorProto", id: 5 },
        g: { type: "GraphProto", id: 6 },
        floats: { rule: "repeated", type: "float", id: 7, options: { packed: true } },
        ints: { rule: "repeated", type: "int64", id: 8, options: { packed: true } },
        strings: { rule: "repeated", type: "bytes", id: 9 },
        type: { type: "int32", id: 20 },
      },
    },
    TensorProto: {
      fields: {
        dims: { rule: "repeated", type: "int64", id: 1, options: { packed: true } },
        dataType: { type: "int32", id: 2 },
        floatData: { rule: "repeated", type: "float", id: 4, options: { packed: true } },
        int32Data: { rule: "repeated", type: "int32", id: 5, options: { packed: true } },
        int64Data: { rule: "repeated", type: "int64", id: 7, options: { packed: true } },
        name: { type: "string", id: 8 },
        rawData: { type: "bytes", id: 9 },
        doubleData: { rule: "repeated", type: "double", id: 10, options: { packed: true } },
        externalData: { rule: "repeated", type: "StringStringEntryProto", id: 13 },
        dataLocation: { type: "int32", id: 14 },
      },
    },
    ValueInfoProto: {
      fields: { name: { type: "string", id: 1 }, type: { type: "TypeProto", id: 2 } },
    },
    TypeProto: { fields: { tensorType: { type: "TensorTypeProto", id: 1 } } },
    TensorTypeProto: {
      fields: {
        elemType: { type: "int32", id: 1 },
        shape: { type: "TensorShapeProto", id: 2 },
      },
    },
    TensorShapeProto: {
      fields: { dim: { rule: "repeated", type: "DimensionProto", id: 1 } },
    },
    DimensionProto: {
      fields: { dimValue: { type: "int64", id: 1 }, dimParam: { type: "string", id: 2 } },
    },
  },
};

/** A 64-bit integer as protobufjs hands it over. */
export type Integer64 = number | { toNumber(): number; toString(): string };

/** `TensorProto` as decoded; every field may be missing. */
export interface TensorProto {
  dims?: Integer64[];
  dataType?: number;
  floatData?: number[];
  int32Data?: number[];
  int64Data?: Integer64[];
  doubleData?: number[];
  name?: string;
  rawData?: Uint8Array;
  externalData?: { key?: string; value?: string }[];
  dataLocation?: number;
}

/** `AttributeProto` as decoded. */
export interface AttributeProto {
  name?: string;
  type?: number;
  f?: number;
  i?: Integer64;
  s?: Uint8Array;
  t?: TensorProto;
  g?: GraphProto;
  floats?: number[];
  ints?: Integer64[];
  strings?: Uint8Array[];
}

/** `NodeProto` as decoded. */
export interface NodeProto {
  input?: string[];
  output?: string[];
  name?: string;
  opType?: string;
  domain?: string;
  attribute?: AttributeProto[];
}

/** `ValueInfoProto` as decoded. */
export interface ValueInfoProto {
  name?: string;
  type?: {
    tensorType?: {
      elemType?: number;
      shape?: { dim?: { dimValue?: Integer64; dimParam?: string }[] };
    };
  };
}

/** `GraphProto` as decoded. */
export interface GraphProto {
  node?: NodeProto[];
  name?: string;
  initializer?: TensorProto[];
  sparseInitializer?: Uint8Array[];
  input?: ValueInfoProto[];
  output?: ValueInfoProto[];
}

/** `ModelProto` as decoded. */
export interface ModelProto {
  irVersion?: Integer64;
  producerName?: string;
  opsetImport?: { domain?: string; version?: Integer64 }[];
  graph?: GraphProto;
  metadataProps?: { key?: string; value?: string }[];
  functions?: Uint8Array[];
}

/** `TensorProto.DataLocation` of a tensor whose elements are in another file. */
export const EXTERNAL = 1;

const root = protobuf.Root.fromJSON(descriptor);

/** Encoder and decoder of ONNX files. */
export const modelType: protobuf.Type = root.lookupType("ModelProto");

/** Encoder of the graph within an ONNX file. */
export const graphType: protobuf.Type = root.lookupType("GraphProto");

/** Encoder of a tensor within an ONNX file. */
export const tensorType: protobuf.Type = root.lookupType("TensorProto");
