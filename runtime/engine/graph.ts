import { type Elements, elementsOf, type ElementType } from "./element_type.ts";
import type { OnnxAttribute, OnnxAttributes } from "./onnx/onnx_model.ts";
import { elementCount, type Shape } from "./shape.ts";

/** Element type and shape of a value. */
export interface ValueType {
  readonly type: ElementType;
  readonly shape: Shape;
}

/** A value given from outside when the graph runs: a batch, or a weight that trains. */
export interface Input extends ValueType {
  readonly kind: "input";
  readonly name: string;
}

/** A value known before the graph runs: a frozen weight, an axis, a number. */
export interface Constant extends ValueType {
  readonly kind: "constant";
  /** Set for weights, so that they keep their names. */
  readonly name?: string;
  readonly data: Elements;
}

/** An output of a graph node. */
export interface Result extends ValueType {
  readonly kind: "result";
  readonly node: GraphNode;
  /** Which output of the node this is. */
  readonly index: number;
}

/** A tensor that a graph speaks of. Shapes are whole numbers: one graph serves one shape of batch. */
export type Value = Input | Constant | Result;

/** One operation. Its outputs know it, so a graph is just the values one asks for. */
export interface GraphNode {
  /** Name in the file it came from, for messages; empty if the engine made it. */
  readonly name: string;
  /** Operator in the sense of ONNX operator set 20. */
  readonly op: string;
  readonly inputs: readonly (Value | undefined)[];
  readonly attributes: OnnxAttributes;
  readonly outputs: readonly Result[];
}

/** A value that the graph is given. */
export function input(name: string, type: ElementType, shape: Shape): Input {
  return { kind: "input", name, type, shape };
}

/** A constant from plain numbers. */
export function constant(type: ElementType, shape: Shape, numbers: ArrayLike<number>): Constant {
  if (numbers.length !== elementCount(shape)) {
    throw new RangeError(`${numbers.length} numbers do not fill the shape [${shape}]`);
  }
  return { kind: "constant", type, shape, data: elementsOf(type, numbers) };
}

/** An int64 vector, as ONNX wants axes, shapes and pads. */
export function integers(numbers: readonly number[]): Constant {
  return constant("int64", [numbers.length], numbers);
}

/** A node with its outputs, frozen. */
export function graphNode(
  call: Pick<GraphNode, "name" | "op" | "inputs" | "attributes">,
  types: readonly ValueType[],
): GraphNode {
  const outputs: Result[] = [];
  const node: GraphNode = Object.freeze({ ...call, outputs });
  types.forEach(({ type, shape }, index) => {
    outputs.push(Object.freeze({ kind: "result", node, index, type, shape }));
  });
  Object.freeze(outputs);
  return node;
}

/** The nodes that `values` depend on, each after the nodes it depends on. Same graph, same order. */
export function topologicalOrder(values: readonly Value[]): GraphNode[] {
  const order: GraphNode[] = [];
  const entered = new Set<GraphNode>();
  const stack: { node: GraphNode; next: number }[] = [];
  const enter = (value: Value | undefined): void => {
    if (value?.kind !== "result" || entered.has(value.node)) return;
    entered.add(value.node);
    stack.push({ node: value.node, next: 0 });
  };
  for (const value of values) {
    enter(value);
    while (stack.length > 0) {
      const top = stack.at(-1)!;
      if (top.next < top.node.inputs.length) {
        enter(top.node.inputs[top.next++]);
      } else {
        order.push(top.node);
        stack.pop();
      }
    }
  }
  return order;
}

/** An integer attribute. */
export function int(value: number): OnnxAttribute {
  return { kind: "int", value };
}

/** A list of integers as an attribute. */
export function ints(value: readonly number[]): OnnxAttribute {
  return { kind: "ints", value };
}

/** A real attribute. */
export function float(value: number): OnnxAttribute {
  return { kind: "float", value };
}

/** A text attribute. */
export function string(value: string): OnnxAttribute {
  return { kind: "string", value };
}

/** A number among attributes, or its default. */
export function numberAttribute(
  attributes: OnnxAttributes,
  name: string,
  otherwise: number,
): number {
  const attribute = attributes[name];
  return attribute?.kind === "int" || attribute?.kind === "float" ? attribute.value : otherwise;
}

/** A list of integers among attributes, if it is there. */
export function intsAttribute(
  attributes: OnnxAttributes,
  name: string,
): readonly number[] | undefined {
  const attribute = attributes[name];
  return attribute?.kind === "ints" ? attribute.value : undefined;
}

/** A text among attributes, or its default. */
export function stringAttribute(
  attributes: OnnxAttributes,
  name: string,
  otherwise: string,
): string {
  const attribute = attributes[name];
  return attribute?.kind === "string" ? attribute.value : otherwise;
}
