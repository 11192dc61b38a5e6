import { elementTypeCode, isFloating, numbersOf } from "./element_type.ts";
import type { Emit } from "./emit.ts";
import { constant, int, type Value } from "./graph.ts";
import { rewriteGraph } from "./rewrite_graph.ts";

/** What half precision makes fast. */
const HALF = new Set(["Gemm", "MatMul", "Conv"]);

/** What is done in half precision where its inputs are: nothing in it adds up many numbers. */
const FOLLOWS = new Set([
  ...["Add", "Sub", "Mul", "Neg", "Relu", "Gelu", "Tanh", "Sigmoid", "Erf", "Exp", "Where"],
  ...["Reshape", "Transpose", "Squeeze", "Unsqueeze", "Flatten", "Identity", "Concat", "Slice"],
  ...["Split", "Pad", "Expand"],
]);

/**
 * Rewrites a graph of single precision so that products of matrices, and what lies between them, are computed in half precision; sums,
 * norms, softmax and the loss stay as they are, and so do inputs and outputs.
 *
 * @see Micikevicius et al. 2018, arXiv:1710.03740.
 */
export function toHalfPrecision(g: Emit, values: readonly Value[]): Value[] {
  const copies = { float16: new Map<Value, Value>(), float32: new Map<Value, Value>() };
  const as = (type: "float16" | "float32", value: Value): Value => {
    if (!isFloating(value.type) || value.type === type) return value;
    const found = copies[type].get(value) ?? converted(g, value, type);
    copies[type].set(value, found);
    return found;
  };
  const rewritten = rewriteGraph(g, values, (_g, node, inputs) => {
    if (node.op === "Cast") return undefined;
    const results = inputs.filter((value) => value?.kind === "result" && isFloating(value.type));
    const follows = FOLLOWS.has(node.op) && results.length > 0 &&
      results.every((value) => value!.type === "float16");
    const type = HALF.has(node.op) || follows ? "float16" : "float32";
    const given = inputs.map((value) => value && as(type, value));
    return g.applyAll(node.op, given, node.attributes, node.name);
  });
  return rewritten.map((value) => as("float32", value));
}

function converted(g: Emit, value: Value, type: "float16" | "float32"): Value {
  if (value.kind === "constant") return constant(type, value.shape, numbersOf(value.data));
  return g.apply("Cast", [value], { to: int(elementTypeCode(type)) });
}
