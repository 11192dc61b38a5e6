import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import {
  definitionOf,
  type FittedPreprocessing,
  type ModelSignature,
  type Row,
} from "../../pipeline/mod.ts";
import { openEngine } from "../../runtime/engine/mod.ts";
import { openPreprocessing } from "../../runtime/preprocessing/mod.ts";
import { type FakeContext, openFakeContext } from "../_fake_context.ts";
import { linearParams } from "./linear_params.ts";
import { trainLinear } from "./train_linear.ts";

const { run } = definitionOf(trainLinear);
const params = linearParams.parse({ seed: 3 });

const WORDS: Readonly<Record<string, readonly string[]>> = {
  good: ["최고의", "감동", "재미있다", "또 보고 싶다"],
  bad: ["최악의", "지루하다", "돈 아깝다", "시간 낭비"],
  plain: ["그저 그렇다", "보통", "무난한", "평범하다"],
};

/** Reviews made of words of their label and of a few that all share. */
function reviews(labels: readonly string[], count: number, seed: number): readonly Row[] {
  return Array.from({ length: count }, (_, i) => {
    const label = labels[i % labels.length]!;
    const words = WORDS[label]!;
    const pick = (from: readonly string[], step: number) =>
      from[(Math.floor(i / labels.length) * step + seed) % from.length]!;
    const shared = pick(["영화", "배우", "연출", "음악", "결말"], 7);
    return { document: `${pick(words, 3)} ${shared} ${pick(words, 5)}`, label };
  });
}

const places = { minTexts: 2, maxLength: 64 };

async function inputsOf(
  fake: FakeContext,
  labels: readonly string[],
  more: { readonly places?: typeof places } = {},
) {
  const columns = { document: "string", label: "string" } as const;
  const training = await fake.dataset(columns, reviews(labels, 300, 0));
  const validation = await fake.dataset(columns, reviews(labels, 60, 1));
  const preprocessing = await openPreprocessing().fit({
    label: "label",
    features: [{ column: "document", as: "ngrams", ...more }],
  }, training.rows());
  return { training, validation, preprocessing };
}

for (const labels of [["bad", "good"], ["bad", "good", "plain"]]) {
  Deno.test(`train-linear tells ${labels.length} labels apart, in a folder that is enough`, async () => {
    await using engine = await openEngine("cpu", { threads: 1 });
    await using fake = await openFakeContext({ engine, preprocessing: openPreprocessing() });
    const inputs = await inputsOf(fake, labels);
    const attribution = { title: "Reviews", license: "CC0-1.0" };

    const { model, metrics } = await run(fake.context, inputs, { ...params, attribution });

    equal(metrics.validation_accuracy, 1);
    ok(metrics.validation_loss! < 0.2);
    equal(metrics.features, inputs.preprocessing.width);
    const signature = await model.readJson("signature.json") as unknown as ModelSignature;
    deepEqual(signature.inputs, [{ name: "document", type: "string", nullable: false }]);
    deepEqual(signature.labels, labels);
    const card = new TextDecoder().decode(await model.read("README.md"));
    match(card, /Reviews, license: CC0-1\.0\. 300 rows for training/);
    match(card, /Logistic regression on .* character n-grams/);

    const fitted = await model.readJson("preprocessing.json") as unknown as FittedPreprocessing;
    await using session = await engine.openInference(await model.read("model.onnx"));
    const texts = reviews(labels, 30, 2);
    const answer = await session.run(openPreprocessing().open(fitted).encode(texts));
    const data = answer.probabilities!.data as Float32Array;
    texts.forEach(({ label }, row) => {
      const shares = [...data.subarray(row * labels.length, (row + 1) * labels.length)];
      equal(labels[shares.indexOf(Math.max(...shares))], label);
    });
  });
}

const recurrent = { share: 0.5, width: 8, hidden: 4, epochs: 2, learning_rate: 0.15, dropout: 0.2 };

for (const labels of [["bad", "good"], ["bad", "good", "plain"]]) {
  Deno.test(`train-linear reads ${labels.length} labels also place by place, the same again`, async () => {
    await using engine = await openEngine("cpu", { threads: 1 });
    await using fake = await openFakeContext({ engine, preprocessing: openPreprocessing() });
    const inputs = await inputsOf(fake, labels, { places });

    const { model, metrics } = await run(fake.context, inputs, { ...params, recurrent });

    equal(metrics.validation_accuracy, 1);
    const losses = fake.metrics.filter(({ name }) => name === "recurrent_loss");
    ok(losses.length === 2 && losses[1]!.value < losses[0]!.value);
    const signature = await model.readJson("signature.json") as unknown as ModelSignature;
    deepEqual(signature.tensors.inputs.map(({ name }) => name), ["ids", "values", "places"]);
    equal((await run(fake.context, inputs, { ...params, recurrent })).model.hash, model.hash);
  });
}

Deno.test("train-linear says what a recurrent part needs", async () => {
  await using engine = await openEngine("cpu", { threads: 1 });
  await using fake = await openFakeContext({ engine, preprocessing: openPreprocessing() });
  const inputs = await inputsOf(fake, ["bad", "good"]);

  await rejects(() => run(fake.context, inputs, { ...params, recurrent }), {
    code: "train/no-places",
  });
});

Deno.test("train-linear makes the same folder again", async () => {
  await using engine = await openEngine("cpu", { threads: 1 });
  await using fake = await openFakeContext({ engine, preprocessing: openPreprocessing() });
  const inputs = await inputsOf(fake, ["bad", "good"]);

  const { model } = await run(fake.context, inputs, params);

  equal((await run(fake.context, inputs, params)).model.hash, model.hash);
});

Deno.test("train-linear refuses empty splits and columns that are no text", async () => {
  await using engine = await openEngine("cpu", { threads: 1 });
  await using fake = await openFakeContext({ engine, preprocessing: openPreprocessing() });
  const inputs = await inputsOf(fake, ["bad", "good"]);
  const empty = await fake.dataset({ document: "string", label: "string" }, []);
  await rejects(() => run(fake.context, { ...inputs, validation: empty }, params), {
    code: "train/no-rows",
    why: "the validation split has no rows",
  });
  const preprocessing = await openPreprocessing().fit({
    label: "label",
    features: [{ column: "document", as: "category" }],
  }, inputs.training.rows());
  await rejects(() => run(fake.context, { ...inputs, preprocessing }, params), {
    code: "train/no-ngrams",
  });
});
