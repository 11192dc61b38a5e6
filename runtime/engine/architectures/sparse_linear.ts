import type { SparseLinearArchitecture } from "../../../pipeline/architecture.ts";
import { int } from "../graph.ts";
import { inferenceModel } from "../classifier_model.ts";
import type { OnnxModel } from "../onnx/onnx_model.ts";
import type { RandomNumbers } from "../seeded_random.ts";
import { openModelBuilder } from "./model_builder.ts";
import { addRecurrentPart } from "./recurrent_part.ts";

/** Keeps a text without any known feature from being divided by 0. */
const SMALLEST_SQUARE = 1e-12;

/**
 * A linear classifier of sparse examples: inputs `ids` int32 and `values` float32 `[batch, length]`, of which an example
 * uses the beginning (the rest has value 0); outputs `logits` and `probabilities` `[batch, classes]`.
 *
 * With a recurrent part there is also the input `places`, int32 `[batch, characters, 3]`.
 *
 * Each score is Σ value (scale weight) / sqrt(Σ (value scale)²) + bias. Logits are the logarithms of each class's own
 * probability against the rest, so that softmax makes these probabilities add up to 1.
 */
export function buildSparseLinear(
  { scales, weights, bias, recurrent }: SparseLinearArchitecture,
  { classes, random }: { readonly classes: number; readonly random: RandomNumbers },
): OnnxModel {
  const columns = bias.length;
  const features = scales.length / columns;
  const b = openModelBuilder({ random, mayBeNew: () => true });
  const float = (name: string, shape: readonly number[], data: Float32Array<ArrayBuffer>) =>
    b.constant(name, { type: "float32", shape, data });
  const axis = (name: string, ...axes: number[]) =>
    b.constant(name, {
      type: "int64",
      shape: [axes.length],
      data: BigInt64Array.from(axes, BigInt),
    });

  const ids = b.input("ids", "int32", ["batch", "length"]);
  const values = b.input("values", "float32", ["batch", "length"]);
  const table = float("features", [features, 2 * columns], tableOf(scales, weights, columns));
  const middle = axis("middle", 1);
  const terms = b.node("Mul", "terms", [
    b.node("Gather", "rows", [table, ids], { axis: int(0) }),
    b.node("Unsqueeze", "amounts", [values, axis("last", 2)]),
  ]);
  const part = (name: string, from: string, start: number, end: number) =>
    b.node("Slice", name, [from, axis(`${name}.start`, start), axis(`${name}.end`, end), middle]);
  const none = { keepdims: int(0) };
  const sums = b.node("ReduceSum", "sums", [terms, middle], none);
  const squares = b.node("ReduceSumSquare", "squares", [terms, middle], none);
  const dot = part("dot", sums, 0, columns);
  const square = part("square", squares, columns, 2 * columns);
  const least = float("least", [], Float32Array.of(SMALLEST_SQUARE));
  const length = b.node("Sqrt", "norm", [b.node("Max", "square.positive", [square, least])]);
  const shift = float("bias", [columns], bias);
  const linear = b.node("Add", "score.linear", [b.node("Div", "direction", [dot, length]), shift]);
  const shared = (name: string, from: string, share: number) =>
    b.node("Mul", name, [from, float(`${name}.share`, [], Float32Array.of(share))]);
  const score = recurrent === undefined ? linear : b.node("Add", "score", [
    shared("score.own", linear, 1 - recurrent.share),
    shared("score.recurrent", addRecurrentPart(b, recurrent, columns), recurrent.share),
  ]);
  // Two classes share one score: what speaks for the second speaks against the first.
  const against = float("against", [classes], Float32Array.from(signs(classes, columns)));
  const odds = b.node("Mul", "odds.against", [score, against]);
  b.node("Neg", "logits", [b.node("Softplus", "surprise", [odds])]);
  const model = b.finish("sparse-linear", {
    name: "logits",
    type: "float32",
    shape: ["batch", classes],
  });
  return inferenceModel(model, new Map(), "softmax");
}

function signs(classes: number, columns: number): number[] {
  return columns === 1 ? [1, -1] : Array.from({ length: classes }, () => -1);
}

/** One row for each feature: scale × weight of every column, then the scales; one look-up fetches all of them. */
function tableOf(
  scales: Float32Array,
  weights: Float32Array,
  columns: number,
): Float32Array<ArrayBuffer> {
  const table = new Float32Array(2 * scales.length);
  for (let i = 0; i < scales.length; i += columns) {
    const row = 2 * i;
    for (let column = 0; column < columns; column++) {
      table[row + column] = scales[i + column]! * weights[i + column]!;
      table[row + columns + column] = scales[i + column]!;
    }
  }
  return table;
}

/** What keeps a description from being a model. */
export function sparseLinearProblems(
  { scales, weights, bias }: SparseLinearArchitecture,
  classes: number,
): string[] {
  const columns = classes === 2 ? 1 : classes;
  const problems: string[] = [];
  if (bias.length !== columns) problems.push(`bias has ${bias.length} numbers, not ${columns}`);
  if (scales.length === 0 || scales.length % columns !== 0) {
    problems.push(`scales has ${scales.length} numbers, no multiple of ${columns}`);
  }
  if (weights.length !== scales.length) {
    problems.push(`weights has ${weights.length} numbers, scales ${scales.length}`);
  }
  return problems;
}
