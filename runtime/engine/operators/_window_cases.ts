import fc from "fast-check";
import { constant, float, int, ints, string } from "../graph.ts";
import type { OnnxAttributes } from "../onnx/onnx_model.ts";
import type { Domain, GradientCase, GradientCases } from "./_gradient_cases.ts";

const wide: Domain = { from: -2, to: 2 };
const small = (max: number) => fc.integer({ min: 1, max });

/** Convolutions along one or two axes, with everything that can vary. */
const convolutions: fc.Arbitrary<GradientCase> = fc.record({
  axes: fc.array(
    fc.record({
      room: fc.nat({ max: 3 }),
      kernel: small(3),
      stride: small(2),
      dilation: small(2),
      before: fc.nat({ max: 1 }),
      after: fc.nat({ max: 1 }),
    }),
    { minLength: 1, maxLength: 2 },
  ),
  batch: small(2),
  group: small(2),
  channels: small(2),
  filters: small(2),
  bias: fc.boolean(),
}).map(({ axes, batch, group, channels, filters, bias }) => {
  const spatial = axes.map(({ room, kernel, dilation }) => (kernel - 1) * dilation + 1 + room);
  const shapes = [
    [batch, group * channels, ...spatial],
    [group * filters, channels, ...axes.map(({ kernel }) => kernel)],
    ...(bias ? [[group * filters]] : []),
  ];
  return {
    inputs: shapes.map((shape) => ({ shape, domain: wide })),
    build: (g, inputs) =>
      g.apply("Conv", inputs, {
        group: int(group),
        strides: ints(axes.map(({ stride }) => stride)),
        dilations: ints(axes.map(({ dilation }) => dilation)),
        pads: ints([...axes.map(({ before }) => before), ...axes.map(({ after }) => after)]),
      }),
  };
});

/** Pools along one or two axes; padding is less than the window, as every device demands. */
function pools(op: string, extra: fc.Arbitrary<OnnxAttributes>): fc.Arbitrary<GradientCase> {
  const axis = small(3).chain((kernel) =>
    fc.record({
      kernel: fc.constant(kernel),
      room: fc.nat({ max: 3 }),
      stride: small(3),
      before: fc.nat({ max: kernel - 1 }),
      after: fc.nat({ max: kernel - 1 }),
    })
  );
  return fc.tuple(fc.array(axis, { minLength: 1, maxLength: 2 }), extra).map(([axes, more]) => ({
    inputs: [{ shape: [2, 2, ...axes.map(({ kernel, room }) => kernel + room)], domain: wide }],
    build: (g, [x]) =>
      g.apply(op, [x], {
        ...more,
        kernel_shape: ints(axes.map(({ kernel }) => kernel)),
        strides: ints(axes.map(({ stride }) => stride)),
        pads: ints([...axes.map(({ before }) => before), ...axes.map(({ after }) => after)]),
      }),
  }));
}

function einsum(equation: string, ...shapes: number[][]): fc.Arbitrary<GradientCase> {
  return fc.constant({
    inputs: shapes.map((shape) => ({ shape, domain: wide })),
    build: (g, inputs) => g.apply("Einsum", inputs, { equation: string(equation) }),
  });
}

/** Normalizations: x, then a scale and a shift of `width`. */
function normalized(
  op: string,
  shape: number[],
  width: number[],
  attributes: OnnxAttributes,
): fc.Arbitrary<GradientCase> {
  return fc.constant({
    inputs: [{ shape, domain: wide }, { shape: width, domain: wide }, {
      shape: width,
      domain: wide,
    }],
    build: (g, inputs) => g.apply(op, inputs, attributes),
  });
}

function composite(op: string, domain: Domain = wide): fc.Arbitrary<GradientCase> {
  return fc.constant({ inputs: [{ shape: [3, 4], domain }], build: (g, [x]) => g.apply(op, [x]) });
}

/** Operators with windows, statistics, or made of other operators. */
export const windowCases: GradientCases = {
  Conv: convolutions,
  "Conv same": fc.constantFrom("SAME_UPPER", "SAME_LOWER").map((mode) => ({
    inputs: [{ shape: [1, 1, 4, 5], domain: wide }, { shape: [2, 1, 2, 2], domain: wide }],
    build: (g, inputs) =>
      g.apply("Conv", inputs, { auto_pad: string(mode), strides: ints([2, 1]) }),
  })),
  MaxPool: pools("MaxPool", fc.nat({ max: 1 }).map((ceil) => ({ ceil_mode: int(ceil) }))),
  AveragePool: pools(
    "AveragePool",
    fc.nat({ max: 1 }).map((include) => ({ count_include_pad: int(include) })),
  ),
  GlobalAveragePool: fc.constant({
    inputs: [{ shape: [2, 3, 2, 4], domain: wide }],
    build: (g, [x]) => g.apply("GlobalAveragePool", [x]),
  }),
  GlobalMaxPool: fc.constant({
    inputs: [{ shape: [2, 3, 5], domain: wide }],
    build: (g, [x]) => g.apply("GlobalMaxPool", [x]),
  }),
  LayerNormalization: fc.oneof(
    normalized("LayerNormalization", [2, 3, 4], [4], {}),
    normalized("LayerNormalization", [2, 3, 4], [3, 4], { axis: int(1), epsilon: float(0.01) }),
  ),
  BatchNormalization: fc.constantFrom([2, 3], [2, 3, 4], [2, 3, 2, 2]).map((shape) => ({
    inputs: [shape, [3], [3]].map((dims) => ({ shape: dims, domain: wide })),
    build: (g, inputs) =>
      g.apply("BatchNormalization", [
        ...inputs,
        constant("float32", [3], [0.1, -0.2, 0.3]),
        constant("float32", [3], [0.5, 1, 2]),
      ]),
  })),
  RMSNormalization: fc.constant({
    inputs: [{ shape: [2, 3, 4], domain: wide }, { shape: [4], domain: wide }],
    build: (g, inputs) => g.apply("RMSNormalization", inputs),
  }),
  InstanceNormalization: normalized("InstanceNormalization", [2, 3, 4], [3], {}),
  GroupNormalization: normalized("GroupNormalization", [2, 4, 3], [4], { num_groups: int(2) }),
  SkipLayerNormalization: fc.constant({
    inputs: [[2, 3, 4], [2, 3, 4], [4], [4], [4]].map((shape) => ({ shape, domain: wide })),
    build: (g, inputs) => g.apply("SkipLayerNormalization", inputs, { epsilon: float(1e-5) }),
  }),
  "Einsum of attention scores": einsum("bhid,bhjd->bhij", [2, 2, 3, 4], [2, 2, 2, 4]),
  "Einsum of three": einsum("ab,bc,cd->ad", [2, 3], [3, 2], [2, 4]),
  "Einsum with sums": einsum("abc,db->da", [2, 3, 2], [4, 3]),
  "Einsum transposed": einsum("ab->ba", [2, 3]),
  "Einsum with dots": einsum("...ij,...jk->...ik", [2, 1, 2, 3], [2, 3, 2]),
  "Einsum with dots implicit": einsum("b...i,ij", [2, 3, 2], [2, 3]),
  "Einsum diagonal": einsum("bii,i->bi", [2, 3, 3], [3]),
  "Einsum implicit": einsum("ji,kj", [3, 2], [4, 3]),
  BiasGelu: fc.constant({
    inputs: [{ shape: [3, 4], domain: wide }, { shape: [4], domain: wide }],
    build: (g, inputs) => g.apply("BiasGelu", inputs),
  }),
  FastGelu: composite("FastGelu"),
  QuickGelu: composite("QuickGelu"),
  Mish: composite("Mish"),
  Softsign: composite("Softsign", { ...wide, awayFromZero: 0.05 }),
  HardSwish: composite("HardSwish"),
  Selu: composite("Selu", { ...wide, awayFromZero: 0.05 }),
};
