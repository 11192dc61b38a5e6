import { ok } from "node:assert/strict";
import { openEngine } from "../../../runtime/engine/mod.ts";
import {
  type DenseWeights,
  openRecurrence,
  type RecurrentSizes,
  sumVectors,
  zeroWeights,
} from "./recurrence.ts";

/** Numbers from -1 to 1 that look random. */
function noise(length: number, phase: number): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length }, (_, i) => Math.sin(12.9898 * i + 78.233 * phase));
}

function drawn(sizes: RecurrentSizes): DenseWeights {
  const weights = zeroWeights(sizes);
  Object.values(weights).forEach((each: Float32Array, i) => each.set(noise(each.length, i + 1)));
  return weights;
}

const sizes = { width: 4, hidden: 5, scores: 3, grams: 12, longest: 8 };

for (const length of [1, 2, 7]) {
  Deno.test(`openRecurrence() has the gradients of its scores, of ${length} characters`, () => {
    const weights = drawn(sizes);
    const slopes = Float32Array.of(0.3, -0.7, 0.2);
    const recurrence = openRecurrence(weights, sizes);
    recurrence.sums.set(noise(length * 8, 9));
    const total = () =>
      recurrence.forward(length).reduce((sum, score, i) => sum + score * slopes[i]!, 0);
    const gradients = zeroWeights(sizes);
    total();
    recurrence.backward(length, slopes, gradients);

    const all: [Float32Array, Float32Array][] = [
      [recurrence.sums.subarray(0, length * 8), recurrence.sumGradients.slice()],
      ...(Object.keys(weights) as (keyof DenseWeights)[])
        .map((name): [Float32Array, Float32Array] => [weights[name], gradients[name]]),
    ];
    for (const [numbers, found] of all) {
      numbers.forEach((number, i) => {
        const step = 2 ** -7; // single precision: a smaller one drowns in rounding
        numbers[i] = number + step;
        const above = total();
        numbers[i] = number - step;
        const slope = (above - total()) / (2 * step);
        numbers[i] = number;
        ok(
          Math.abs(slope - found[i]!) < 5e-3 * Math.max(1, Math.abs(slope)),
          `${slope}, ${found[i]}`,
        );
      });
    }
  });
}

Deno.test("the engine scores texts of unlike lengths as the recurrence does", async () => {
  await using engine = await openEngine("cpu", { threads: 1 });
  const weights = drawn(sizes);
  // What half precision holds exactly: only then the scores can be compared closely.
  const vectors = noise(sizes.grams * 8, 5).map((x, i) => i < 16 ? 0 : Math.round(64 * x) / 64);
  const none = new Float32Array(3);
  const onnx = await engine.build({
    ...{ kind: "sparse-linear", scales: Float32Array.of(1, 1, 1), weights: none, bias: none },
    recurrent: { ...weights, width: sizes.width, vectors, share: 1 },
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

  const recurrence = openRecurrence(weights, sizes);
  texts.forEach((ids, row) => {
    const length = ids.length / 3;
    const used = Int32Array.from(ids, (id) => id < 2 ? 0 : id);
    const scales = new Float32Array(sizes.grams).fill(1);
    sumVectors(recurrence.sums, vectors, { used, scales, length, row: 8 });
    recurrence.forward(length).forEach((score, i) => {
      const logit = -Math.log1p(Math.exp(-score));
      const found = logits!.data[row * 3 + i] as number;
      ok(Math.abs(found - logit) < 1e-5, `${found}, not ${logit}`);
    });
  });
});
