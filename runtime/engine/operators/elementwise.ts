import { elementTypeCode, isFloating } from "../element_type.ts";
import { int, numberAttribute, stringAttribute, type Value } from "../graph.ts";
import type { OnnxAttributes } from "../onnx/onnx_model.ts";
import { type GradientCall, type Operator, type Operators, required } from "../operator.ts";
import { broadcastIndices, broadcastShapes } from "../shape.ts";
import { erf } from "../special_functions.ts";

// y = op(x). Each rule gives dL/dx from dL/dy. The forward value y is used where the derivative is cheaper in terms of y.

const TWO_OVER_SQRT_PI = 2 / Math.sqrt(Math.PI);

type Slope = (call: GradientCall) => Value | undefined;
type Formula = (x: number, attributes: OnnxAttributes) => number;

/** An operator on each element alone, with one input. */
function unary(formula: Formula, gradient?: Slope): Operator {
  return {
    infer: ({ inputs }) => {
      const { type, shape } = required(inputs, 0);
      return [{ type, shape }];
    },
    ...(gradient === undefined ? {} : { gradient: (call) => [gradient(call)] }),
    evaluate: ([x], attributes) => [x!.data.map((item) => formula(item, attributes))],
  };
}

/** The slope of a staircase: nothing is learned through it. */
function flat(): undefined {}

/** 1 where x is in the open interval, as numbers of x's type. */
function between({ g, x }: GradientCall, low: Value, high: Value): Value {
  const inside = g.apply("And", [g.apply("Greater", [x, low]), g.apply("Less", [x, high])]);
  return g.apply("Where", [inside, g.scalar(x, 1), g.scalar(x, 0)]);
}

/** `positive` where x > 0, else `other`. */
function whereAboveZero({ g, x }: GradientCall, positive: Value, other: Value): Value {
  return g.apply("Where", [g.apply("Greater", [x, g.scalar(x, 0)]), positive, other]);
}

/** Operators on each element alone, with one input. */
export const unaryOperators: Operators = {
  Identity: unary((x) => x, ({ dy }) => dy),
  Neg: unary((x) => -x, ({ g, dy }) => g.neg(dy)),
  Abs: unary(Math.abs, ({ g, x, dy }) => g.mul(dy, g.apply("Sign", [x]))),
  Sign: unary(Math.sign, flat),
  Floor: unary(Math.floor, flat),
  Ceil: unary(Math.ceil, flat),
  Round: unary(roundHalfEven, flat),
  Reciprocal: unary((x) => 1 / x, ({ g, y, dy }) => g.neg(g.mul(dy, g.mul(y, y)))), // -1/x^2 = -y^2
  Sqrt: unary(Math.sqrt, ({ g, y, dy }) => g.div(g.mul(dy, g.scalar(y, 0.5)), y)),
  Exp: unary(Math.exp, ({ g, y, dy }) => g.mul(dy, y)),
  Log: unary(Math.log, ({ g, x, dy }) => g.div(dy, x)),
  Sin: unary(Math.sin, ({ g, x, dy }) => g.mul(dy, g.apply("Cos", [x]))),
  Cos: unary(Math.cos, ({ g, x, dy }) => g.neg(g.mul(dy, g.apply("Sin", [x])))),
  Erf: unary(erf, ({ g, x, dy }) => { // 2/sqrt(pi) * exp(-x^2)
    const bell = g.apply("Exp", [g.neg(g.mul(x, x))]);
    return g.mul(g.mul(dy, g.scalar(x, TWO_OVER_SQRT_PI)), bell);
  }),
  Tanh: unary(Math.tanh, ({ g, y, dy }) => g.sub(dy, g.mul(dy, g.mul(y, y)))), // 1 - y^2
  Sigmoid: unary(
    (x) => 1 / (1 + Math.exp(-x)),
    ({ g, y, dy }) => g.mul(g.mul(dy, y), g.sub(g.scalar(y, 1), y)), // y * (1 - y)
  ),
  Relu: unary((x) => Math.max(x, 0), ({ g, y, dy }) => g.mul(dy, g.apply("Sign", [y]))), // 1 where y > 0
  LeakyRelu: unary(
    (x, a) => x < 0 ? x * numberAttribute(a, "alpha", 0.01) : x,
    (call) => {
      const { g, dy, attributes } = call;
      return whereAboveZero(
        call,
        dy,
        g.mul(dy, g.scalar(dy, numberAttribute(attributes, "alpha", 0.01))),
      );
    },
  ),
  Elu: unary(
    (x, a) => x < 0 ? numberAttribute(a, "alpha", 1) * Math.expm1(x) : x,
    (call) => { // alpha * exp(x) = y + alpha below 0
      const { g, y, dy, attributes } = call;
      const slope = g.add(y, g.scalar(y, numberAttribute(attributes, "alpha", 1)));
      return whereAboveZero(call, dy, g.mul(dy, slope));
    },
  ),
  Softplus: unary(
    (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
    ({ g, x, dy }) => g.mul(dy, g.apply("Sigmoid", [x])),
  ),
  HardSigmoid: unary(
    (x, a) =>
      Math.min(
        1,
        Math.max(0, numberAttribute(a, "alpha", 0.2) * x + numberAttribute(a, "beta", 0.5)),
      ),
    (call) => { // alpha where 0 < alpha * x + beta < 1
      const { g, x, dy, attributes } = call;
      const alpha = numberAttribute(attributes, "alpha", 0.2);
      const beta = numberAttribute(attributes, "beta", 0.5);
      const inside = between(call, g.scalar(x, -beta / alpha), g.scalar(x, (1 - beta) / alpha));
      return g.mul(g.mul(dy, g.scalar(dy, alpha)), inside);
    },
  ),
  Gelu: unary(
    (x, a) => stringAttribute(a, "approximate", "none") === "tanh" ? tanhGelu(x) : x * phi(x),
    geluGradient,
  ),
  Not: unary((x) => x === 0 ? 1 : 0),
};

function phi(x: number): number {
  return 0.5 * (1 + erf(x / Math.SQRT2));
}

const TANH_GELU_SCALE = Math.sqrt(2 / Math.PI);
const TANH_GELU_CUBE = 0.044715;

function tanhGelu(x: number): number {
  return 0.5 * x * (1 + Math.tanh(TANH_GELU_SCALE * (x + TANH_GELU_CUBE * x ** 3)));
}

/** d/dx of x * Phi(x) is Phi(x) + x * phi(x); of the tanh form, by the product rule. */
function geluGradient({ g, x, dy, attributes }: GradientCall): Value {
  const half = g.scalar(x, 0.5);
  const one = g.scalar(x, 1);
  const square = g.mul(x, x);
  if (stringAttribute(attributes, "approximate", "none") === "tanh") {
    const cube = g.mul(square, g.scalar(x, TANH_GELU_CUBE));
    const t = g.apply("Tanh", [g.mul(g.mul(x, g.scalar(x, TANH_GELU_SCALE)), g.add(one, cube))]);
    const inner = g.mul(g.scalar(x, TANH_GELU_SCALE), g.add(one, g.mul(cube, g.scalar(x, 3))));
    const steep = g.mul(g.mul(x, g.sub(one, g.mul(t, t))), inner);
    return g.mul(dy, g.mul(half, g.add(g.add(one, t), steep)));
  }
  const cdf = g.mul(half, g.add(one, g.apply("Erf", [g.mul(x, g.scalar(x, Math.SQRT1_2))])));
  const bell = g.apply("Exp", [g.mul(square, g.scalar(x, -0.5))]);
  const pdf = g.mul(bell, g.scalar(x, 1 / Math.sqrt(2 * Math.PI)));
  return g.mul(dy, g.add(cdf, g.mul(x, pdf)));
}

function roundHalfEven(x: number): number {
  const rounded = Math.round(x);
  return rounded - x === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}

type Combine = (...operands: number[]) => number;
type Slopes = (call: GradientCall) => readonly (Value | undefined)[];

/** An operator on elements side by side; inputs stretch to a common shape, gradients are summed back. */
function broadcasting(
  combine: Combine,
  options: { gradient?: Slopes; logical?: boolean; variadic?: boolean } = {},
): Operator {
  const { gradient, logical = false, variadic = false } = options;
  return {
    infer: ({ inputs }) => {
      const count = variadic ? Math.max(1, inputs.length) : combine.length;
      if (inputs.length > count) throw new TypeError(`it has ${inputs.length} inputs`);
      const values = Array.from({ length: count }, (_, index) => required(inputs, index));
      return [{
        type: logical ? "bool" : required(values, 0).type,
        shape: broadcastShapes(...values.map(({ shape }) => shape)),
      }];
    },
    ...(gradient === undefined ? {} : {
      gradient: (call) =>
        gradient(call).map((dx, index) => dx && call.g.sumTo(dx, call.inputs[index]!.shape)),
    }),
    evaluate: (inputs, _attributes, [output]) => {
      const operands = inputs.map((operand) => operand!.data);
      const indices = inputs.map((operand) => broadcastIndices(operand!.shape, output!.shape));
      const length = output!.shape.reduce((product, axis) => product * axis, 1);
      const integer = !isFloating(output!.type);
      const result = new Float64Array(length);
      for (let i = 0; i < length; i++) {
        const item = combine(...operands.map((operand, k) => operand[indices[k]![i]!]!));
        result[i] = integer ? Math.trunc(item) : item;
      }
      return [result];
    },
  };
}

/** da = b * a^(b-1), db = a^b * ln a for a > 0; squares, which decomposed norms are full of, are 2a. */
function powGradient({ g, inputs, y, dy }: GradientCall): readonly Value[] {
  const a = inputs[0]!;
  const given = inputs[1]!;
  const square = given.kind === "constant" && given.data.length === 1 &&
    Number(given.data[0]) === 2;
  if (square) return [g.mul(g.mul(dy, g.scalar(dy, 2)), a)];
  const b = given.type === a.type
    ? given
    : g.apply("Cast", [given], { to: int(elementTypeCode(a.type)) });
  const less = g.apply("Pow", [a, g.sub(b, g.scalar(b, 1))]);
  return [g.mul(dy, g.mul(b, less)), g.mul(dy, g.mul(y, g.apply("Log", [a])))];
}

/** The gradient of Min and Max goes to the chosen input; inputs that tie share it. */
function sharedAmongChosen({ g, inputs, y, dy }: GradientCall): readonly Value[] {
  const chosen = inputs.map((x) =>
    g.apply("Where", [g.apply("Equal", [x, y]), g.scalar(y, 1), g.scalar(y, 0)])
  );
  const share = g.div(dy, chosen.reduce((sum, mask) => g.add(sum, mask)));
  return chosen.map((mask) => g.mul(share, mask));
}

/** Operators on elements side by side. */
export const broadcastOperators: Operators = {
  Add: broadcasting((a, b) => a! + b!, { gradient: ({ dy }) => [dy, dy] }),
  Sub: broadcasting((a, b) => a! - b!, { gradient: ({ g, dy }) => [dy, g.neg(dy)] }),
  Mul: broadcasting((a, b) => a! * b!, {
    gradient: ({ g, inputs: [a, b], dy }) => [g.mul(dy, b!), g.mul(dy, a!)],
  }),
  Div: broadcasting((a, b) => a! / b!, {
    gradient: ({ g, inputs: [, b], y, dy }) => {
      const da = g.div(dy, b!); // dy/da = 1/b, dy/db = -a/b^2 = -y/b
      return [da, g.neg(g.mul(da, y))];
    },
  }),
  Pow: broadcasting((a, b) => a! ** b!, { gradient: powGradient }),
  Min: broadcasting(Math.min, { gradient: sharedAmongChosen, variadic: true }),
  Max: broadcasting(Math.max, { gradient: sharedAmongChosen, variadic: true }),
  Sum: broadcasting((...all) => all.reduce((sum, item) => sum + item, 0), {
    gradient: ({ inputs, dy }) => inputs.map(() => dy),
    variadic: true,
  }),
  Mean: broadcasting((...all) => all.reduce((sum, item) => sum + item, 0) / all.length, {
    gradient: ({ g, inputs, dy }) => inputs.map(() => g.mul(dy, g.scalar(dy, 1 / inputs.length))),
    variadic: true,
  }),
  PRelu: broadcasting((x, slope) => x! < 0 ? x! * slope! : x!, {
    gradient: (call) => {
      const { g, inputs: [x, slope], dy } = call;
      return [
        whereAboveZero(call, dy, g.mul(dy, slope!)),
        whereAboveZero(call, g.scalar(dy, 0), g.mul(dy, x!)),
      ];
    },
  }),
  Mod: broadcasting((a, b) => a! - b! * Math.floor(a! / b!)),
  Equal: broadcasting((a, b) => Number(a === b), { logical: true }),
  Greater: broadcasting((a, b) => Number(a! > b!), { logical: true }),
  GreaterOrEqual: broadcasting((a, b) => Number(a! >= b!), { logical: true }),
  Less: broadcasting((a, b) => Number(a! < b!), { logical: true }),
  LessOrEqual: broadcasting((a, b) => Number(a! <= b!), { logical: true }),
  And: broadcasting((a, b) => Number(a !== 0 && b !== 0), { logical: true }),
  Or: broadcasting((a, b) => Number(a !== 0 || b !== 0), { logical: true }),
  Xor: broadcasting((a, b) => Number((a !== 0) !== (b !== 0)), { logical: true }),
};

const choose = broadcasting((condition, a, b) => condition !== 0 ? a! : b!, {
  gradient: ({ g, inputs: [condition], dy }) => {
    const zero = g.scalar(dy, 0);
    return [
      undefined,
      g.apply("Where", [condition, dy, zero]),
      g.apply("Where", [condition, zero, dy]),
    ];
  },
});

const clip: Operator = {
  infer: ({ inputs }) => [{ type: required(inputs, 0).type, shape: required(inputs, 0).shape }],
  gradient: ({ g, inputs: [x, low, high], dy }) => { // 1 inside and on the edges, as PyTorch has it
    const zero = g.scalar(dy, 0);
    let dx = dy;
    if (low !== undefined) dx = g.apply("Where", [g.apply("Less", [x, low]), zero, dx]);
    if (high !== undefined) dx = g.apply("Where", [g.apply("Greater", [x, high]), zero, dx]);
    return [dx];
  },
  evaluate: ([x, low, high]) => [
    x!.data.map((item) =>
      Math.min(high?.data[0] ?? Infinity, Math.max(low?.data[0] ?? -Infinity, item))
    ),
  ],
};

/** Operators that act on each element alone. */
export const elementwise: Operators = {
  ...unaryOperators,
  ...broadcastOperators,
  Clip: clip,
  Where: {
    ...choose,
    infer: (call) =>
      choose.infer(call).map(({ shape }) => ({ type: required(call.inputs, 1).type, shape })),
  },
};
