import type { Emit } from "../emit.ts";
import { elementTypeCode, numbersOf } from "../element_type.ts";
import {
  type Constant,
  int,
  integers,
  numberAttribute,
  string,
  stringAttribute,
  type Value,
} from "../graph.ts";
import { type Numbers, type Operator, type Operators, required } from "../operator.ts";
import {
  checkWrittenOut,
  elementCount,
  resolveAxis,
  type Shape,
  stridedIndices,
  stridesOf,
} from "../shape.ts";

const gather: Operator = {
  infer: ({ inputs, attributes }) => {
    const { type, shape } = required(inputs, 0);
    const axis = resolveAxis(numberAttribute(attributes, "axis", 0), shape.length);
    checkPlaces(required(inputs, 1), shape[axis]!);
    return [{
      type,
      shape: [...shape.slice(0, axis), ...required(inputs, 1).shape, ...shape.slice(axis + 1)],
    }];
  },
  gradient: ({ g, inputs, x, dy, attributes }) => {
    const axis = resolveAxis(numberAttribute(attributes, "axis", 0), x.shape.length);
    return [gatherGradient(g, { x, indices: inputs[1]!, dy, axis })];
  },
  evaluate: ([x, indices], attributes) => {
    const axis = resolveAxis(numberAttribute(attributes, "axis", 0), x!.shape.length);
    const length = x!.shape[axis]!;
    const inner = elementCount(x!.shape.slice(axis + 1));
    const result: number[] = [];
    for (let outer = 0; outer < elementCount(x!.shape.slice(0, axis)); outer++) {
      for (const index of indices!.data) {
        const at = (outer * length + (index < 0 ? index + length : index)) * inner;
        for (let k = 0; k < inner; k++) result.push(x!.data[at + k]!);
      }
    }
    return [Float64Array.from(result)];
  },
};

/** @throws {RangeError} If one of these indices, where they are known, is no place of an axis of this length. */
function checkPlaces(indices: Value, length: number): void {
  if (indices.kind !== "constant") return;
  const wrong = numbersOf(indices.data).find((index) => !(index >= -length && index < length));
  if (wrong !== undefined) throw new RangeError(`there is no place ${wrong} in ${length}`);
}

/** One known index is a Slice, so its gradient is a Pad; else rows are added up where they came from. */
function gatherGradient(
  g: Emit,
  { x, indices, dy, axis }: { x: Value; indices: Value; dy: Value; axis: number },
): Value {
  const length = x.shape[axis]!;
  const known = indices.kind === "constant" ? numbersOf(indices.data) : undefined;
  if (known?.length === 1) {
    const at = known[0]! < 0 ? known[0]! + length : known[0]!;
    const row = g.reshape(dy, x.shape.with(axis, 1));
    const before = x.shape.map((_, i) => i === axis ? at : 0);
    const after = x.shape.map((_, i) => i === axis ? length - 1 - at : 0);
    return length === 1 ? row : g.apply("Pad", [row, integers([...before, ...after])]);
  }
  const count = elementCount(indices.shape);
  const order = x.shape.map((_, i) => i === 0 ? axis : i <= axis ? i - 1 : i); // the axis comes first
  const rows = g.reshape(dy, [...x.shape.slice(0, axis), count, ...x.shape.slice(axis + 1)]);
  const scattered = scatterAdd(g, {
    shape: order.map((i) => x.shape[i]!),
    indices: g.reshape(wideIndices(g, indices), [count, 1]),
    updates: g.transpose(rows, order),
  });
  return g.transpose(scattered, order.map((_, i) => order.indexOf(i)));
}

/** Zeros of `shape` with `updates` added at the places that the rows of `indices` name. */
function scatterAdd(
  g: Emit,
  { shape, indices, updates }: { shape: Shape; indices: Value; updates: Value },
): Value {
  const zeros = g.filled({ type: updates.type, shape }, 0);
  return g.apply("ScatterND", [zeros, indices, updates], { reduction: string("add") });
}

/** Indices as int64. */
export function wideIndices(g: Emit, indices: Value): Value {
  return indices.type === "int64"
    ? indices
    : g.apply("Cast", [indices], { to: int(elementTypeCode("int64")) });
}

const gatherElements: Operator = {
  infer: ({ inputs }) => [{ type: required(inputs, 0).type, shape: required(inputs, 1).shape }],
  gradient: ({ g, inputs: [, indices], x, dy, attributes }) => {
    const axis = resolveAxis(numberAttribute(attributes, "axis", 0), x.shape.length);
    const count = elementCount(dy.shape);
    const coordinates = x.shape.map((_, i) =>
      g.reshape(i === axis ? wideIndices(g, indices!) : coordinateAlong(i, dy.shape), [count, 1])
    );
    return [scatterAdd(g, {
      shape: x.shape,
      indices: coordinates.length === 1
        ? coordinates[0]!
        : g.apply("Concat", coordinates, { axis: int(1) }),
      updates: g.reshape(dy, [count]),
    })];
  },
  evaluate: ([x, indices], attributes) => {
    const axis = resolveAxis(numberAttribute(attributes, "axis", 0), x!.shape.length);
    const strides = stridesOf(x!.shape);
    const starts = stridedIndices(indices!.shape, strides.with(axis, 0), 0);
    const length = x!.shape[axis]!;
    return [
      Float64Array.from(starts, (start, i) => {
        const index = indices!.data[i]!;
        return x!.data[start + (index < 0 ? index + length : index) * strides[axis]!]!;
      }),
    ];
  },
};

/** For each element of a tensor, its coordinate along one axis. */
function coordinateAlong(axis: number, shape: Shape): Constant {
  checkWrittenOut(elementCount(shape), "a list of places");
  const steps = shape.map((_, i) => i === axis ? 1 : 0);
  const data = BigInt64Array.from(stridedIndices(shape, steps, 0), BigInt);
  return { kind: "constant", type: "int64", shape, data };
}

/** x with `updates` put, or added, at the places that the rows of `indices` name. */
const scatterNd: Operator = {
  infer: ({ inputs, attributes }) => {
    const reduction = stringAttribute(attributes, "reduction", "none");
    if (reduction !== "none" && reduction !== "add") {
      throw new RangeError(`the reduction "${reduction}" is not understood`);
    }
    return [{ type: required(inputs, 0).type, shape: required(inputs, 0).shape }];
  },
  gradient: ({ g, inputs: [, indices], dy, attributes }) => {
    if (!addsUp(attributes)) return [];
    return [dy, undefined, g.apply("GatherND", [dy, indices])];
  },
  evaluate: ([x, indices, updates], attributes) => {
    const result = Float64Array.from(x!.data);
    places(x!, indices!).forEach((at, i) => {
      const add = addsUp(attributes);
      result[at] = updates!.data[i]! + (add ? result[at]! : 0);
    });
    return [result];
  },
};

function addsUp(attributes: Parameters<typeof numberAttribute>[0]): boolean {
  return stringAttribute(attributes, "reduction", "none") === "add";
}

const gatherNd: Operator = {
  infer: ({ inputs, attributes }) => {
    if (numberAttribute(attributes, "batch_dims", 0) !== 0) {
      throw new RangeError("batch_dims must be 0");
    }
    const { type, shape } = required(inputs, 0);
    const places = required(inputs, 1).shape;
    return [{ type, shape: [...places.slice(0, -1), ...shape.slice(places.at(-1)!)] }];
  },
  gradient: ({ g, inputs: [, indices], x, dy }) => [
    scatterAdd(g, { shape: x.shape, indices: wideIndices(g, indices!), updates: dy }),
  ],
  evaluate: ([x, indices]) => [Float64Array.from(places(x!, indices!), (at) => x!.data[at]!)],
};

/** Flat index into x of every element that the rows of `indices` name, in their order. */
function places(x: Numbers, indices: Numbers): number[] {
  const depth = indices.shape.at(-1)!;
  const strides = stridesOf(x.shape);
  const inner = elementCount(x.shape.slice(depth));
  const flat: number[] = [];
  for (let row = 0; row < indices.data.length; row += depth) {
    let start = 0;
    for (let axis = 0; axis < depth; axis++) {
      const index = indices.data[row + axis]!;
      start += (index < 0 ? index + x.shape[axis]! : index) * strides[axis]!;
    }
    for (let i = 0; i < inner; i++) flat.push(start + i);
  }
  return flat;
}

/** Operators that look elements up by index. */
export const gathering: Operators = {
  Gather: gather,
  GatherElements: gatherElements,
  GatherND: gatherNd,
  ScatterND: scatterNd,
};
