import type { Emit } from "./emit.ts";
import { integers, intsAttribute, type Value } from "./graph.ts";
import { rewriteGraph } from "./rewrite_graph.ts";

/** Keys or values of attention: `rows W + bias`, cut into heads. */
interface Projection {
  /** `[batch, length, inputs]` */
  readonly rows: Value;
  /** `[inputs, heads * width]` */
  readonly matrix: Value;
  /** `[heads * width]` */
  readonly bias: Value | undefined;
  readonly heads: number;
  readonly width: number;
}

const KEYS = [0, 2, 3, 1];
const VALUES = [0, 2, 1, 3];

/**
 * Attention in which one token asks needs no keys and values of the others: `q (W_k x) = (W_k' q) x`, and `sum(p W_v x) = W_v sum(p x)`.
 * So each matrix multiplies one vector for each head, instead of one for each token. For what is exported; models that we build are
 * written so.
 */
export function absorbProjections(g: Emit, values: readonly Value[]): Value[] {
  return rewriteGraph(g, values, (_g, node, inputs) => {
    const [a, b] = inputs;
    if (node.op !== "MatMul" || a?.shape.length !== 4 || a.shape[2] !== 1) return undefined;
    const keys = b && projectionOf(b, KEYS);
    if (keys !== undefined) return [askKeys(g, a, keys)];
    const spread = b && projectionOf(b, VALUES);
    return spread && [mixValues(g, a, spread)];
  });
}

/** What `value` is, if it is `Transpose(Reshape(rows W + bias))` in this order of axes. */
function projectionOf(value: Value, order: readonly number[]): Projection | undefined {
  const { from: cut, order: found } = untransposed(value);
  if (found.join() !== order.join() || cut.kind !== "result" || cut.node.op !== "Reshape") {
    return undefined;
  }
  const [sum] = cut.node.inputs;
  const { product, bias } = withoutBias(sum!);
  if (product.kind !== "result" || product.node.op !== "MatMul") return undefined;
  const [rows, matrix] = product.node.inputs as readonly [Value, Value];
  const [batch, length, heads, width] = cut.shape as [number, number, number, number];
  const fits = rows.shape.length === 3 && matrix.shape.length === 2 && length > 1 &&
    rows.shape[0] === batch && rows.shape[1] === length && matrix.shape[1] === heads * width;
  return fits ? { rows, matrix, bias, heads, width } : undefined;
}

/** Transpositions one after the other, as one. */
function untransposed(value: Value): { from: Value; order: readonly number[] } {
  let from = value;
  let order = [...value.shape.keys()];
  while (from.kind === "result" && from.node.op === "Transpose") {
    const step = intsAttribute(from.node.attributes, "perm");
    if (step === undefined) break;
    order = order.map((axis) => step[axis]!);
    from = from.node.inputs[0]!;
  }
  return { from, order };
}

function withoutBias(value: Value): { product: Value; bias: Value | undefined } {
  if (value.kind !== "result" || value.node.op !== "Add") {
    return { product: value, bias: undefined };
  }
  const [a, b] = value.node.inputs as readonly [Value, Value];
  const width = value.shape.at(-1);
  const isBias = ({ shape }: Value): boolean => shape.length === 1 && shape[0] === width;
  if (isBias(a)) return { product: b, bias: a };
  return isBias(b) ? { product: a, bias: b } : { product: value, bias: undefined };
}

/** `query` `[batch, heads, 1, width]` times the keys: `[batch, heads, 1, length]`. */
function askKeys(g: Emit, query: Value, { rows, matrix, bias, heads, width }: Projection): Value {
  const [batch, length, inputs] = rows.shape as [number, number, number];
  const asked = g.transpose(g.reshape(query, [batch, heads, width]), [1, 0, 2]); // [heads, batch, width]
  const apart = g.transpose(g.reshape(matrix, [inputs, heads, width]), [1, 2, 0]); // [heads, width, inputs]
  const probe = g.transpose(g.apply("MatMul", [asked, apart]), [1, 0, 2]); // [batch, heads, inputs]
  const products = g.apply("MatMul", [probe, g.transpose(rows, [0, 2, 1])]);
  const scores = g.reshape(products, [batch, heads, 1, length]);
  if (bias === undefined) return scores;
  const shift = g.apply("MatMul", [asked, g.reshape(bias, [heads, width, 1])]);
  return g.add(scores, g.reshape(g.transpose(shift, [1, 0, 2]), [batch, heads, 1, 1]));
}

/** `shares` `[batch, heads, 1, length]` of the values: `[batch, heads, 1, width]`. */
function mixValues(
  g: Emit,
  shares: Value,
  { rows, matrix, bias, heads, width }: Projection,
): Value {
  const [batch, length, inputs] = rows.shape as [number, number, number];
  const seen = g.apply("MatMul", [g.reshape(shares, [batch, heads, length]), rows]); // [batch, heads, inputs]
  const apart = g.transpose(g.reshape(matrix, [inputs, heads, width]), [1, 0, 2]); // [heads, inputs, width]
  const mixed = g.apply("MatMul", [g.transpose(seen, [1, 0, 2]), apart]); // [heads, batch, width]
  const context = g.reshape(g.transpose(mixed, [1, 0, 2]), [batch, heads, 1, width]);
  if (bias === undefined) return context;
  const sums = g.apply("ReduceSum", [shares, integers([3])]); // 1, but for dropout
  return g.add(context, g.mul(g.reshape(bias, [1, heads, 1, width]), sums));
}
