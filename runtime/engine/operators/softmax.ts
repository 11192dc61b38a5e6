import { numberAttribute } from "../graph.ts";
import { type Numbers, type Operator, type Operators, required } from "../operator.ts";
import { elementCount, resolveAxis } from "../shape.ts";

const sameAsInput: Operator["infer"] = ({ inputs, attributes }) => {
  const { type, shape } = required(inputs, 0);
  resolveAxis(numberAttribute(attributes, "axis", -1), shape.length);
  return [{ type, shape }];
};

/** Applies `rewrite` to each line of elements along an axis, in place. */
function alongAxis(
  x: Numbers,
  axis: number,
  rewrite: (line: Float64Array) => Float64Array,
): Float64Array {
  const length = x.shape[axis] ?? 1;
  const inner = elementCount(x.shape.slice(axis + 1));
  const result = new Float64Array(x.data.length);
  for (let start = 0; start < x.data.length; start += length * inner) {
    for (let offset = 0; offset < inner; offset++) {
      const line = Float64Array.from({ length }, (_, i) => x.data[start + i * inner + offset]!);
      rewrite(line).forEach((item, i) => result[start + i * inner + offset] = item);
    }
  }
  return result;
}

function logSoftmax(line: Float64Array): Float64Array {
  const top = line.reduce((a, b) => Math.max(a, b), -Infinity);
  const logSum = top + Math.log(line.reduce((sum, item) => sum + Math.exp(item - top), 0));
  return line.map((item) => item - logSum);
}

/** Exponentials that add up to 1 along an axis. */
export const softmaxOperators: Operators = {
  Softmax: {
    infer: sameAsInput,
    gradient: ({ g, x, y, dy, attributes }) => { // dx = y * (dy - sum(dy * y))
      const axis = resolveAxis(numberAttribute(attributes, "axis", -1), x.shape.length);
      return [g.mul(y, g.sub(dy, g.sum(g.mul(dy, y), [axis], true)))];
    },
    evaluate: ([x], attributes) => {
      const axis = resolveAxis(numberAttribute(attributes, "axis", -1), x!.shape.length);
      return [alongAxis(x!, axis, (line) => logSoftmax(line).map(Math.exp))];
    },
  },
  LogSoftmax: {
    infer: sameAsInput,
    gradient: ({ g, x, y, dy, attributes }) => { // dx = dy - exp(y) * sum(dy)
      const axis = resolveAxis(numberAttribute(attributes, "axis", -1), x.shape.length);
      return [g.sub(dy, g.mul(g.apply("Exp", [y]), g.sum(dy, [axis], true)))];
    },
    evaluate: ([x], attributes) => {
      const axis = resolveAxis(numberAttribute(attributes, "axis", -1), x!.shape.length);
      return [alongAxis(x!, axis, logSoftmax)];
    },
  },
};
