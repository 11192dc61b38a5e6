import { elementTypeCode, findElementType, isFloating } from "../element_type.ts";
import { int, intsAttribute, numberAttribute, type ValueType } from "../graph.ts";
import type { OnnxAttributes } from "../onnx/onnx_model.ts";
import {
  constantNumbers,
  gathered,
  type Operator,
  type OperatorCall,
  type Operators,
  required,
} from "../operator.ts";
import {
  broadcastIndices,
  broadcastShapes,
  elementCount,
  resolveAxis,
  type Shape,
  stridedIndices,
  stridesOf,
} from "../shape.ts";

/** An operator that keeps the elements in their order: its gradient only takes the old shape again. */
function reshaping(shapeOf: (call: OperatorCall, x: ValueType) => Shape): Operator {
  return {
    infer: (call) => {
      const x = required(call.inputs, 0);
      const shape = shapeOf(call, x);
      if (elementCount(shape) !== elementCount(x.shape)) {
        throw new RangeError(`[${x.shape}] cannot become [${shape}]`);
      }
      return [{ type: x.type, shape }];
    },
    gradient: ({ g, x, dy }) => [g.reshape(dy, x.shape)],
    evaluate: ([x]) => [x!.data],
  };
}

const reshape = reshaping(({ inputs, attributes }, x) => {
  const wanted = constantNumbers(required(inputs, 1), "the new shape")!;
  const keepZero = numberAttribute(attributes, "allowzero", 0) !== 0;
  const shape = wanted.map((length, axis) =>
    length === 0 && !keepZero ? x.shape[axis] ?? 0 : length
  );
  const known = elementCount(shape.filter((length) => length !== -1));
  return shape.map((length) => length === -1 ? elementCount(x.shape) / known : length);
});

const flatten = reshaping(({ attributes }, { shape }) => {
  const axis = numberAttribute(attributes, "axis", 1);
  const front = axis < 0 ? axis + shape.length : axis;
  return [elementCount(shape.slice(0, front)), elementCount(shape.slice(front))];
});

const squeeze = reshaping(({ inputs }, { shape }) => {
  const axes = constantNumbers(inputs[1], "the list of axes")?.map((axis) =>
    resolveAxis(axis, shape.length)
  );
  return shape.filter((length, axis) => axes === undefined ? length !== 1 : !axes.includes(axis));
});

const unsqueeze = reshaping(({ inputs }, { shape }) => {
  const given = constantNumbers(required(inputs, 1), "the list of axes")!;
  const rank = shape.length + given.length;
  const axes = given.map((axis) => resolveAxis(axis, rank));
  const rest = [...shape];
  return Array.from({ length: rank }, (_, axis) => axes.includes(axis) ? 1 : rest.shift()!);
});

function permutation(attributes: OnnxAttributes, rank: number): readonly number[] {
  return intsAttribute(attributes, "perm") ?? [...Array(rank).keys()].reverse();
}

const transpose: Operator = {
  infer: ({ inputs, attributes }) => {
    const { type, shape } = required(inputs, 0);
    const order = permutation(attributes, shape.length);
    if (
      [...order].sort((a, b) => a - b).some((axis, i) => axis !== i) ||
      order.length !== shape.length
    ) {
      throw new RangeError(`[${order}] is no order of ${shape.length} axes`);
    }
    return [{ type, shape: order.map((axis) => shape[axis]!) }];
  },
  gradient: ({ g, x, dy, attributes }) => {
    const order = permutation(attributes, x.shape.length);
    return [g.transpose(dy, order.map((_, axis) => order.indexOf(axis)))];
  },
  evaluate: ([x], attributes, [y]) => {
    const strides = stridesOf(x!.shape);
    const order = permutation(attributes, x!.shape.length);
    return [gathered(x!, stridedIndices(y!.shape, order.map((axis) => strides[axis]!), 0))];
  },
};

const expand: Operator = {
  infer: ({ inputs }) => {
    const { type, shape } = required(inputs, 0);
    return [{
      type,
      shape: broadcastShapes(shape, constantNumbers(required(inputs, 1), "the new shape")!),
    }];
  },
  gradient: ({ g, x, dy }) => [g.sumTo(dy, x.shape)],
  evaluate: ([x], _attributes, [y]) => [gathered(x!, broadcastIndices(x!.shape, y!.shape))],
};

const tile: Operator = {
  infer: ({ inputs }) => {
    const { type, shape } = required(inputs, 0);
    const repeats = constantNumbers(required(inputs, 1), "the number of repeats")!;
    if (repeats.length !== shape.length) {
      throw new RangeError(`${repeats.length} repeats for ${shape.length} axes`);
    }
    return [{ type, shape: shape.map((length, axis) => length * repeats[axis]!) }];
  },
  gradient: ({ g, inputs, x, dy }) => {
    const repeats = constantNumbers(inputs[1], "the number of repeats")!;
    const split = x.shape.flatMap((length, axis) => [repeats[axis]!, length]);
    return [g.sum(g.reshape(dy, split), x.shape.map((_, axis) => 2 * axis), false)];
  },
  evaluate: ([x], _attributes, [y]) => { // repeats are broadcast axes in front of each axis
    const split = x!.shape.flatMap((length, axis) => [y!.shape[axis]! / length, length]);
    const steps = stridesOf(x!.shape).flatMap((stride) => [0, stride]);
    return [gathered(x!, stridedIndices(split, steps, 0))];
  },
};

const cast: Operator = {
  infer: ({ inputs, attributes }) => {
    const type = findElementType(numberAttribute(attributes, "to", 0));
    if (type === undefined) {
      throw new TypeError(`element type ${numberAttribute(attributes, "to", 0)} is not a number`);
    }
    return [{ type, shape: required(inputs, 0).shape }];
  },
  gradient: ({ g, x, y, dy }) => [
    isFloating(x.type) && isFloating(y.type)
      ? g.apply("Cast", [dy], { to: int(elementTypeCode(x.type)) })
      : undefined,
  ],
  evaluate: ([x], _attributes, [y]) => [
    y!.type === "bool"
      ? x!.data.map((item) => item === 0 ? 0 : 1)
      : isFloating(y!.type)
      ? x!.data
      : x!.data.map(Math.trunc),
  ],
};

/** Operators that place elements anew. */
export const movement: Operators = {
  Reshape: reshape,
  Flatten: flatten,
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
  Transpose: transpose,
  Expand: expand,
  Tile: tile,
  Cast: cast,
};
