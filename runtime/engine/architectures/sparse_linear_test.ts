import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import type { SparseLinearArchitecture } from "../../../pipeline/architecture.ts";
import { openEngine } from "../open_engine.ts";
import { seededRandom } from "../seeded_random.ts";

function randomModel(features: number, columns: number): SparseLinearArchitecture {
  const random = seededRandom(5);
  const draw = (count: number) => Float32Array.from({ length: count }, () => 2 * random() - 0.5);
  return {
    kind: "sparse-linear",
    scales: draw(features * columns),
    weights: draw(features * columns),
    bias: draw(columns),
  };
}

/** The formula, in double precision. */
function scoresOf(
  { scales, weights, bias }: SparseLinearArchitecture,
  example: ReadonlyMap<number, number>,
): number[] {
  return Array.from(bias, (shift, column) => {
    const at = (id: number) => id * bias.length + column;
    const terms = [...example].map(([id, value]) => value * scales[at(id)]!);
    const length = Math.sqrt(terms.reduce((sum, term) => sum + term * term, 0));
    const dot = [...example].reduce((sum, [id], i) => sum + terms[i]! * weights[at(id)]!, 0);
    return (length === 0 ? 0 : dot / length) + shift;
  });
}

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

const examples = [
  new Map([[3, 1], [0, 1.7], [6, 2]]),
  new Map<number, number>(),
  new Map([[2, 1]]),
];

for (const classes of [2, 4]) {
  Deno.test(`a sparse-linear model of ${classes} classes answers by its formula`, async () => {
    const model = randomModel(7, classes === 2 ? 1 : classes);
    await using engine = await openEngine("cpu", { threads: 1 });
    const onnx = await engine.build(model, { classes, seed: 0 });
    await using session = await engine.openInference(onnx);
    const ids = new Int32Array(3 * 4);
    const values = new Float32Array(3 * 4);
    examples.forEach((example, row) =>
      [...example].forEach(([id, value], i) => {
        ids[row * 4 + i] = id;
        values[row * 4 + i] = value;
      })
    );

    const { probabilities } = await session.run({
      ids: { type: "int32", shape: [3, 4], data: ids },
      values: { type: "float32", shape: [3, 4], data: values },
    });

    deepEqual(probabilities!.shape, [3, classes]);
    examples.forEach((example, row) => {
      const scores = scoresOf(model, example);
      const own = classes === 2 ? [sigmoid(-scores[0]!), sigmoid(scores[0]!)] : scores.map(sigmoid);
      const whole = own.reduce((sum, share) => sum + share, 0);
      own.forEach((share, id) => {
        const found = Number(probabilities!.data[row * classes + id]);
        ok(Math.abs(found - share / whole) < 2e-6, `${found} is not ${share / whole}`);
      });
    });
  });
}

Deno.test("a sparse-linear model is the same bytes each time, and names its tensors", async () => {
  await using engine = await openEngine("cpu", { threads: 1 });
  const build = () => engine.build(randomModel(3, 1), { classes: 2, seed: 0 });

  deepEqual(await build(), await build());

  await using session = await engine.openInference(await build());
  deepEqual(session.inputs.map(({ name, shape }) => [name, shape]), [
    ["ids", [null, null]],
    ["values", [null, null]],
  ]);
  deepEqual(session.outputs.map(({ name }) => name), ["logits", "probabilities"]);
});

Deno.test("a sparse-linear model whose parts do not fit is refused with all that is wrong", async () => {
  await using engine = await openEngine("cpu", { threads: 1 });
  const { weights, ...rest } = randomModel(3, 1);
  await rejects(
    () => engine.build({ ...rest, weights: weights.slice(1) }, { classes: 3, seed: 0 }),
    (error: Error & { code: string }) => {
      equal(error.code, "engine/bad-architecture");
      ok(error.message.includes("bias has 1 numbers, not 3"));
      ok(error.message.includes("weights has 2 numbers, scales 3"));
      return true;
    },
  );
});
