import { int, integers, numberAttribute, type Value } from "../graph.ts";
import type { OnnxAttributes } from "../onnx/onnx_model.ts";
import {
  constantNumbers,
  type GradientCall,
  type Numbers,
  type Operator,
  type OperatorCall,
  type Operators,
  required,
} from "../operator.ts";
import { elementCount, resolveAxis, type Shape, stridedIndices, stridesOf } from "../shape.ts";

/** Folds the elements along some axes into one. `axes` is the second input; none means all. */
interface Reduction {
  /** Of the elements that fall together. */
  readonly reduce: (items: Float64Array) => number;
  /** dL/dx, given y and dL/dy with the folded axes kept at length 1. */
  readonly gradient?: (call: GradientCall, y: Value, dy: Value) => Value;
}

function foldedAxes({ inputs, attributes }: OperatorCall): number[] {
  const rank = required(inputs, 0).shape.length;
  const given = constantNumbers(inputs[1], "the list of axes");
  if (given !== undefined && given.length > 0) {
    return [...new Set(given.map((axis) => resolveAxis(axis, rank)))].sort((a, b) => a - b);
  }
  return numberAttribute(attributes, "noop_with_empty_axes", 0) ? [] : [...Array(rank).keys()];
}

function keptShape(shape: Shape, axes: readonly number[]): Shape {
  return shape.map((length, axis) => axes.includes(axis) ? 1 : length);
}

function reduction({ reduce, gradient }: Reduction): Operator {
  return {
    infer: (call) => {
      const { type, shape } = required(call.inputs, 0);
      const axes = foldedAxes(call);
      return [{
        type,
        shape: numberAttribute(call.attributes, "keepdims", 1)
          ? keptShape(shape, axes)
          : shape.filter((_, axis) => !axes.includes(axis)),
      }];
    },
    ...(gradient === undefined ? {} : {
      gradient: (call) => {
        const kept = keptShape(call.x.shape, foldedAxes(call));
        return [gradient(call, call.g.reshape(call.y, kept), call.g.reshape(call.dy, kept))];
      },
    }),
    evaluate: ([x, axes], attributes) => [fold(x!, axes, attributes, reduce)],
  };
}

function fold(
  x: Numbers,
  axes: Numbers | undefined,
  attributes: OnnxAttributes,
  reduce: (items: Float64Array) => number,
): Float64Array {
  const inputs = [
    { ...x, kind: "input", name: "", type: "float64" } as const,
    axes && integers([...axes.data]),
  ];
  const folded = foldedAxes({ inputs, attributes });
  const strides = stridesOf(x.shape);
  const pick = (list: readonly number[], chosen: boolean): number[] =>
    list.filter((_, axis) => folded.includes(axis) === chosen);
  const within = stridedIndices(pick(x.shape, true), pick(strides, true), 0);
  const starts = stridedIndices(pick(x.shape, false), pick(strides, false), 0);
  return Float64Array.from(
    starts,
    (start) => reduce(Float64Array.from(within, (step) => x.data[start + step]!)),
  );
}

/** Elements that tie for the extreme share its gradient, as PyTorch's amax has it. */
function sharedAmongExtremes({ g, x }: GradientCall, y: Value, dy: Value): Value {
  const chosen = g.apply("Where", [g.apply("Equal", [x, y]), g.scalar(x, 1), g.scalar(x, 0)]);
  const axes = y.shape.flatMap((length, axis) => length === x.shape[axis] ? [] : [axis]);
  return g.mul(chosen, g.div(dy, g.sum(chosen, axes, true)));
}

function sum(items: Float64Array): number {
  return items.reduce((total, item) => total + item, 0);
}

/** A reduction whose gradient flows evenly: dx = dy * scale. */
function spread({ g, x }: GradientCall, dy: Value): Value {
  return g.expand(dy, x.shape);
}

const reductions: Operators = {
  ReduceSum: reduction({ reduce: sum, gradient: (call, _y, dy) => spread(call, dy) }),
  ReduceMean: reduction({
    reduce: (items) => sum(items) / items.length,
    gradient: (call, y, dy) => {
      const folded = elementCount(call.x.shape) / elementCount(y.shape);
      return spread(call, call.g.mul(dy, call.g.scalar(dy, 1 / folded)));
    },
  }),
  ReduceMax: reduction({
    reduce: (items) => items.reduce((a, b) => Math.max(a, b), -Infinity),
    gradient: sharedAmongExtremes,
  }),
  ReduceMin: reduction({
    reduce: (items) => items.reduce((a, b) => Math.min(a, b), Infinity),
    gradient: sharedAmongExtremes,
  }),
  ReduceProd: reduction({ reduce: (items) => items.reduce((a, b) => a * b, 1) }),
  ReduceL1: reduction({
    reduce: (items) => sum(items.map(Math.abs)),
    gradient: ({ g, x }, _y, dy) => g.mul(g.apply("Sign", [x]), dy),
  }),
  ReduceL2: reduction({
    reduce: (items) => Math.sqrt(sum(items.map((item) => item * item))),
    gradient: ({ g, x }, y, dy) => g.mul(x, g.div(dy, y)), // x / |x|
  }),
  ReduceSumSquare: reduction({
    reduce: (items) => sum(items.map((item) => item * item)),
    gradient: ({ g, x }, _y, dy) => g.mul(x, g.mul(dy, g.scalar(dy, 2))),
  }),
  ReduceLogSumExp: reduction({
    reduce: (items) => {
      const top = items.reduce((a, b) => Math.max(a, b), -Infinity);
      return top + Math.log(sum(items.map((item) => Math.exp(item - top))));
    },
    gradient: ({ g, x }, y, dy) => g.mul(g.apply("Exp", [g.sub(x, y)]), dy), // softmax
  }),
};

/** Index of the largest or smallest element along one axis: nothing can be learned through it. */
function argument(better: (a: number, b: number) => boolean): Operator {
  const settings = (attributes: OnnxAttributes, rank: number) => ({
    axis: resolveAxis(numberAttribute(attributes, "axis", 0), rank),
    keep: numberAttribute(attributes, "keepdims", 1) !== 0,
    last: numberAttribute(attributes, "select_last_index", 0) !== 0,
  });
  return {
    infer: ({ inputs, attributes }) => {
      const { shape } = required(inputs, 0);
      const { axis, keep } = settings(attributes, shape.length);
      return [{
        type: "int64",
        shape: shape.flatMap((length, i) => i !== axis ? [length] : keep ? [1] : []),
      }];
    },
    evaluate: ([x], attributes) => {
      const { axis, last } = settings(attributes, x!.shape.length);
      const choose = (items: Float64Array): number =>
        items.reduce(
          (best, item, i) =>
            better(item, items[best]!) || (last && item === items[best]) ? i : best,
          0,
        );
      return [fold(x!, { shape: [1], data: Float64Array.of(axis) }, { keepdims: int(1) }, choose)];
    },
  };
}

/** Operators that fold many elements into one. */
export const reductionOperators: Operators = {
  ...reductions,
  ArgMax: argument((a, b) => a > b),
  ArgMin: argument((a, b) => a < b),
};
