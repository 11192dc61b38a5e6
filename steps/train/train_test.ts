import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { parse } from "yaml";
import {
  definitionOf,
  type FittedPreprocessing,
  type ModelHandle,
  type ModelSignature,
  type Row,
} from "../../pipeline/mod.ts";
import { openEngine } from "../../runtime/engine/mod.ts";
import { openPreprocessing } from "../../runtime/preprocessing/mod.ts";
import { type FakeContext, openFakeContext } from "../_fake_context.ts";
import { withSmallFiles } from "../_small_files.ts";
import { evaluate } from "../evaluate/evaluate.ts";
import { evaluateParams } from "../evaluate/evaluate_params.ts";
import { train } from "./train.ts";
import { type TrainGiven, trainParams } from "./train_params.ts";

const { run } = definitionOf(train);

/** Points inside and outside a circle, and a column that only sometimes is there. */
function points(count: number, seed: number): readonly Row[] {
  return Array.from({ length: count }, (_, i) => {
    const [x, y] = [Math.sin(i * 12.9898 + seed), Math.sin(i * 78.233 + seed)];
    return { x, y, side: i % 7 === 0 ? null : x > 0 ? "right" : "left", in: x * x + y * y < 0.8 };
  });
}

/** Splits and preprocessing as the train step gets them. */
async function inputsOf(fake: FakeContext) {
  const columns = { x: "number", y: "number", side: "string", in: "boolean" } as const;
  const training = await fake.dataset(columns, points(200, 1));
  const validation = await fake.dataset(columns, points(60, 2));
  const preprocessing = await openPreprocessing().fit({
    label: "in",
    features: [
      { column: "x", as: "number" },
      { column: "y", as: "number" },
      { column: "side", as: "category", missing: "category" },
    ],
  }, training.rows());
  return { training, validation, preprocessing };
}

function paramsOf(given: Omit<TrainGiven, "seed">) {
  const architecture = { kind: "mlp", hidden: [16] } as const;
  return trainParams.parse({ seed: 7, epochs: 10, learning_rate: 0.02, architecture, ...given });
}

async function textOf(model: ModelHandle, path: string): Promise<string> {
  return new TextDecoder().decode(await model.read(path));
}

Deno.test("train makes a folder that says everything needed to use the model", async () => {
  await using engine = await openEngine("cpu", { threads: 1 });
  await using fake = await openFakeContext({ engine, preprocessing: openPreprocessing() });
  const inputs = await inputsOf(fake);
  const attribution = { title: "Points | circles", license: "CC0-1.0", url: "https://example.org" };

  const { model, metrics } = await run(fake.context, inputs, paramsOf({ attribution, epochs: 30 }));

  deepEqual(model.paths, [
    "MLmodel",
    "README.md",
    "code/hanok_model.py",
    "conda.yaml",
    "input_example.json",
    "model.onnx",
    "preprocessing.json",
    "python_env.yaml",
    "requirements.txt",
    "signature.json",
  ]);
  const signature = await model.readJson("signature.json") as unknown as ModelSignature;
  const [x, , side] = signature.inputs;
  equal(signature.task, "classification");
  deepEqual([x!.name, x!.type, x!.nullable, x!.range!.length], ["x", "number", false, 2]);
  deepEqual(side, {
    name: "side",
    type: "string",
    nullable: true,
    categories: ["left", "right"],
  });
  deepEqual(signature.labels, ["false", "true"]);
  deepEqual(signature.tensors.inputs, [{ name: "features", type: "float32", shape: [null, 5] }]);
  deepEqual(signature.tensors.outputs.map(({ name, shape }) => [name, shape]), [
    ["logits", [null, 2]],
    ["probabilities", [null, 2]],
  ]);
  deepEqual(await model.readJson("preprocessing.json"), inputs.preprocessing);
  const example = await model.readJson("input_example.json") as unknown as Row[];
  deepEqual(example.map((row) => Object.keys(row)), Array(3).fill(["x", "y", "side"]));
  // The circle's middle and the corners are what a trained model cannot mistake.
  const sizes = example.map(({ x, y }) => Number(x) ** 2 + Number(y) ** 2);
  ok(sizes.some((size) => size < 0.8) && sizes.some((size) => size > 0.8), String(sizes));
  ok(sizes.every((size) => Math.abs(size - 0.8) > 0.2), String(sizes));
  const card = await textOf(model, "README.md");
  match(card, /\[Points \| circles\]\(https:\/\/example\.org\), license: CC0-1\.0/);
  match(card, /200 rows for training, 60 for validation/);
  match(card, new RegExp(`accuracy \\| ${metrics.validation_accuracy!.toFixed(4)}`));
  ok(metrics.validation_accuracy! > 0.85, `validation accuracy ${metrics.validation_accuracy}`);
  match(fake.summaries[0]!, /^loss 0\.\d{3} · validation accuracy 0\.\d{4}/);
});

Deno.test("train puts weights into a file beside a model that is too large for one", async () => {
  await using engine = await openEngine("cpu", { threads: 1 });
  const preprocessing = openPreprocessing();
  await using whole = await openFakeContext({ engine, preprocessing });
  await using fake = await openFakeContext({
    engine: withSmallFiles(engine, 2000),
    preprocessing,
  });
  const params = paramsOf({ epochs: 2, architecture: { kind: "mlp", hidden: [64] } });

  const one = await run(whole.context, await inputsOf(whole), params);
  const inputs = await inputsOf(fake);
  const two = await run(fake.context, inputs, params);

  deepEqual(one.model.paths.filter((path) => path.startsWith("model")), ["model.onnx"]);
  deepEqual(two.model.paths.filter((path) => path.startsWith("model")), [
    "model.onnx",
    "model.onnx.data",
  ]);
  ok((await two.model.read("model.onnx")).length < 2000);
  deepEqual(two.metrics, one.metrics);
  const measure = (model: ModelHandle) =>
    definitionOf(evaluate).run(
      fake.context,
      { model, dataset: inputs.validation },
      evaluateParams.parse({}),
    );
  deepEqual(await measure(two.model), await measure(one.model));
});

Deno.test("train writes an MLmodel file in MLflow's form, without a time or an id", async () => {
  await using engine = await openEngine("cpu", { threads: 1 });
  await using fake = await openFakeContext({ engine, preprocessing: openPreprocessing() });

  const { model } = await run(fake.context, await inputsOf(fake), paramsOf({ epochs: 1 }));

  const mlmodel = parse(await textOf(model, "MLmodel")) as {
    flavors: Record<string, { data: string; loader_module?: string; code?: string }>;
    signature: { inputs: string; outputs: string; params: string };
  };
  deepEqual(Object.keys(mlmodel), [
    "flavors",
    "metadata",
    "saved_input_example_info",
    "signature",
  ]);
  equal(mlmodel.flavors.onnx!.data, "model.onnx");
  equal(mlmodel.flavors.python_function!.loader_module, "hanok_model");
  equal(mlmodel.flavors.python_function!.code, "code");
  deepEqual(JSON.parse(mlmodel.signature.inputs), [
    { type: "double", name: "x", required: true },
    { type: "double", name: "y", required: true },
    { type: "string", name: "side", required: false },
  ]);
  deepEqual(JSON.parse(mlmodel.signature.outputs), [{ type: "string", required: true }]);
});

Deno.test("train of the same inputs and params gives the same bytes, another seed others", async () => {
  await using engine = await openEngine("cpu", { threads: 1 });
  await using fake = await openFakeContext({ engine, preprocessing: openPreprocessing() });
  const inputs = await inputsOf(fake);
  const hashOf = async (seed: number) =>
    (await run(fake.context, inputs, { ...paramsOf({ epochs: 3 }), seed })).model.hash;

  const [one, same, other] = [await hashOf(1), await hashOf(1), await hashOf(2)];

  equal(one, same);
  ok(one !== other);
});

Deno.test("train refuses a split without rows and names it", async () => {
  await using engine = await openEngine("cpu", { threads: 1 });
  await using fake = await openFakeContext({ engine, preprocessing: openPreprocessing() });
  const inputs = await inputsOf(fake);
  const validation = await fake.dataset(
    { x: "number", y: "number", side: "string", in: "boolean" },
    [],
  );

  await rejects(
    () => run(fake.context, { ...inputs, validation }, paramsOf({})),
    { code: "train/no-rows", why: "the validation split has no rows" },
  );
});

Deno.test("train names every label of the validation split that training did not see", async () => {
  await using engine = await openEngine("cpu", { threads: 1 });
  await using fake = await openFakeContext({ engine, preprocessing: openPreprocessing() });
  const inputs = await inputsOf(fake);
  const validation = await fake.dataset(
    { x: "number", y: "number", side: "string", in: "string" },
    [...points(1100, 1).map((row) => ({ ...row, in: String(row.in) })), {
      ...{ x: 0, y: 0, side: "left" },
      in: "maybe",
    }],
  );

  await rejects(
    () => run(fake.context, { ...inputs, validation }, paramsOf({})),
    { code: "preprocessing/unknown-label", why: /holds "maybe" in row 1101/ },
  );
});

Deno.test("train refuses a grid that does not show every input", async () => {
  await using fake = await openFakeContext({ preprocessing: openPreprocessing() });
  const inputs = await inputsOf(fake);
  const numbers: FittedPreprocessing = {
    ...inputs.preprocessing,
    features: inputs.preprocessing.features.slice(0, 2),
  };
  const grid = (width: number) => paramsOf({ form: { kind: "grid", width, height: 1 } });

  await rejects(
    () => run(fake.context, { ...inputs, preprocessing: numbers }, grid(3)),
    { code: "train/bad-form", why: "the model takes 2 inputs" },
  );
  await rejects(
    () => run(fake.context, inputs, grid(3)),
    { code: "train/bad-form", why: '"side" is no number' },
  );
});

const params: readonly [string, Record<string, unknown>, boolean][] = [
  ["a seed alone", {}, true],
  ["no hidden layer", { architecture: { kind: "mlp", hidden: [] } }, true],
  ["early stopping", { early_stopping: { patience: 3, metric: "validation_loss" } }, true],
  ["zero epochs", { epochs: 0 }, false],
  ["half an epoch", { epochs: 0.5 }, false],
  ["a learning rate of 0", { learning_rate: 0 }, false],
  ["weight decay for sgd", { optimizer: "sgd", weight_decay: 0.1 }, false],
  ["momentum for adamw", { momentum: 0.9 }, false],
  ["a metric of the training split", { early_stopping: { patience: 3, metric: "loss" } }, false],
  ["an unknown key", { epoch: 3 }, false],
];
for (const [title, given, accepted] of params) {
  Deno.test(`trainParams ${accepted ? "takes" : "refuses"} ${title}`, () => {
    equal(trainParams.safeParse({ seed: 1, ...given }).success, accepted);
  });
}
