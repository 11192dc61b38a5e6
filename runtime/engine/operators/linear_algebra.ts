import type { Emit } from "../emit.ts";
import { float, int, numberAttribute, type Value } from "../graph.ts";
import {
  type GradientCall,
  type Numbers,
  type Operator,
  type Operators,
  required,
} from "../operator.ts";
import { broadcastIndices, broadcastShapes, elementCount, type Shape } from "../shape.ts";

/** Shapes of a matrix product with vectors made into matrices: `[batch..., m, k] x [batch..., k, n]`. */
function productShapes(a: Shape, b: Shape): { a: Shape; b: Shape; y: Shape } {
  if (a.length === 0 || b.length === 0) throw new RangeError("a scalar is no matrix");
  const left = a.length === 1 ? [1, ...a] : a;
  const right = b.length === 1 ? [...b, 1] : b;
  const [m, k] = left.slice(-2) as [number, number];
  const [k2, n] = right.slice(-2) as [number, number];
  if (k !== k2) throw new RangeError(`the inner lengths ${k} and ${k2} differ`);
  return {
    a: left,
    b: right,
    y: [...broadcastShapes(left.slice(0, -2), right.slice(0, -2)), m, n],
  };
}

const matMul: Operator = {
  infer: ({ inputs }) => {
    const a = required(inputs, 0);
    const b = required(inputs, 1);
    const y = [...productShapes(a.shape, b.shape).y];
    if (a.shape.length === 1) y.splice(-2, 1);
    if (b.shape.length === 1) y.splice(-1, 1);
    return [{ type: a.type, shape: y }];
  },
  gradient({ g, inputs, dy }) {
    const shapes = productShapes(inputs[0]!.shape, inputs[1]!.shape);
    const a = g.reshape(inputs[0]!, shapes.a);
    const b = g.reshape(inputs[1]!, shapes.b);
    const dProduct = g.reshape(dy, shapes.y);
    const [da, db] = shapes.b.length === 2
      ? matrixGradient(g, a, b, dProduct)
      : [multiply(g, dProduct, swapLast(g, b)), multiply(g, swapLast(g, a), dProduct)];
    return [
      g.reshape(g.sumTo(da, shapes.a), inputs[0]!.shape),
      g.reshape(g.sumTo(db, shapes.b), inputs[1]!.shape),
    ];
  },
  evaluate: ([a, b]) => [product(a!, b!)],
};

/** With one matrix on the right, every row on the left counts alike: two-dimensional products, which run fastest. */
function matrixGradient(g: Emit, a: Value, b: Value, dy: Value): [Value, Value] {
  const [k, n] = b.shape as [number, number];
  const rows = elementCount(a.shape) / k;
  const dRows = g.reshape(dy, [rows, n]);
  const da = g.apply("Gemm", [dRows, b], { transB: int(1) });
  const db = g.apply("Gemm", [g.reshape(a, [rows, k]), dRows], { transA: int(1) });
  return [g.reshape(da, a.shape), db];
}

function multiply(g: Emit, a: Value, b: Value): Value {
  return g.apply("MatMul", [a, b]);
}

function swapLast(g: Emit, value: Value): Value {
  const rank = value.shape.length;
  return g.transpose(value, [...Array(rank - 2).keys(), rank - 1, rank - 2]);
}

function product(a: Numbers, b: Numbers): Float64Array {
  const shapes = productShapes(a.shape, b.shape);
  const [m, k] = shapes.a.slice(-2) as [number, number];
  const n = shapes.b.at(-1)!;
  const batch = shapes.y.slice(0, -2);
  const left = broadcastIndices(shapes.a.slice(0, -2), batch);
  const right = broadcastIndices(shapes.b.slice(0, -2), batch);
  const result = new Float64Array(elementCount(shapes.y));
  for (let item = 0; item < left.length; item++) {
    for (let row = 0; row < m; row++) {
      for (let column = 0; column < n; column++) {
        let sum = 0;
        for (let i = 0; i < k; i++) {
          sum += a.data[(left[item]! * m + row) * k + i]! *
            b.data[(right[item]! * k + i) * n + column]!;
        }
        result[(item * m + row) * n + column] = sum;
      }
    }
  }
  return result;
}

/** y = alpha * A' B' + beta * C, where A' and B' are transposed on request. */
const gemm: Operator = {
  infer: ({ inputs, attributes }) => {
    const a = required(inputs, 0);
    const b = required(inputs, 1);
    if (a.shape.length !== 2 || b.shape.length !== 2) throw new RangeError("both must be matrices");
    const [m, k] = numberAttribute(attributes, "transA", 0) ? a.shape.toReversed() : a.shape;
    const [k2, n] = numberAttribute(attributes, "transB", 0) ? b.shape.toReversed() : b.shape;
    if (k !== k2) throw new RangeError(`the inner lengths ${k} and ${k2} differ`);
    const shape = [m!, n!];
    const c = inputs[2];
    if (c !== undefined && elementCount(broadcastShapes(c.shape, shape)) !== m! * n!) {
      throw new RangeError(`[${c.shape}] does not stretch to [${shape}]`);
    }
    return [{ type: a.type, shape }];
  },
  gradient(call) {
    const { g, inputs: [, , c], attributes, dy } = call;
    const beta = numberAttribute(attributes, "beta", 1);
    const dc = c && g.sumTo(dy, c.shape);
    return [...gemmFactorGradients(call), dc && (beta === 1 ? dc : g.mul(dc, g.scalar(dc, beta)))];
  },
  evaluate([a, b, c], attributes, [y]) {
    const alpha = numberAttribute(attributes, "alpha", 1);
    const beta = numberAttribute(attributes, "beta", 1);
    const left = numberAttribute(attributes, "transA", 0) ? transposed(a!) : a!;
    const right = numberAttribute(attributes, "transB", 0) ? transposed(b!) : b!;
    const indices = c === undefined ? undefined : broadcastIndices(c.shape, y!.shape);
    return [
      product(left, right).map((item, i) =>
        alpha * item + (indices === undefined ? 0 : beta * c!.data[indices[i]!]!)
      ),
    ];
  },
};

function gemmFactorGradients({ g, inputs: [a, b], attributes, dy }: GradientCall): [Value, Value] {
  const transA = numberAttribute(attributes, "transA", 0);
  const transB = numberAttribute(attributes, "transB", 0);
  const alpha = numberAttribute(attributes, "alpha", 1);
  const gemmOf = (left: Value, right: Value, flipLeft: number, flipRight: number): Value =>
    g.apply("Gemm", [left, right], {
      ...(flipLeft ? { transA: int(1) } : {}),
      ...(flipRight ? { transB: int(1) } : {}),
      ...(alpha === 1 ? {} : { alpha: float(alpha) }),
    });
  return [
    transA ? gemmOf(b!, dy, transB, 1) : gemmOf(dy, b!, 0, 1 - transB),
    transB ? gemmOf(dy, a!, 1, transA) : gemmOf(a!, dy, 1 - transA, 0),
  ];
}

function transposed({ shape, data }: Numbers): Numbers {
  const [rows, columns] = shape as [number, number];
  const result = new Float64Array(data.length);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) result[j * rows + i] = data[i * columns + j]!;
  }
  return { shape: [columns, rows], data: result };
}

/** Matrix products. */
export const linearAlgebra: Operators = { MatMul: matMul, Gemm: gemm };
