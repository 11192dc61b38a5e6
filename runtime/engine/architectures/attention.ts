import { int, ints } from "../graph.ts";
import { type LayerParts, whole } from "./encoder_parts.ts";
import type { ModelBuilder } from "./model_builder.ts";

/** The rows that ask, and those that are looked at. */
export interface Rows {
  readonly x: string;
  readonly all: string;
}

/** softmax(q k' / sqrt(d) + bias) v for each head, as rows again. */
export function attentionOfAll(b: ModelBuilder, { x, all }: Rows, parts: LayerParts): string {
  const { prefix, shapes, family } = parts;
  const asked = projected(b, x, family.query, parts);
  const query = heads(b, asked, parts, [0, 2, 1, 3]);
  const mixed = mix(b, { query, all }, parts);
  const together = b.node("Transpose", `${prefix}together`, [mixed], { perm: ints([0, 2, 1, 3]) });
  return b.node("Reshape", `${prefix}rows`, [together, shapes.rows]);
}

/**
 * The same for one token of each example. With a single question for each head, keys and values need not be computed of every token:
 * `q · (W_k x) = (W_k' q) · x`, and `sum(p W_v x) = W_v sum(p x)`. So the matrices multiply one vector of each head instead.
 */
export function attentionOfOne(b: ModelBuilder, { x, all }: Rows, parts: LayerParts): string {
  const { prefix, shapes, architecture: { heads, hidden, dropout = 0 }, family } = parts;
  const turn = (value: string, perm: readonly number[]): string =>
    b.node("Transpose", `${value}.turned`, [value], { perm: ints(perm) });
  const apart = (value: string, name: string, shape: readonly number[]): string =>
    b.node("Reshape", `${value}.heads`, [value, whole(b, name, [shape.length], shape)]);
  const weight = (name: string) => {
    const { matrix, bias } = b.linearWeights(prefix + name, [hidden, hidden]);
    return {
      matrix: apart(matrix, "shape.matrix", [heads, hidden / heads, hidden]),
      bias: apart(bias, "shape.bias", [heads, hidden / heads, 1]),
    };
  };
  const asked = projected(b, x, family.query, parts);
  const [key, value] = [weight(family.key), weight(family.value)];
  const tokens = b.node("Reshape", `${prefix}tokens`, [all, shapes.hidden]);
  const query = turn(apart(asked, "shape.one", [-1, heads, hidden / heads]), [1, 0, 2]); // [heads, batch, width]
  const probe = turn(b.node("MatMul", `${prefix}probe`, [query, key.matrix]), [1, 0, 2]); // [batch, heads, hidden]
  const shift = turn(b.node("MatMul", `${prefix}shift`, [query, key.bias]), [1, 0, 2]); // [batch, heads, 1]
  const products = b.node("MatMul", `${prefix}product`, [probe, turn(tokens, [0, 2, 1])]);
  const scores = b.node("Add", `${prefix}scores`, [
    b.node("Add", `${prefix}shifted`, [products, shift]),
    b.node("Squeeze", `${prefix}bias`, [parts.bias, whole(b, "axis_1", [1], [1])]),
  ]);
  const shares = b.dropout(
    b.node("Softmax", `${prefix}shares`, [scores], { axis: int(-1) }),
    dropout,
  );
  const seen = turn(b.node("MatMul", `${prefix}seen`, [shares, tokens]), [1, 2, 0]); // [heads, hidden, batch]
  const mixed = b.node("MatMul", `${prefix}mixed`, [value.matrix, seen]); // [heads, width, batch]
  const sum = b.node("ReduceSum", `${prefix}sum`, [shares, whole(b, "axis_2", [1], [2])]); // dropout makes it differ from 1
  const shifts = b.node("Mul", `${prefix}values`, [value.bias, turn(sum, [1, 2, 0])]);
  const together = turn(b.node("Add", `${prefix}context`, [mixed, shifts]), [2, 0, 1]);
  return b.node("Reshape", `${prefix}rows`, [together, shapes.rows]);
}

/** `[batch, heads, asking tokens, hidden / heads]` */
function mix(
  b: ModelBuilder,
  { query, all }: { query: string; all: string },
  parts: LayerParts,
): string {
  const { prefix, bias, architecture: { dropout = 0 }, family } = parts;
  const key = heads(b, projected(b, all, family.key, parts), parts, [0, 2, 3, 1]);
  const value = heads(b, projected(b, all, family.value, parts), parts, [0, 2, 1, 3]);
  const scores = b.node("Add", `${prefix}scores`, [
    b.node("MatMul", `${prefix}product`, [query, key]),
    bias,
  ]);
  const shares = b.node("Softmax", `${prefix}shares`, [scores], { axis: int(-1) });
  return b.node("MatMul", `${prefix}mixed`, [b.dropout(shares, dropout), value]);
}

/** Queries are divided by the root of a head's width here, where it costs nothing. */
function projected(b: ModelBuilder, rows: string, name: string, parts: LayerParts): string {
  const { prefix, architecture: { hidden, heads }, family } = parts;
  const scale = name === family.query ? Math.sqrt(heads / hidden) : 1;
  return b.linear(rows, prefix + name, [hidden, hidden], scale);
}

function heads(
  b: ModelBuilder,
  rows: string,
  { shapes }: LayerParts,
  order: readonly number[],
): string {
  const cut = b.node("Reshape", `${rows}.heads`, [rows, shapes.heads]);
  return b.node("Transpose", `${cut}.apart`, [cut], { perm: ints(order) });
}
