import type { Emit } from "../emit.ts";
import { int, integers, numberAttribute, type Value } from "../graph.ts";
import { sliceCut } from "../operators/joining.ts";
import type { Rewrite } from "../rewrite_graph.ts";

/**
 * Writes out the operators that the WebGPU execution provider of onnxruntime-web 1.30 lacks or gets wrong: it computes
 * `x[0:-inf:-1]` as something other than `[x[0]]`, silently.
 */
export const lowerForWebgpu: Rewrite = (g, { op, attributes }, inputs) => {
  const given = inputs.filter((value) => value !== undefined);
  const [x] = given;
  if (x === undefined) return undefined;
  switch (op) {
    case "LogSoftmax":
      return [logSoftmax(g, x, numberAttribute(attributes, "axis", -1))];
    case "Sign":
      return [sign(g, x)];
    case "Sum":
      return [given.reduce(g.add)];
    case "Mean":
      return [g.mul(given.reduce(g.add), g.scalar(x, 1 / given.length))];
    case "Or": // not (not a and not b)
      return [not(g, g.apply("And", given.map((value) => not(g, value))))];
    case "Slice":
      return sliceCut(inputs).steps.some((step) => step < 0)
        ? [pickBackwards(g, inputs)]
        : undefined;
    default:
      return undefined;
  }
};

function logSoftmax(g: Emit, x: Value, axis: number): Value {
  const axes = integers([axis < 0 ? axis + x.shape.length : axis]);
  const shifted = g.sub(x, g.apply("ReduceMax", [x, axes]));
  return g.sub(shifted, g.apply("Log", [g.apply("ReduceSum", [g.apply("Exp", [shifted]), axes])]));
}

function sign(g: Emit, x: Value): Value {
  const [zero, one] = [g.scalar(x, 0), g.scalar(x, 1)];
  const positive = g.apply("Where", [g.apply("Greater", [x, zero]), one, zero]);
  if (x.kind === "result" && x.node.op === "Relu") return positive;
  return g.apply("Where", [g.apply("Less", [x, zero]), g.scalar(x, -1), positive]);
}

function not(g: Emit, value: Value): Value {
  return g.apply("Not", [value]);
}

/** A Slice with a negative step, as one Gather per axis that it cuts. */
function pickBackwards(g: Emit, inputs: readonly (Value | undefined)[]): Value {
  const { starts, steps, shape } = sliceCut(inputs);
  let value = inputs[0]!;
  shape.forEach((length, axis) => {
    if (steps[axis] === 1 && length === value.shape[axis]) return;
    const picks = Array.from({ length }, (_, i) => starts[axis]! + i * steps[axis]!);
    value = g.apply("Gather", [value, integers(picks)], { axis: int(axis) });
  });
  return value;
}
