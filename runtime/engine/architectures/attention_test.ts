import { ok } from "node:assert/strict";
import { evaluate } from "../evaluate.ts";
import type { Value } from "../graph.ts";
import { emit, operators } from "../operators/mod.ts";
import { seededRandom } from "../seeded_random.ts";
import { elementCount } from "../shape.ts";
import { traceModel } from "../trace_model.ts";
import { collectTrainingModes } from "../training_modes.ts";
import { attentionOfAll, attentionOfOne } from "./attention.ts";
import { families } from "./encoder_family.ts";
import { whole } from "./encoder_parts.ts";
import { openModelBuilder } from "./model_builder.ts";

const [BATCH, LENGTH, HEADS, HIDDEN] = [2, 3, 2, 4];
const architecture = {
  kind: "encoder",
  family: "bert",
  layers: 1,
  hidden: HIDDEN,
  heads: HEADS,
  intermediate: 8,
  vocabulary: 5,
  positions: 4,
  dropout: 0.5,
} as const;

/** Attention of every token, or of the first of each example, with dropout: `[tokens that ask, hidden]`. */
function attended(ofOne: boolean): Float64Array {
  const b = openModelBuilder({ random: seededRandom(3), mayBeNew: () => true });
  const all = b.input("rows", "float32", [BATCH * LENGTH, HIDDEN]);
  const bias = b.input("bias", "float32", [BATCH, 1, 1, LENGTH]);
  const shapes = {
    length: whole(b, "length", [1], [LENGTH]),
    heads: whole(b, "heads", [4], [BATCH, LENGTH, HEADS, HIDDEN / HEADS]),
    hidden: whole(b, "hidden", [3], [BATCH, LENGTH, HIDDEN]),
    rows: whole(b, "two", [2], [-1, HIDDEN]),
  };
  const first = b.node("Gather", "first", [all, whole(b, "firsts", [BATCH], [0, LENGTH])]);
  const parts = { shapes, architecture, family: families.bert, prefix: "", bias, isLast: ofOne };
  const seen = (ofOne ? attentionOfOne : attentionOfAll)(b, { x: ofOne ? first : all, all }, parts);
  const model = b.finish("attention", { name: seen, type: "float32", shape: ["rows", HIDDEN] });
  const random = seededRandom(4);
  for (const [name, { type, data, shape }] of model.graph.initializers) { // biases that count
    if (type === "float32" && shape.length === 1) data.set(biasOf(name) as never);
  }
  const modes = collectTrainingModes();
  const traced = traceModel(emit, model, {
    shapes: new Map(model.graph.inputs.map(({ name, shape }) => [name, shape as number[]])),
    given: new Set(),
    replace: modes.replace,
  });
  const given = new Map<Value, Float64Array<ArrayBuffer>>();
  for (const value of traced.inputs.values()) {
    given.set(
      value,
      Float64Array.from({ length: elementCount(value.shape) }, () => 4 * random() - 2),
    );
  }
  for (const { input } of modes.masks) given.set(input, maskOf(input.shape));
  return evaluate(operators, [traced.outputs.get(seen)!], given)[0]!;
}

function biasOf(name: string): number[] {
  return Array.from({ length: HIDDEN }, (_, i) => Math.sin(i + name.length));
}

/** Of `[batch, heads, tokens that ask, length]` or, for one that asks, without that axis; the same for the first. */
function maskOf(shape: readonly number[]): Float64Array<ArrayBuffer> {
  const asking = shape.length === 4 ? shape[2]! : 1;
  return Float64Array.from({ length: elementCount(shape) }, (_, i) => {
    const [token, row] = [i % LENGTH, Math.floor(i / LENGTH)];
    const [asks, head] = [row % asking, Math.floor(row / asking)];
    return (token + head + asks) % 3 === 0 ? 0 : 2;
  });
}

Deno.test("attentionOfOne() is attentionOfAll() of the first token, with dropout, too", () => {
  const [one, all] = [attended(true), attended(false)];

  const firsts = [...all.subarray(0, HIDDEN), ...all.subarray(LENGTH * HIDDEN).subarray(0, HIDDEN)];
  ok(firsts.some((number) => Math.abs(number) > 0.1));
  firsts.forEach((number, i) =>
    ok(Math.abs(one[i]! - number) < 1e-7, `${one[i]} is not ${number}`)
  );
});
