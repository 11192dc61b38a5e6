import type { Composites, Emit } from "../emit.ts";
import { constant, float, integers, numberAttribute, string, type Value } from "../graph.ts";
import { constantNumbers, type OperatorCall, required } from "../operator.ts";
import { checkWrittenOut, elementCount, resolveAxis } from "../shape.ts";
import { expandEinsum } from "./einsum.ts";
import { padByIndex } from "./index_padding.ts";

// Operators that are written as others: they need no gradient rule, and run on every device.

/** Mean over every axis but batch and channels. */
function globalPool(op: "ReduceMean" | "ReduceMax"): Composites[string] {
  return (g, { inputs }) => {
    const x = required(inputs, 0);
    return [g.apply(op, [x, integers([...x.shape.keys()].slice(2))])];
  };
}

/** y = scale * x / sqrt(mean(x^2) + epsilon), over the axes from `axis` on. */
function rmsNormalization(g: Emit, { inputs, attributes }: OperatorCall): readonly Value[] {
  const x = required(inputs, 0);
  const first = resolveAxis(numberAttribute(attributes, "axis", -1), x.shape.length);
  const axes = [...x.shape.keys()].slice(first);
  const square = g.sum(g.mul(x, x), axes, true);
  const mean = g.mul(square, g.scalar(x, 1 / elementCount(axes.map((axis) => x.shape[axis]!))));
  const inverse = g.apply("Reciprocal", [
    g.apply("Sqrt", [g.add(mean, g.scalar(x, numberAttribute(attributes, "epsilon", 1e-5)))]),
  ]);
  return [g.mul(g.mul(x, inverse), required(inputs, 1)), inverse];
}

/** Mean and spread of each channel of each example, or of groups of channels. */
function groupNormalization(g: Emit, { inputs, attributes }: OperatorCall, groups: number): Value {
  const x = required(inputs, 0);
  const [batch, channels] = x.shape as [number, number];
  const rows = g.reshape(x, [batch, groups, elementCount(x.shape) / batch / groups]);
  const [one, zero] = [
    g.filled({ type: x.type, shape: rows.shape.slice(2) }, 1),
    g.filled({ type: x.type, shape: rows.shape.slice(2) }, 0),
  ];
  const normal = g.apply("LayerNormalization", [rows, one, zero], {
    epsilon: float(numberAttribute(attributes, "epsilon", 1e-5)),
  });
  const wide = [channels, ...x.shape.slice(2).map(() => 1)];
  const [scale, shift] = [1, 2].map((i) =>
    g.reshape(forChannels(g, { inputs, attributes }, i), wide)
  );
  return g.add(g.mul(g.reshape(normal, x.shape), scale!), shift!);
}

/** Before operator set 21 there is one number for each group instead of each channel. */
function forChannels(g: Emit, { inputs }: OperatorCall, index: number): Value {
  const numbers = required(inputs, index);
  const channels = required(inputs, 0).shape[1]!;
  const groups = elementCount(numbers.shape);
  if (groups === channels || channels % groups !== 0) return numbers;
  const rows = g.expand(g.reshape(numbers, [groups, 1]), [groups, channels / groups]);
  return g.reshape(rows, [channels]);
}

/** Lower or upper triangles of matrices; the rest is 0. */
function triangles(g: Emit, { inputs, attributes }: OperatorCall): readonly Value[] {
  const x = required(inputs, 0);
  const [rows, columns] = x.shape.slice(-2) as [number, number];
  const [diagonal] = constantNumbers(inputs[1], "the diagonal") ?? [0];
  const upper = numberAttribute(attributes, "upper", 1) !== 0;
  checkWrittenOut(rows * columns, "a triangle");
  const inside = Array.from({ length: rows * columns }, (_, i) => {
    const above = i % columns - Math.floor(i / columns) - diagonal!;
    return Number(upper ? above >= 0 : above <= 0);
  });
  return [g.apply("Where", [constant("bool", [rows, columns], inside), x, g.scalar(x, 0)])];
}

/** The second of two numbers where an axis counts to the id, else the first. */
function oneHot(g: Emit, { inputs, attributes }: OperatorCall): readonly Value[] {
  const ids = required(inputs, 0);
  const [depth] = constantNumbers(required(inputs, 1), "the number of classes")!;
  const axis = resolveAxis(numberAttribute(attributes, "axis", -1), ids.shape.length + 1);
  checkWrittenOut(depth!, "a row");
  const wide = g.reshape(ids, ids.shape.toSpliced(axis, 0, 1));
  const counted = constant(ids.type, [depth!], [...Array(depth!).keys()]);
  const counting = g.reshape(counted, wide.shape.map((_, i) => i === axis ? depth! : 1));
  const negative = g.apply("Less", [wide, g.scalar(ids, 0)]); // counts from the end
  const place = g.apply("Where", [negative, g.add(wide, g.scalar(ids, depth!)), wide]);
  const value = (index: number): Value =>
    g.apply("Gather", [required(inputs, 2), constant("int64", [], [index])]);
  return [g.apply("Where", [g.apply("Equal", [place, counting]), value(1), value(0)])];
}

/** The sum with a residual, normalized; the fourth output is the sum. */
function skipNormalization(g: Emit, { inputs, attributes }: OperatorCall): readonly Value[] {
  const [x, skip, gamma, beta, bias] = inputs;
  const plain = g.add(x!, skip!);
  const sum = bias === undefined ? plain : g.add(plain, bias);
  const [y, mean, inverse] = g.applyAll("LayerNormalization", [sum, gamma, beta], {
    epsilon: float(numberAttribute(attributes, "epsilon", 1e-12)),
  });
  return [y!, mean!, inverse!, sum];
}

/** Operators by name; `com.microsoft` ones are those that onnxruntime's own optimizer writes. */
export const composites: Composites = {
  Einsum: expandEinsum,
  GlobalAveragePool: globalPool("ReduceMean"),
  GlobalMaxPool: globalPool("ReduceMax"),
  RMSNormalization: rmsNormalization,
  SimplifiedLayerNormalization: rmsNormalization,
  InstanceNormalization: (
    g,
    call,
  ) => [groupNormalization(g, call, required(call.inputs, 0).shape[1]!)],
  GroupNormalization: (g, call) => [
    groupNormalization(g, call, numberAttribute(call.attributes, "num_groups", 1)),
  ],
  SkipLayerNormalization: skipNormalization,
  Pad: padByIndex,
  Trilu: triangles,
  OneHot: oneHot,
  BiasGelu: (g, { inputs: [x, bias] }) => [g.apply("Gelu", [g.add(x!, bias!)])],
  FastGelu: (g, { inputs: [x, bias] }) => [
    g.apply("Gelu", [bias === undefined ? x : g.add(x!, bias)], { approximate: string("tanh") }),
  ],
  QuickGelu: (g, { inputs: [x], attributes }) => {
    const alpha = g.scalar(x!, numberAttribute(attributes, "alpha", 1.702));
    return [g.mul(x!, g.apply("Sigmoid", [g.mul(x!, alpha)]))];
  },
  Mish: (g, { inputs: [x] }) => [g.mul(x!, g.apply("Tanh", [g.apply("Softplus", [x])]))],
  Softsign: (g, { inputs: [x] }) => [g.div(x!, g.add(g.apply("Abs", [x]), g.scalar(x!, 1)))],
  HardSwish: (g, { inputs: [x] }) => [
    g.mul(x!, g.apply("HardSigmoid", [x], { alpha: float(1 / 6), beta: float(0.5) })),
  ],
  Selu: (g, { inputs: [x], attributes }) => {
    const alpha = numberAttribute(attributes, "alpha", 1.67326319217681884765625);
    const gamma = numberAttribute(attributes, "gamma", 1.05070102214813232421875);
    return [g.mul(g.apply("Elu", [x], { alpha: float(alpha) }), g.scalar(x!, gamma))];
  },
};
