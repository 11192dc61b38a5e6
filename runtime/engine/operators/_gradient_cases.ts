import fc from "fast-check";
import type { Emit } from "../emit.ts";
import { constant, float, int, integers, ints, string, type Value } from "../graph.ts";
import type { OnnxAttributes } from "../onnx/onnx_model.ts";
import type { Shape } from "../shape.ts";
import { windowCases } from "./_window_cases.ts";

/** Where the elements of an input are drawn from. */
export interface Domain {
  readonly from: number;
  readonly to: number;
  /** Keeps this distance from 0, where a function has a kink or a pole. */
  readonly awayFromZero?: number;
}

/** A use of an operator with shapes and attributes chosen. */
export interface GradientCase {
  readonly inputs: readonly { readonly shape: Shape; readonly domain: Domain }[];
  readonly build: (g: Emit, inputs: readonly Value[]) => Value;
}

/** Uses of each operator, by title; the first word is the operator. */
export type GradientCases = Readonly<Record<string, fc.Arbitrary<GradientCase>>>;

const wide: Domain = { from: -2, to: 2 };
const away: Domain = { from: -2, to: 2, awayFromZero: 0.05 };
const positive: Domain = { from: 0.2, to: 3 };

const length = fc.integer({ min: 1, max: 4 });
const shape = fc.array(length, { minLength: 0, maxLength: 3 });
const filledShape = fc.array(length, { minLength: 1, maxLength: 3 });

/** Two or three shapes that stretch to one. */
function stretchable(count: number): fc.Arbitrary<Shape[]> {
  const one = fc.tuple(fc.nat({ max: 3 }), fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }));
  return fc.tuple(
    fc.array(length, { minLength: 3, maxLength: 3 }),
    fc.array(one, { minLength: count, maxLength: count }),
  )
    .map(([full, narrow]) =>
      narrow.map(([drop, ones]) => full.map((n, axis) => ones[axis] ? 1 : n).slice(drop))
    );
}

function unary(
  op: string,
  domain: Domain,
  attributes: OnnxAttributes = {},
): fc.Arbitrary<GradientCase> {
  return shape.map((dims) => ({
    inputs: [{ shape: dims, domain }],
    build: (g, [x]) => g.apply(op, [x], attributes),
  }));
}

function broadcast(op: string, ...domains: readonly Domain[]): fc.Arbitrary<GradientCase> {
  return stretchable(domains.length).map((shapes) => ({
    inputs: shapes.map((dims, i) => ({ shape: dims, domain: domains[i]! })),
    build: (g, inputs) => g.apply(op, inputs),
  }));
}

/** One input; the rest of the call follows from its shape. */
function shaped<T>(
  extra: (dims: Shape) => fc.Arbitrary<T>,
  build: (g: Emit, x: Value, extra: T) => Value,
  options: { shapes?: fc.Arbitrary<Shape>; domain?: Domain } = {},
): fc.Arbitrary<GradientCase> {
  const { shapes = filledShape, domain = wide } = options;
  return shapes.chain((dims) =>
    extra(dims).map((chosen) => ({
      inputs: [{ shape: dims, domain }],
      build: (g, [x]) => build(g, x!, chosen),
    }))
  );
}

const someAxes = (dims: Shape) => fc.subarray([...dims.keys()], { minLength: 1 });
const oneAxis = (dims: Shape) => fc.integer({ min: -dims.length, max: dims.length - 1 });

function reduction(op: string, domain: Domain = wide): fc.Arbitrary<GradientCase> {
  return shaped(
    (dims) => fc.tuple(someAxes(dims), fc.nat({ max: 1 })),
    (g, x, [axes, keep]) => g.apply(op, [x, integers(axes)], { keepdims: int(keep) }),
    { domain },
  );
}

function fixed(
  shapes: readonly Shape[],
  build: (g: Emit, inputs: readonly Value[]) => Value,
  domain: Domain = wide,
): fc.Arbitrary<GradientCase> {
  return fc.constant({ inputs: shapes.map((dims) => ({ shape: dims, domain })), build });
}

/** Matrices, stacks of matrices that stretch, and vectors. */
const products: fc.Arbitrary<GradientCase> = fc.tuple(
  stretchable(2),
  fc.tuple(length, length, length),
  fc.constantFrom("matrices", "vector left", "vector right", "vectors"),
).map(([[left, right], [m, k, n], kind]) => {
  const a = kind.startsWith("vector left") || kind === "vectors" ? [k] : [...left!, m, k];
  const b = kind === "vector right" || kind === "vectors" ? [k] : [...right!, k, n];
  return {
    inputs: [a, b].map((dims) => ({ shape: dims, domain: wide })),
    build: (g, inputs) => g.apply("MatMul", inputs),
  };
});

const gemms: fc.Arbitrary<GradientCase> = fc.tuple(
  fc.tuple(length, length, length),
  fc.boolean(),
  fc.boolean(),
  fc.constantFrom("none", "scalar", "row", "column", "full"),
).map(([[m, k, n], transA, transB, c]) => {
  const cs = { none: [], scalar: [[]], row: [[n]], column: [[m, 1]], full: [[m, n]] }[c];
  const shapes = [transA ? [k, m] : [m, k], transB ? [n, k] : [k, n], ...cs];
  return {
    inputs: shapes.map((dims) => ({ shape: dims, domain: wide })),
    build: (g, inputs) =>
      g.apply("Gemm", inputs, {
        transA: int(Number(transA)),
        transB: int(Number(transB)),
        alpha: float(0.5),
        beta: float(2),
      }),
  };
});

const numbers = (g: Emit, x: Value, ...all: number[]) => all.map((number) => g.scalar(x, number));

const elementwiseCases: GradientCases = {
  Identity: unary("Identity", wide),
  Neg: unary("Neg", wide),
  Abs: unary("Abs", away),
  Reciprocal: unary("Reciprocal", { ...away, awayFromZero: 0.3 }),
  Sqrt: unary("Sqrt", positive),
  Exp: unary("Exp", wide),
  Log: unary("Log", positive),
  Sin: unary("Sin", wide),
  Cos: unary("Cos", wide),
  Erf: unary("Erf", wide),
  Tanh: unary("Tanh", wide),
  Sigmoid: unary("Sigmoid", wide),
  Relu: unary("Relu", away),
  LeakyRelu: unary("LeakyRelu", away, { alpha: float(0.2) }),
  Elu: unary("Elu", away, { alpha: float(1.5) }),
  Softplus: unary("Softplus", wide),
  HardSigmoid: unary("HardSigmoid", wide, { alpha: float(0.4), beta: float(0.45) }),
  Gelu: unary("Gelu", wide),
  "Gelu tanh": unary("Gelu", wide, { approximate: string("tanh") }),
  Clip: shaped(
    () => fc.constantFrom([true, true], [true, false], [false, true]),
    (g, x, [low, high]) => {
      const [from, to] = numbers(g, x, -0.7, 0.9);
      return g.apply("Clip", [x, low ? from : undefined, high ? to : undefined]);
    },
  ),
  Add: broadcast("Add", wide, wide),
  Sub: broadcast("Sub", wide, wide),
  Mul: broadcast("Mul", wide, wide),
  Div: broadcast("Div", wide, { ...away, awayFromZero: 0.5 }),
  Pow: broadcast("Pow", positive, wide),
  "Pow square": shaped(() => fc.constant(2), (g, x, two) => g.apply("Pow", [x, g.scalar(x, two)])),
  Min: broadcast("Min", wide, wide, wide),
  Max: broadcast("Max", wide, wide),
  Sum: broadcast("Sum", wide, wide, wide),
  Mean: broadcast("Mean", wide, wide, wide),
  PRelu: fixed([[2, 3, 4], [3, 1]], (g, inputs) => g.apply("PRelu", inputs), away),
  Where: broadcast("Where", wide, wide, wide).map(({ inputs }) => ({
    inputs,
    build: (g, [c, a, b]) => g.apply("Where", [g.apply("Greater", [c, g.scalar(c!, 0)]), a, b]),
  })),
};

const foldingCases: GradientCases = {
  ReduceSum: reduction("ReduceSum"),
  ReduceMean: reduction("ReduceMean"),
  ReduceMax: reduction("ReduceMax"),
  ReduceMin: reduction("ReduceMin"),
  ReduceL1: reduction("ReduceL1", away),
  ReduceL2: reduction("ReduceL2", away),
  ReduceSumSquare: reduction("ReduceSumSquare"),
  ReduceLogSumExp: reduction("ReduceLogSumExp"),
  Softmax: shaped(oneAxis, (g, x, axis) => g.apply("Softmax", [x], { axis: int(axis) })),
  LogSoftmax: shaped(oneAxis, (g, x, axis) => g.apply("LogSoftmax", [x], { axis: int(axis) })),
  MatMul: products,
  Gemm: gemms,
};

const movingCases: GradientCases = {
  Reshape: fixed([[2, 3, 4]], (g, [x]) => g.apply("Reshape", [x, integers([0, -1, 2])])),
  Flatten: shaped(
    (dims) => fc.integer({ min: -dims.length, max: dims.length }),
    (g, x, axis) => g.apply("Flatten", [x], { axis: int(axis) }),
  ),
  Squeeze: fixed([[1, 3, 1, 2]], (g, [x]) => g.apply("Squeeze", [x, integers([-2])])),
  Unsqueeze: fixed([[3, 2]], (g, [x]) => g.apply("Unsqueeze", [x, integers([0, -1])])),
  Transpose: shaped(
    (dims) => fc.shuffledSubarray([...dims.keys()], { minLength: dims.length }),
    (g, x, perm) => g.apply("Transpose", [x], { perm: ints(perm) }),
  ),
  Expand: stretchable(2).map(([from, to]) => ({
    inputs: [{ shape: from!, domain: wide }],
    build: (g, [x]) => g.apply("Expand", [x, integers(to!)]),
  })),
  Tile: shaped(
    (dims) => fc.tuple(...dims.map(() => fc.integer({ min: 1, max: 3 }))),
    (g, x, repeats) => g.apply("Tile", [x, integers(repeats)]),
  ),
  Cast: shaped(
    () => fc.constant(11),
    (g, x, to) => g.apply("Cast", [g.apply("Cast", [x], { to: int(to) })], { to: int(1) }),
  ),
  Concat: fixed(
    [[2, 1, 3], [2, 2, 3], [2, 3, 3]],
    (g, inputs) => g.apply("Concat", inputs, { axis: int(-2) }),
  ),
  Split: fixed([[3, 5]], (g, [x]) => {
    const [, middle, last] = g.applyAll("Split", [x, integers([1, 2, 2])], { axis: int(1) });
    return g.mul(middle!, g.apply("Exp", [last]));
  }),
  Slice: shaped(
    (dims) =>
      fc.tuple(...dims.map((n) =>
        fc.tuple(
          fc.integer({ min: 0, max: n - 1 }),
          fc.constantFrom(1, 2, -1, -2),
        )
      )),
    (g, x, cuts) =>
      g.apply("Slice", [
        x,
        integers(cuts.map(([start]) => start)),
        integers(
          cuts.map(([, step]) => step > 0 ? Number.MAX_SAFE_INTEGER : Number.MIN_SAFE_INTEGER),
        ),
        integers([...cuts.keys()]),
        integers(cuts.map(([, step]) => step)),
      ]),
  ),
  Pad: fixed([[2, 3]], (g, [x]) => g.apply("Pad", [x, integers([1, 0, 2, 1])])),
  "Pad cutting": fixed(
    [[4, 3]],
    (g, [x]) => g.apply("Pad", [x, integers([-1, 2, 1, -1]), g.scalar(x!, 0.5)]),
  ),
  "Pad reflect": fixed(
    [[4, 3]],
    (g, [x]) => g.apply("Pad", [x, integers([3, 1, 2, 0])], { mode: string("reflect") }),
  ),
  "Pad edge": fixed(
    [[2, 3]],
    (g, [x]) => g.apply("Pad", [x, integers([3, -1, 0, 2])], { mode: string("edge") }),
  ),
  "Pad wrap": fixed(
    [[2, 3]],
    (g, [x]) => g.apply("Pad", [x, integers([3, 1, 0, 2])], { mode: string("wrap") }),
  ),
  Trilu: shaped(
    () => fc.tuple(fc.integer({ min: -2, max: 2 }), fc.nat({ max: 1 })),
    (g, x, [k, upper]) => g.apply("Trilu", [x, constant("int64", [], [k])], { upper: int(upper) }),
    { shapes: fc.array(length, { minLength: 2, maxLength: 3 }) },
  ),
  CumSum: shaped(
    (dims) => fc.tuple(oneAxis(dims), fc.nat({ max: 1 }), fc.nat({ max: 1 })),
    (g, x, [axis, exclusive, reverse]) =>
      g.apply("CumSum", [x, constant("int64", [], [axis])], {
        exclusive: int(exclusive),
        reverse: int(reverse),
      }),
  ),
  Gather: shaped(
    (dims) =>
      oneAxis(dims).chain((axis) => {
        const n = dims.at(axis)!;
        const index = fc.integer({ min: -n, max: n - 1 });
        return fc.record({
          axis: fc.constant(axis),
          picks: fc.array(index, { minLength: 1, maxLength: 5 }),
          one: fc.boolean(),
        });
      }),
    (g, x, { axis, picks, one }) => {
      const indices = one
        ? constant("int64", [], [picks[0]!])
        : constant("int64", [1, picks.length], picks);
      return g.apply("Gather", [x, indices], { axis: int(axis) });
    },
  ),
  GatherElements: fixed(
    [[3, 2]],
    (g, [x]) =>
      g.apply("GatherElements", [x, constant("int64", [2, 2], [0, -1, 2, 0])], { axis: int(0) }),
  ),
  GatherND: fixed(
    [[3, 2, 2]],
    (g, [x]) => g.apply("GatherND", [x, constant("int64", [3, 2], [0, 1, 2, 0, 0, 1])]),
  ),
  ScatterND: fixed(
    [[4, 2], [3, 2]],
    (g, [x, updates]) =>
      g.apply("ScatterND", [x, constant("int64", [3, 1], [1, 3, 1]), updates], {
        reduction: string("add"),
      }),
  ),
};

/** Every gradient rule at least once. To add an operator, add a row. */
export const gradientCases: GradientCases = {
  ...elementwiseCases,
  ...foldingCases,
  ...movingCases,
  ...windowCases,
};
