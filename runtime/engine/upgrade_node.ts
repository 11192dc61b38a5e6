import type { Emit } from "./emit.ts";
import { int, integers, intsAttribute, numberAttribute, type Value } from "./graph.ts";
import type { OnnxAttributes, OnnxNode } from "./onnx/onnx_model.ts";
import { elementCount } from "./shape.ts";

/** A use of an operator in the sense of ONNX operator set 20. */
export interface UpgradedCall {
  readonly inputs: readonly (Value | undefined)[];
  readonly attributes: OnnxAttributes;
}

/** Operators that take their axes as an input from some operator set on, and as an attribute before. */
const axesAsInputSince: Readonly<Record<string, number>> = {
  Squeeze: 13,
  Unsqueeze: 13,
  ReduceSum: 13,
  ReduceL1: 18,
  ReduceL2: 18,
  ReduceLogSumExp: 18,
  ReduceMax: 18,
  ReduceMean: 18,
  ReduceMin: 18,
  ReduceProd: 18,
  ReduceSumSquare: 18,
};

/** Says what a node of an older operator set means in operator set 20. */
export function upgradeCall(node: OnnxNode, call: UpgradedCall, opset: number): UpgradedCall {
  const { inputs, attributes } = call;
  if (node.domain !== "") return call;
  if (opset < (axesAsInputSince[node.op] ?? 0)) {
    const { axes: _, ...rest } = attributes;
    const axes = intsAttribute(attributes, "axes");
    return { inputs: [inputs[0], axes && integers(axes)], attributes: rest };
  }
  if (node.op === "Split" && opset < 13) {
    const lengths = intsAttribute(attributes, "split");
    const { split: _, ...rest } = attributes;
    return lengths === undefined
      ? { inputs, attributes: { ...rest, num_outputs: int(node.outputs.length) } }
      : { inputs: [inputs[0], integers(lengths)], attributes: rest };
  }
  if (node.op === "Split" && opset < 18 && inputs[1] === undefined) {
    return { inputs, attributes: { ...attributes, num_outputs: int(node.outputs.length) } };
  }
  return call;
}

/**
 * Softmax and LogSoftmax before operator set 13 took all axes from `axis` (1 unless given) on together.
 *
 * @returns The outputs, or `undefined` if the node means the same today.
 */
export function oldSoftmax(
  g: Emit,
  node: OnnxNode,
  call: UpgradedCall,
  opset: number,
): readonly Value[] | undefined {
  const [x] = call.inputs;
  const softmax = node.op === "Softmax" || node.op === "LogSoftmax";
  if (!softmax || opset >= 13 || node.domain !== "" || x === undefined) return undefined;
  const given = numberAttribute(call.attributes, "axis", 1);
  const axis = given < 0 ? given + x.shape.length : given;
  if (axis === x.shape.length - 1) return undefined; // there is one axis only
  const rows = g.reshape(x, [
    elementCount(x.shape.slice(0, axis)),
    elementCount(x.shape.slice(axis)),
  ]);
  return [g.reshape(g.apply(node.op, [rows], { axis: int(1) }), x.shape)];
}
