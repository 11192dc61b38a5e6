import { deepEqual, ok, throws } from "node:assert/strict";
import type { Recurrence, RecurrentSizes } from "../../../pipeline/recurrence.ts";
import { openEngine } from "../mod.ts";
import { openRecurrence } from "./open_recurrence.ts";

const sizes: RecurrentSizes = { width: 4, hidden: 8, scores: 3, grams: 12, longest: 8 };
const ROW = 2 * sizes.width;

/** Numbers from -1 to 1 that look random. */
function noise(length: number, phase: number): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length }, (_, i) => Math.sin(12.9898 * i + 78.233 * phase));
}

/** A recurrence of weights that look random; n-grams 0 and 1 count nothing. */
function filled(): Recurrence {
  const recurrence = openRecurrence(sizes);
  Object.values(recurrence.weights).forEach((each: Float32Array, i) =>
    each.set(noise(each.length, i + 1))
  );
  // What half precision holds exactly: only then the scores can be compared with the model's closely.
  recurrence.vectors.set(
    noise(sizes.grams * ROW, 5).map((x, i) => i < 2 * ROW ? 0 : Math.round(64 * x) / 64),
  );
  recurrence.scales.set([0, 0, 1, 0.5, 2, 1, 1, 1.5, 1, 1, 0.25, 1]);
  recurrence.squares.fill(1e-3);
  return recurrence;
}

for (const length of [1, 2, 7]) {
  Deno.test(`openRecurrence() has the gradients of its scores, of ${length} characters`, () => {
    const recurrence = filled();
    // Every n-gram once, and none at every fourth place: its gradient is then that of its place.
    recurrence.ids.set(Array.from({ length: 3 * length }, (_, i) => i % 4 === 3 ? 0 : 2 + i % 10));
    const slopes = [0.3, -0.7, 0.2];
    const total = () => {
      recurrence.forward(length);
      return recurrence.scores.reduce((sum, score, i) => sum + score * slopes[i]!, 0);
    };
    // A text of another length before: nothing of it may be left over.
    recurrence.forward(8);
    recurrence.scoreGradients.set(slopes);
    total();
    recurrence.backward(length);

    for (const name of Object.keys(recurrence.weights) as (keyof Recurrence["weights"])[]) {
      const found = recurrence.gradients[name];
      recurrence.weights[name].forEach((_, i, numbers) => {
        closeTo(found[i]!, slopeOf(numbers, i, total), `${name} ${i}`);
      });
    }
  });

  Deno.test(`openRecurrence() moves vectors against their gradients, of ${length} characters`, () => {
    const recurrence = filled();
    const ids = Array.from({ length: 3 * length }, (_, i) => i % 4 === 3 ? 0 : 2 + i % 10);
    recurrence.ids.set(ids);
    const slopes = [0.3, -0.7, 0.2];
    const total = () => {
      recurrence.forward(length);
      return recurrence.scores.reduce((sum, score, i) => sum + score * slopes[i]!, 0);
    };
    // What stands at one character has one gradient: by the vector of an n-gram that stands nowhere else and has scale 1.
    const before = recurrence.vectors.slice();
    const once = ids.filter((id) => id > 1 && ids.filter((other) => other === id).length === 1);
    const gradients = new Map(
      once.map((id) => [
        id,
        Array.from(
          { length: ROW },
          (_, d) => slopeOf(recurrence.vectors, id * ROW + d, total) / recurrence.scales[id]!,
        ),
      ]),
    );
    total();
    recurrence.scoreGradients.set(slopes);
    recurrence.backward(length);
    recurrence.moveVectors(length, 0.1);

    ok(once.length > 0);
    for (const [id, gradient] of gradients) {
      const scale = recurrence.scales[id]!;
      const mean = gradient.reduce((sum, x) => sum + x * x, 0) / ROW;
      const squares = 1e-3 + scale ** 2 * mean;
      closeTo(recurrence.squares[id]!, squares, `squares of ${id}`);
      gradient.forEach((slope, d) => {
        const moved = before[id * ROW + d]! - 0.1 * scale * slope / Math.sqrt(squares);
        closeTo(recurrence.vectors[id * ROW + d]!, moved, `vector of ${id}`);
      });
    }
    // Rows that stand for no n-gram stay 0, and so does what does not occur stay as it was.
    const absent = Array.from({ length: sizes.grams }, (_, id) => id)
      .filter((id) => id < 2 || !ids.includes(id));
    for (const id of absent) {
      const row = (all: Float32Array) => [...all.subarray(id * ROW, (id + 1) * ROW)];
      deepEqual(row(recurrence.vectors), row(before));
    }
  });
}

Deno.test("openRecurrence() moves its weights as Adam does, and empties their gradients", () => {
  const recurrence = filled();
  const names = Object.keys(recurrence.weights) as (keyof Recurrence["weights"])[];
  const expected = names.map((name) => [...recurrence.weights[name]]);
  const means = expected.map((numbers) => numbers.map(() => 0));
  const squares = expected.map((numbers) => numbers.map(() => 0));
  for (let t = 1; t <= 3; t++) {
    names.forEach((name, k) => {
      recurrence.gradients[name].set(noise(recurrence.gradients[name].length, 10 * t + k));
      recurrence.gradients[name].forEach((gradient, i) => {
        const slope = gradient / 4;
        means[k]![i] = 0.9 * means[k]![i]! + 0.1 * slope;
        squares[k]![i] = 0.99 * squares[k]![i]! + 0.01 * slope * slope;
        const deviation = Math.sqrt(squares[k]![i]! / (1 - 0.99 ** t)) + 1e-8;
        expected[k]![i]! -= 0.02 * means[k]![i]! / (1 - 0.9 ** t) / deviation;
      });
    });
    recurrence.moveWeights(4, 0.02);
  }

  names.forEach((name, k) => {
    recurrence.weights[name].forEach((weight, i) => {
      const difference = Math.abs(weight - expected[k]![i]!);
      ok(difference < 1e-5, `${name} ${i}: ${weight}, not ${expected[k]![i]}`);
    });
    deepEqual([...new Set(recurrence.gradients[name])], [0]);
  });
});

Deno.test("the engine scores texts of unlike lengths as the recurrence does", async () => {
  await using engine = await openEngine("cpu", { threads: 1 });
  const recurrence = filled();
  recurrence.scales.fill(1);
  const none = new Float32Array(3);
  const onnx = await engine.build({
    ...{ kind: "sparse-linear", scales: Float32Array.of(1, 1, 1), weights: none, bias: none },
    recurrent: {
      ...recurrence.weights,
      ...{ width: sizes.width, vectors: recurrence.vectors, share: 1 },
    },
  }, { classes: 3, seed: 1 });
  await using session = await engine.openInference(onnx);
  const texts = [[2, 3, 4], [5, 1, 1, 6, 7, 8, 11, 1, 1], [1, 1, 1]];
  const places = new Int32Array(3 * 4 * 3);
  texts.forEach((ids, row) => places.set(ids, row * 12));

  const { logits } = await session.run({
    ids: { type: "int32", shape: [3, 1], data: new Int32Array(3) },
    values: { type: "float32", shape: [3, 1], data: new Float32Array(3) },
    places: { type: "int32", shape: [3, 4, 3], data: places },
  });

  texts.forEach((ids, row) => {
    recurrence.ids.set(ids);
    recurrence.forward(ids.length / 3);
    recurrence.scores.forEach((score, i) => {
      const logit = -Math.log1p(Math.exp(-score));
      const found = logits!.data[row * 3 + i] as number;
      ok(Math.abs(found - logit) < 1e-5, `${found}, not ${logit}`);
    });
  });
});

Deno.test("openRecurrence() refuses widths that do not fill its registers", () => {
  throws(() => openRecurrence({ ...sizes, width: 6 }), RangeError);
  throws(() => openRecurrence({ ...sizes, hidden: 5 }), RangeError);
});

/** By finite differences. */
function slopeOf(numbers: Float32Array, i: number, total: () => number): number {
  const step = 2 ** -7; // single precision: a smaller one drowns in rounding
  const number = numbers[i]!;
  numbers[i] = number + step;
  const above = total();
  numbers[i] = number - step;
  const slope = (above - total()) / (2 * step);
  numbers[i] = number;
  return slope;
}

function closeTo(found: number, expected: number, what: string): void {
  const difference = Math.abs(found - expected);
  ok(difference < 5e-3 * Math.max(1, Math.abs(expected)), `${what}: ${found}, not ${expected}`);
}
