import type { Elements, ElementType } from "../element_type.ts";

/** A tensor stored in a model file: row-major elements with a shape. */
export interface OnnxTensor {
  readonly type: ElementType;
  readonly shape: readonly number[];
  readonly data: Elements;
}

/** What an attribute of an ONNX node can hold. */
export type OnnxAttribute =
  | { readonly kind: "int"; readonly value: number }
  | { readonly kind: "float"; readonly value: number }
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "ints"; readonly value: readonly number[] }
  | { readonly kind: "floats"; readonly value: readonly number[] }
  | { readonly kind: "strings"; readonly value: readonly string[] }
  | { readonly kind: "tensor"; readonly value: OnnxTensor }
  | { readonly kind: "graph"; readonly value: OnnxGraph };

/** Attributes of a node by name. */
export type OnnxAttributes = Readonly<Record<string, OnnxAttribute>>;

/** One operation of a file's graph; values are named. An empty name is an optional input left out. */
export interface OnnxNode {
  readonly name: string;
  readonly op: string;
  /** Empty for ONNX's own operators. */
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: OnnxAttributes;
}

/** An input or output of a graph; an axis is a length or the name of a free one. */
export interface OnnxValueInfo {
  readonly name: string;
  readonly type: ElementType;
  /** `undefined` when the file does not say even the number of axes. */
  readonly shape: readonly (number | string)[] | undefined;
}

/** A graph as stored in a file. */
export interface OnnxGraph {
  readonly name: string;
  readonly nodes: readonly OnnxNode[];
  readonly initializers: ReadonlyMap<string, OnnxTensor>;
  /** Without the initializers that old files list as inputs, too. */
  readonly inputs: readonly OnnxValueInfo[];
  readonly outputs: readonly OnnxValueInfo[];
}

/** An ONNX file. */
export interface OnnxModel {
  readonly irVersion: number;
  /** Operator set versions by domain; `""` is ONNX's own. */
  readonly opsets: Readonly<Record<string, number>>;
  readonly graph: OnnxGraph;
  readonly metadata: Readonly<Record<string, string>>;
}
