import {
  constant,
  int,
  integers,
  ints,
  intsAttribute,
  numberAttribute,
  type Value,
} from "../graph.ts";
import type { OnnxAttributes } from "../onnx/onnx_model.ts";
import {
  type GradientCall,
  type Numbers,
  type Operator,
  type Operators,
  required,
} from "../operator.ts";
import { checkWrittenOut, elementCount, type Shape } from "../shape.ts";
import { placeSlice } from "./joining.ts";
import { coordinatesOf, type Sliding, slidingOf, windowsOf } from "./window.ts";

/** Elements of a window of MaxPool: each takes a few nodes of its gradient. */
const MOST_COMPARED = 4096;

const LOWEST = -3.4028234663852886e38; // of float32

function pooling(attributes: OnnxAttributes, x: Shape): Sliding {
  return slidingOf(attributes, x.slice(2), intsAttribute(attributes, "kernel_shape") ?? []);
}

const inferPooled: Operator["infer"] = ({ inputs, attributes }) => {
  const { type, shape } = required(inputs, 0);
  checkWrittenOut(elementCount(intsAttribute(attributes, "kernel_shape") ?? []), "the window");
  return [{ type, shape: [...shape.slice(0, 2), ...pooling(attributes, shape).output] }];
};

/** Folds the elements under each place of the window; `places` says how many of them are not padding. */
function pool(
  x: Numbers,
  attributes: OnnxAttributes,
  fold: (items: number[], sliding: Sliding, place: number) => number,
): Float64Array {
  const sliding = pooling(attributes, x.shape);
  const windows = windowsOf(sliding, x.shape.slice(2));
  const inner = elementCount(x.shape.slice(2));
  const rows = x.data.length / inner;
  const result = new Float64Array(rows * windows.length);
  for (let row = 0; row < rows; row++) {
    windows.forEach((window, place) => {
      const items = [...window].filter((at) => at >= 0).map((at) => x.data[row * inner + at]!);
      result[row * windows.length + place] = fold(items, sliding, place);
    });
  }
  return result;
}

const maxPool: Operator = {
  infer: inferPooled,
  gradient: (call) => [maxPoolGradient(call)],
  evaluate: ([x], attributes) => [pool(x!, attributes, (items) => Math.max(...items))],
};

/** The first element of each window that is the largest gets the gradient, as PyTorch has it. */
function maxPoolGradient({ g, x, y, dy, attributes }: GradientCall): Value {
  const { kernel, strides, dilations, before, after, output } = pooling(attributes, x.shape);
  const size = elementCount(kernel);
  if (size > MOST_COMPARED) {
    throw new RangeError(`a window of ${size} elements is too large to train`);
  }
  const spatial = kernel.map((_, i) => i + 2);
  const padded = padSpatial(g, x, before, after);
  const zero = g.scalar(dy, 0);
  let rest = dy; // the gradient of windows whose largest element was not found yet
  let sum: Value | undefined;
  for (const element of coordinatesOf(kernel)) {
    const starts = element.map((at, i) => at * dilations[i]!);
    const ends = starts.map((start, i) => start + (output[i]! - 1) * strides[i]! + 1);
    const under = g.apply("Slice", [
      padded,
      integers(starts),
      integers(ends),
      integers(spatial),
      integers(strides),
    ]);
    const largest = g.apply("Equal", [under, y]);
    const part = placeSlice(g, g.apply("Where", [largest, rest, zero]), {
      starts: [0, 0, ...starts],
      steps: [1, 1, ...strides],
      shape: padded.shape,
    });
    rest = g.apply("Where", [largest, zero, rest]);
    sum = sum === undefined ? part : g.add(sum, part);
  }
  const ends = spatial.map((axis, i) => before[i]! + x.shape[axis]!);
  return padded === x
    ? sum!
    : g.apply("Slice", [sum, integers(before), integers(ends), integers(spatial)]);
}

function padSpatial(
  g: GradientCall["g"],
  x: Value,
  before: readonly number[],
  after: readonly number[],
): Value {
  if ([...before, ...after].every((length) => length === 0)) return x;
  return g.apply("Pad", [x, integers([0, 0, ...before, 0, 0, ...after]), g.scalar(x, LOWEST)]);
}

const averagePool: Operator = {
  infer: inferPooled,
  gradient: ({ g, x, dy, attributes }) => {
    const { kernel, strides, dilations, before, after, output } = pooling(attributes, x.shape);
    const channels = x.shape[1]!;
    const share = g.mul(dy, constant(dy.type, output, averageWeights(attributes, x.shape)));
    const ones = constant(
      dy.type,
      [channels, 1, ...kernel],
      new Float64Array(channels * elementCount(kernel)).fill(1),
    );
    const reached = kernel.map((length, i) =>
      (output[i]! - 1) * strides[i]! + (length - 1) * dilations[i]! + 1
    );
    const rest = reached.map((length, i) => x.shape[i + 2]! + before[i]! + after[i]! - length);
    return [
      g.apply("ConvTranspose", [share, ones], {
        group: int(channels),
        strides: ints(strides),
        dilations: ints(dilations),
        pads: ints([...before, ...after]),
        output_padding: ints(rest),
      }),
    ];
  },
  evaluate: ([x], attributes) => {
    const weights = averageWeights(attributes, x!.shape);
    return [
      pool(
        x!,
        attributes,
        (items, _sliding, place) => items.reduce((a, b) => a + b, 0) * weights[place]!,
      ),
    ];
  },
};

/** 1 / number of elements that each window counts: all of them, or only those that are not padding. */
function averageWeights(attributes: OnnxAttributes, x: Shape): number[] {
  const spatial = x.slice(2);
  const sliding = pooling(attributes, x);
  if (numberAttribute(attributes, "count_include_pad", 0) === 0) {
    return coordinatesOf(sliding.output).map((place) => {
      const counted = place.map((at, i) => {
        const start = at * sliding.strides[i]! - sliding.before[i]!;
        const steps = Array.from({ length: sliding.kernel[i]! }, (_, k) => k);
        return steps.filter((k) => {
          const under = start + k * sliding.dilations[i]!;
          return under >= 0 && under < spatial[i]!;
        }).length;
      });
      return 1 / counted.reduce((a, b) => a * b, 1);
    });
  }
  const given = intsAttribute(attributes, "pads") ?? [];
  return coordinatesOf(sliding.output).map((place) => {
    const counted = place.map((at, i) => { // what lies past the padding, in ceil mode, does not count
      const start = at * sliding.strides[i]! - sliding.before[i]!;
      const limit = spatial[i]! + (given[i + spatial.length] ?? 0);
      return Math.min(sliding.kernel[i]!, limit - start);
    });
    return 1 / counted.reduce((a, b) => a * b, 1);
  });
}

/** Operators that fold the elements under a sliding window. */
export const poolingOperators: Operators = { MaxPool: maxPool, AveragePool: averagePool };
