import { numberAttribute, type Value } from "../graph.ts";
import {
  type GradientCall,
  type Numbers,
  type Operator,
  type Operators,
  required,
} from "../operator.ts";
import { elementCount, resolveAxis, type Shape } from "../shape.ts";

/** Axes from `axis` on, which a LayerNormalization takes together. */
function normalizedAxes({ attributes }: Pick<GradientCall, "attributes">, shape: Shape): number[] {
  const first = resolveAxis(numberAttribute(attributes, "axis", -1), shape.length);
  return Array.from({ length: shape.length - first }, (_, i) => first + i);
}

/** Outputs: y, and the mean and 1 / standard deviation that its gradient needs. */
const layerNormalization: Operator = {
  infer: ({ inputs, attributes }) => {
    const { type, shape } = required(inputs, 0);
    const axes = normalizedAxes({ attributes }, shape);
    const folded = shape.map((length, axis) => axes.includes(axis) ? 1 : length);
    const wanted = elementCount(axes.map((axis) => shape[axis]!));
    if (elementCount(required(inputs, 1).shape) !== wanted) {
      throw new RangeError(
        `the scale [${inputs[1]!.shape}] does not fit [${shape}] from axis ${axes[0]} on`,
      );
    }
    return [{ type, shape }, { type, shape: folded }, { type, shape: folded }];
  },
  gradient: (call) => {
    const { g, node, x, dy, inputs: [, scale, bias] } = call;
    const [, mean, inverse] = node.outputs;
    const axes = normalizedAxes(call, x.shape);
    const normal = g.mul(g.sub(x, mean!), inverse!); // xhat = (x - mean) / deviation
    const steep = g.mul(dy, scale!);
    const average = (value: Value): Value => meanOver(call, value, axes);
    const along = g.mul(normal, average(g.mul(steep, normal)));
    const dx = g.mul(inverse!, g.sub(g.sub(steep, average(steep)), along));
    return [dx, g.sumTo(g.mul(dy, normal), scale!.shape), bias && g.sumTo(dy, bias.shape)];
  },
  evaluate: ([x, scale, bias], attributes, [, folded]) => {
    const inner = elementCount(x!.shape) / elementCount(folded!.shape);
    const means = new Float64Array(elementCount(folded!.shape));
    const inverses = new Float64Array(means.length);
    const y = new Float64Array(x!.data.length);
    means.forEach((_, row) => {
      const line = x!.data.subarray(row * inner, (row + 1) * inner);
      const mean = line.reduce((a, b) => a + b, 0) / inner;
      const variance = line.reduce((sum, item) => sum + (item - mean) ** 2, 0) / inner;
      means[row] = mean;
      inverses[row] = 1 / Math.sqrt(variance + numberAttribute(attributes, "epsilon", 1e-5));
      line.forEach((item, i) =>
        y[row * inner + i] = (item - mean) * inverses[row]! * scale!.data[i]! + (bias?.data[i] ?? 0)
      );
    });
    return [y, means, inverses];
  },
};

function meanOver({ g }: GradientCall, value: Value, axes: readonly number[]): Value {
  const count = elementCount(axes.map((axis) => value.shape[axis]!));
  return g.mul(g.sum(value, axes, true), g.scalar(value, 1 / count));
}

/** A vector of one number per channel, shaped so that it stretches over `[batch, channels, ...]`. */
function perChannel(shape: Shape): Shape {
  return [shape[1]!, ...shape.slice(2).map(() => 1)];
}

/** With the statistics that it was given: a scale and a shift for each channel. */
const batchNormalization: Operator = {
  infer: ({ inputs }) => {
    const { type, shape } = required(inputs, 0);
    for (const index of [1, 2, 3, 4]) {
      if (elementCount(required(inputs, index).shape) !== shape[1]) {
        throw new RangeError(
          `input ${index} is [${inputs[index]!.shape}] for ${shape[1]} channels`,
        );
      }
    }
    return [{ type, shape }];
  },
  gradient: (call) => {
    const { g, x, dy, inputs: [, scale, , mean, variance] } = call;
    const wide = perChannel(x.shape);
    const epsilon = numberAttribute(call.attributes, "epsilon", 1e-5);
    const deviation = g.apply("Sqrt", [g.add(variance!, g.scalar(variance!, epsilon))]);
    const normal = g.div(g.sub(x, g.reshape(mean!, wide)), g.reshape(deviation, wide));
    const channels = [0, ...x.shape.keys().drop(2)];
    return [
      g.mul(dy, g.reshape(g.div(scale!, deviation), wide)),
      g.sum(g.mul(dy, normal), channels, false),
      g.sum(dy, channels, false),
    ];
  },
  evaluate: ([x, ...rows], attributes) => {
    const [scale, bias, mean, variance] = rows as Numbers[];
    const inner = elementCount(x!.shape.slice(2));
    const epsilon = numberAttribute(attributes, "epsilon", 1e-5);
    return [
      x!.data.map((item, i) => {
        const c = Math.floor(i / inner) % x!.shape[1]!;
        return (item - mean!.data[c]!) / Math.sqrt(variance!.data[c]! + epsilon) * scale!.data[c]! +
          bias!.data[c]!;
      }),
    ];
  },
};

/** Operators that bring values to a common mean and spread. */
export const normalization: Operators = {
  LayerNormalization: layerNormalization,
  BatchNormalization: batchNormalization,
};
