import type { Emit } from "../emit.ts";
import { integers, numberAttribute, type Value } from "../graph.ts";
import type { Rewrite } from "../rewrite_graph.ts";

/** Writes out the operators that the WebGPU execution provider of onnxruntime-web 1.30 lacks. */
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
