import { int, integers, ints, intsAttribute, numberAttribute, type Value } from "../graph.ts";
import type { OnnxAttributes } from "../onnx/onnx_model.ts";
import { type GradientCall, type Operator, type Operators, required } from "../operator.ts";
import { elementCount, type Shape } from "../shape.ts";
import { type Sliding, slidingOf, windowsOf } from "./window.ts";

// x [batch, channels, ...], w [filters, channels / group, ...kernel], y [batch, filters, ...output]

function convolution(attributes: OnnxAttributes, x: Shape, w: Shape): Sliding & { group: number } {
  const group = numberAttribute(attributes, "group", 1);
  if (x.length !== w.length || x[1] !== w[1]! * group || w[0]! % group !== 0) {
    throw new RangeError(`filters [${w}] in ${group} groups do not fit [${x}]`);
  }
  return { group, ...slidingOf(attributes, x.slice(2), w.slice(2)) };
}

const conv: Operator = {
  infer: ({ inputs, attributes }) => {
    const x = required(inputs, 0);
    const w = required(inputs, 1);
    const { output } = convolution(attributes, x.shape, w.shape);
    return [{ type: x.type, shape: [x.shape[0]!, w.shape[0]!, ...output] }];
  },
  gradient: (call) => {
    const { g, dy, inputs: [, , bias] } = call;
    const all = [0, ...dy.shape.keys().drop(2)];
    return [inputGradient(call), filterGradient(call), bias && g.sum(dy, all, false)];
  },
  evaluate: ([x, w, bias], attributes, [y]) => {
    const { group, ...sliding } = convolution(attributes, x!.shape, w!.shape);
    const windows = windowsOf(sliding, x!.shape.slice(2));
    const [filters, channels] = w!.shape as [number, number];
    const kernel = elementCount(sliding.kernel);
    const inner = elementCount(x!.shape.slice(2));
    const result = new Float64Array(elementCount(y!.shape));
    for (let row = 0; row < x!.shape[0]! * filters; row++) {
      const filter = row % filters;
      const first = Math.floor(row / filters) * x!.shape[1]! +
        Math.floor(filter / (filters / group)) * channels;
      windows.forEach((window, place) => {
        let sum = bias?.data[filter] ?? 0;
        for (let c = 0; c < channels; c++) {
          window.forEach((at, k) => {
            if (at >= 0) {
              sum += x!.data[(first + c) * inner + at]! *
                w!.data[(filter * channels + c) * kernel + k]!;
            }
          });
        }
        result[row * windows.length + place] = sum;
      });
    }
    return [result];
  },
};

/** Each output is spread over the inputs that it came from: a transposed convolution with the same filters. */
function inputGradient({ g, inputs, attributes, dy }: GradientCall): Value {
  const x = inputs[0]!.shape;
  const { group, strides, dilations, before, after, kernel } = convolution(
    attributes,
    x,
    inputs[1]!.shape,
  );
  const spatial = x.slice(2);
  const reached = spatial.map((_, i) =>
    (dy.shape[i + 2]! - 1) * strides[i]! + (kernel[i]! - 1) * dilations[i]! + 1
  );
  // What the kernel never reached at the end has no gradient.
  const rest = spatial.map((length, i) => length + before[i]! + after[i]! - reached[i]!);
  return g.apply("ConvTranspose", [dy, inputs[1]], {
    group: int(group),
    strides: ints(strides),
    dilations: ints(dilations),
    pads: ints([...before, ...after]),
    output_padding: ints(rest),
  });
}

/**
 * dw[m, c, k] = sum over batch and places o of dy[m, o] * x[c, o * stride + k * dilation - pad]: a convolution of x with dy as
 * its filters, in which batch and channels, and stride and dilation, have changed places.
 */
function filterGradient({ g, inputs, attributes, dy }: GradientCall): Value {
  const [x, w] = [inputs[0]!, inputs[1]!.shape];
  const { group, strides, dilations, before, after } = convolution(attributes, x.shape, w);
  const [batch, channels] = x.shape as [number, number];
  const spatial = [...x.shape.keys()].slice(2);
  const grouped = g.reshape(x, [batch, group, channels / group, ...x.shape.slice(2)]);
  const order = [2, 1, 0, ...spatial.map((axis) => axis + 1)];
  const images = g.reshape(g.transpose(grouped, order), [
    channels / group,
    group * batch,
    ...x.shape.slice(2),
  ]);
  const filters = g.transpose(dy, [1, 0, ...spatial]);
  const product = g.apply("Conv", [images, filters], {
    group: int(group),
    strides: ints(dilations),
    dilations: ints(strides),
    pads: ints([...before, ...after]),
  });
  const swapped = g.transpose(product, [1, 0, ...spatial]);
  const zeros = spatial.map(() => 0);
  return swapped.shape.join() === w.join()
    ? swapped
    : g.apply("Slice", [swapped, integers(zeros), integers(w.slice(2)), integers(spatial)]);
}

/** Lengths of the output of a transposed convolution. */
function transposedOutput(
  attributes: OnnxAttributes,
  x: Shape,
  w: Shape,
): { output: Shape; group: number } {
  const group = numberAttribute(attributes, "group", 1);
  const kernel = w.slice(2);
  const strides = intsAttribute(attributes, "strides") ?? kernel.map(() => 1);
  const dilations = intsAttribute(attributes, "dilations") ?? kernel.map(() => 1);
  const pads = intsAttribute(attributes, "pads") ?? [...kernel, ...kernel].map(() => 0);
  const extra = intsAttribute(attributes, "output_padding") ?? kernel.map(() => 0);
  if (x[1] !== w[0] || attributes.output_shape !== undefined || attributes.auto_pad !== undefined) {
    throw new RangeError(`filters [${w}] do not fit [${x}], or the padding is not given by pads`);
  }
  const output = kernel.map((length, i) =>
    (x[i + 2]! - 1) * strides[i]! + (length - 1) * dilations[i]! + 1 + extra[i]! - pads[i]! -
    pads[i + kernel.length]!
  );
  return { output, group };
}

const convTranspose: Operator = {
  infer: ({ inputs, attributes }) => {
    const x = required(inputs, 0);
    const w = required(inputs, 1);
    const { output, group } = transposedOutput(attributes, x.shape, w.shape);
    return [{ type: x.type, shape: [x.shape[0]!, w.shape[1]! * group, ...output] }];
  },
  evaluate: ([x, w, bias], attributes, [y]) => {
    const { output, group } = transposedOutput(attributes, x!.shape, w!.shape);
    const channels = x!.shape[1]!;
    const filters = w!.shape[1]!;
    const places = elementCount(x!.shape.slice(2));
    const kernel = w!.shape.slice(2);
    const after = (intsAttribute(attributes, "pads") ?? []).slice(kernel.length);
    const extra = intsAttribute(attributes, "output_padding") ?? kernel.map(() => 0);
    const pads = [
      ...(intsAttribute(attributes, "pads") ?? kernel.map(() => 0)).slice(0, kernel.length),
      ...kernel.map((_, i) => (after[i] ?? 0) - extra[i]!),
    ];
    const { strides, dilations } = attributes;
    const sliding = slidingOf(
      {
        ...(strides === undefined ? {} : { strides }),
        ...(dilations === undefined ? {} : { dilations }),
        pads: ints(pads),
      },
      output,
      kernel,
    );
    const windows = windowsOf(sliding, output);
    const inner = elementCount(output);
    const size = elementCount(kernel);
    const result = new Float64Array(elementCount(y!.shape));
    result.forEach((_, i) => result[i] = bias?.data[Math.floor(i / inner) % y!.shape[1]!] ?? 0);
    for (let row = 0; row < x!.shape[0]! * channels; row++) {
      const c = row % channels;
      const first = Math.floor(row / channels) * y!.shape[1]! +
        Math.floor(c / (channels / group)) * filters;
      for (let f = 0; f < filters; f++) {
        windows.forEach((window, place) =>
          window.forEach((at, k) => {
            if (at < 0) return;
            result[(first + f) * inner + at]! += x!.data[row * places + place]! *
              w!.data[(c * filters + f) * size + k]!;
          })
        );
      }
    }
    return [result];
  },
};

/** Filters that slide over lines and images. */
export const convolutions: Operators = { Conv: conv, ConvTranspose: convTranspose };
