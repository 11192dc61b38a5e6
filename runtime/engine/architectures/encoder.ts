import type { EncoderArchitecture } from "../../../pipeline/architecture.ts";
import { int, string } from "../graph.ts";
import type { OnnxModel, OnnxTensor } from "../onnx/onnx_model.ts";
import { attentionOfAll, attentionOfOne } from "./attention.ts";
import { families } from "./encoder_family.ts";
import { type LayerParts, type Parts, type ShapeValues, whole } from "./encoder_parts.ts";
import { type ModelBuilder, openModelBuilder, type WeightSource } from "./model_builder.ts";

const HIDDEN = -10000; // added to the score of a token that is padding: its softmax is 0 in float32
const NORMAL = { kind: "normal", deviation: 0.02 } as const;

/**
 * An encoder with a classifier: hidden values are rows of `[batch * length, hidden]`, so that every linear layer is one
 * two-dimensional product, which runs fastest.
 *
 * @param source Weights by Hugging Face's names, without the prefix of the base model.
 */
export function buildEncoder(
  architecture: EncoderArchitecture,
  { classes, ...source }: { classes: number } & Omit<WeightSource, "mayBeNew">,
): OnnxModel {
  const family = families[architecture.family];
  const { hidden, layers } = architecture;
  const isNew = (name: string) =>
    [family.pooler, family.classifier].some((part) => name.startsWith(`${part}.`));
  const b = openModelBuilder({ ...source, mayBeNew: isNew });
  const ids = b.input("input_ids", "int64", ["batch", "length"]);
  const mask = b.input("attention_mask", "int64", ["batch", "length"]);
  const shapes = shapeValues(b, ids, architecture);
  const bias = maskBias(b, mask);
  let x = embeddings(b, { ids, shapes, architecture, family });
  for (let index = 0; index < layers; index++) {
    const isLast = index === layers - 1;
    const prefix = family.layer(index);
    x = encoderLayer(b, x, { prefix, shapes, bias, architecture, family, isLast });
  }
  const dense = b.linear(x, family.pooler, [hidden, hidden]);
  const pooled = b.node(family.poolerActivation, "pooled", [dense]);
  const rows = b.linear(b.dropout(pooled, architecture.dropout ?? 0), family.classifier, [
    hidden,
    classes,
  ]);
  b.node("Identity", "logits", [rows]);
  return b.finish(architecture.family, {
    name: "logits",
    type: "float32",
    shape: ["batch", classes],
  });
}

function shapeValues(
  b: ModelBuilder,
  ids: string,
  { hidden, heads }: EncoderArchitecture,
): ShapeValues {
  const shape = b.node("Shape", "shape", [ids]);
  const with_ = (name: string, tail: readonly number[]): string =>
    b.node("Concat", name, [shape, whole(b, `${name}.tail`, [tail.length], tail)], {
      axis: int(0),
    });
  return {
    length: b.node("Shape", "shape.length", [ids], { start: int(1), end: int(2) }),
    heads: with_("shape.heads", [heads, hidden / heads]),
    hidden: with_("shape.hidden", [hidden]),
    rows: whole(b, "shape.rows", [2], [-1, hidden]),
  };
}

/** 0 for tokens, a large negative number for padding: `[batch, 1, 1, length]`. */
function maskBias(b: ModelBuilder, mask: string): string {
  const wide = b.node("Unsqueeze", "mask.wide", [mask, whole(b, "mask.axes", [2], [1, 2])]);
  const number = b.node("Cast", "mask.number", [wide], { to: int(1) });
  const scalar = (name: string, value: number): string => {
    const tensor: OnnxTensor = { type: "float32", shape: [], data: Float32Array.of(value) };
    return b.constant(name, tensor);
  };
  const padding = b.node("Sub", "mask.padding", [number, scalar("one", 1)]);
  return b.node("Mul", "mask.bias", [padding, scalar("mask.size", -HIDDEN)]);
}

/** Words, positions and the type of the first sentence, normalized: rows of `[batch * length, hidden]`. */
function embeddings(
  b: ModelBuilder,
  { ids, shapes, architecture, family }: Parts & { ids: string },
): string {
  const { hidden, vocabulary, positions, embedding = hidden } = architecture;
  const table = b.weight("embeddings.word_embeddings.weight", [vocabulary, embedding], NORMAL);
  const places = b.weight("embeddings.position_embeddings.weight", [positions, embedding], NORMAL);
  const start = whole(b, "positions.start", [1], [family.firstPosition]);
  const end = b.node("Add", "positions.end", [shapes.length, start]);
  const used = b.node("Slice", "positions", [places, start, end, whole(b, "axis_0", [1], [0])]);
  let x = b.node("Add", "embeddings.sum", [b.node("Gather", "words", [table, ids]), used]);
  if (family.types) {
    const types = architecture.family === "roberta" ? 1 : 2;
    const kinds = b.weight("embeddings.token_type_embeddings.weight", [types, embedding], NORMAL);
    const zero = whole(b, "zero", [], [0]);
    x = b.node("Add", "embeddings.typed", [
      x,
      b.node("Gather", "type", [kinds, zero], { axis: int(0) }),
    ]);
  }
  const normal = b.layerNorm(
    x,
    "embeddings.LayerNorm",
    embedding,
    architecture.normEpsilon ?? 1e-12,
  );
  const rowsShape = embedding === hidden
    ? shapes.rows
    : whole(b, "shape.narrow", [2], [-1, embedding]);
  const rows = b.node("Reshape", "embeddings.rows", [
    b.dropout(normal, architecture.dropout ?? 0),
    rowsShape,
  ]);
  return embedding === hidden ? rows : b.linear(rows, "embeddings_project", [embedding, hidden]);
}

/** Attention and a feed-forward block, each with a way around it and a norm behind it. */
function encoderLayer(b: ModelBuilder, all: string, parts: LayerParts): string {
  const { prefix, architecture, family, shapes } = parts;
  const { hidden, intermediate, dropout = 0, normEpsilon = 1e-12 } = architecture;
  const x = parts.isLast ? firstToken(b, all, shapes) : all;
  const attention = parts.isLast ? attentionOfOne : attentionOfAll;
  const seen = attention(b, { x, all }, parts);
  const mixed = b.linear(seen, prefix + family.attended, [hidden, hidden]);
  const attended = b.node("Add", `${prefix}attention.sum`, [b.dropout(mixed, dropout), x]);
  const normal = b.layerNorm(attended, prefix + family.attentionNorm, hidden, normEpsilon);
  const up = b.linear(normal, prefix + family.up, [hidden, intermediate]);
  const active = activation(b, up, architecture.activation ?? "gelu");
  const down = b.linear(active, prefix + family.down, [intermediate, hidden]);
  const sum = b.node("Add", `${prefix}output.sum`, [b.dropout(down, dropout), normal]);
  return b.layerNorm(sum, prefix + family.outputNorm, hidden, normEpsilon);
}

function activation(
  b: ModelBuilder,
  x: string,
  kind: NonNullable<EncoderArchitecture["activation"]>,
): string {
  if (kind === "relu") return b.node("Relu", `${x}.relu`, [x]);
  return b.node(
    "Gelu",
    `${x}.gelu`,
    [x],
    kind === "gelu-tanh" ? { approximate: string("tanh") } : {},
  );
}

/** `[batch, hidden]` */
function firstToken(b: ModelBuilder, rows: string, shapes: ShapeValues): string {
  const tokens = b.node("Reshape", "tokens", [rows, shapes.hidden]);
  return b.node("Gather", "first_token", [tokens, whole(b, "zero", [], [0])], { axis: int(1) });
}
