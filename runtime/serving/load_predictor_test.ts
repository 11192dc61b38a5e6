import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { join } from "node:path";
import { type FittedPreprocessing, MODEL_FILES, type Row } from "../../pipeline/mod.ts";
import { openEngine } from "../engine/mod.ts";
import { openPreprocessing } from "../preprocessing/mod.ts";
import { importModel, moveAlias } from "../registry/mod.ts";
import { openStore } from "../store/mod.ts";
import { loadPredictor } from "./load_predictor.ts";

/** Rows of two kinds: small ones of plan a, and large ones of plan b; a size may be missing. */
const ROWS: readonly Row[] = Array.from({ length: 40 }, (_, index) => {
  const isLarge = index % 2 === 0;
  return {
    size: index === 0 ? null : isLarge ? 8 + index / 40 : 1 + index / 40,
    plan: isLarge ? "b" : "a",
    kind: isLarge ? "large" : "small",
  };
});

async function fit(): Promise<FittedPreprocessing> {
  return await openPreprocessing().fit({
    features: [
      { column: "size", as: "number", missing: "mean" },
      { column: "plan", as: "category" },
    ],
    label: "kind",
  }, ReadableStream.from(ROWS));
}

/** Trains a model on the rows with the engine, and writes its folder. @param fileBytes Largest file that a model may have. */
async function writeModel(folder: string, fileBytes = Infinity): Promise<void> {
  const fitted = await fit();
  const preprocessor = openPreprocessing().open(fitted);
  await using engine = await openEngine("cpu", { threads: 1 });
  const start = await engine.build({ kind: "mlp", hidden: [128], activation: "relu" }, {
    features: fitted.width,
    classes: 2,
    seed: 1,
  });
  await using training = await engine.openTraining(start, {
    loss: { kind: "cross-entropy" },
    optimizer: { kind: "adamw", learningRate: 0.05 },
  });
  const batch = { inputs: preprocessor.encode(ROWS), targets: preprocessor.encodeLabels(ROWS) };
  for (let iteration = 0; iteration < 60; iteration++) await training.iterate(batch);
  const write = (file: string, content: unknown) =>
    Deno.writeTextFile(join(folder, file), JSON.stringify(content));
  await Deno.mkdir(folder, { recursive: true });
  const { onnx, externalData } = await training.exportFiles({ fileBytes });
  await Deno.writeFile(join(folder, MODEL_FILES.model), onnx);
  for (const [path, data] of Object.entries(externalData)) {
    await Deno.writeFile(join(folder, path), data);
  }
  await write(MODEL_FILES.preprocessing, fitted);
  await write(MODEL_FILES.inputExample, [{ size: 1.5, plan: "a" }]);
  await write(MODEL_FILES.signature, {
    task: "classification",
    inputs: [
      { name: "size", type: "number", nullable: true, range: [1, 9] },
      { name: "plan", type: "string", nullable: false, categories: ["a", "b"] },
    ],
    labels: fitted.label.labels,
    tensors: { inputs: [], outputs: [] },
  });
}

/** A model folder, and a store whose "team/크기" has it as version 1. */
async function withModel(
  use: (places: { readonly model: string; readonly store: string }) => Promise<void>,
  fileBytes?: number,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "hanok predictor 한 " });
  try {
    const places = { model: join(folder, "model"), store: join(folder, "runs") };
    await writeModel(places.model, fileBytes);
    await using store = await openStore({ folder: places.store });
    await importModel(store, places.model, "team/크기", { user: "mina", at: 1 });
    await use(places);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("loadPredictor() predicts with a model folder and with a registered version alike", async () => {
  await withModel(async (places) => {
    const rows = [{ size: 1.2, plan: "a" }, { size: 8.9, plan: "b" }, { plan: "b" }];

    await using fromFolder = await loadPredictor(places.model, { threads: 1 });
    await using fromStore = await loadPredictor("team/크기", { store: places.store, threads: 1 });
    const answers = await fromFolder.predict(rows);

    deepEqual(answers.map(({ label }) => label), ["small", "large", "large"]);
    ok(answers.every(({ confidence }) => confidence > 0.5 && confidence <= 1));
    deepEqual(await fromStore.predict(rows), answers);
    deepEqual([fromFolder.version, fromStore.name, fromStore.version], [null, "team/크기", 1]);
    deepEqual(fromStore.inputExample.map((row) => ({ ...row })), [{ size: 1.5, plan: "a" }]);
  });
});

Deno.test("loadPredictor() predicts with a model whose weights are in a file beside it", async () => {
  const rows = [{ size: 1.2, plan: "a" }, { size: 8.9, plan: "b" }];
  await withModel(async (places) => {
    equal((await Deno.stat(join(places.model, MODEL_FILES.modelData))).isFile, true);
    await using fromFolder = await loadPredictor(places.model, { threads: 1 });
    await using fromStore = await loadPredictor("team/크기", { store: places.store, threads: 1 });
    const answers = await fromFolder.predict(rows);

    deepEqual(answers.map(({ label }) => label), ["small", "large"]);
    deepEqual(await fromStore.predict(rows), answers);
    await withModel(async ({ model }) => {
      await using whole = await loadPredictor(model, { threads: 1 });
      deepEqual(await whole.predict(rows), answers);
    });
    await Deno.remove(join(places.model, MODEL_FILES.modelData));
    await rejects(() => loadPredictor(places.model, { threads: 1 }), {
      code: "artifact/missing-file",
      what: "Cannot read model.onnx.data",
    });
  }, 2000);
});

Deno.test("loadPredictor() takes one row, a list of rows, and rows by place", async () => {
  await withModel(async ({ model }) => {
    await using predictor = await loadPredictor(model, { threads: 1 });

    const one = await predictor.predict({ size: 1.2, plan: "a" });

    deepEqual(await predictor.predict([{ size: 1.2, plan: "a" }]), [one]);
    deepEqual(await predictor.predict([[1.2, "a"]]), [one]);
    deepEqual(Object.keys(one!.probabilities), ["large", "small"]);
  });
});

Deno.test("loadPredictor() names everything that is wrong with the rows", async () => {
  await withModel(async ({ model }) => {
    await using predictor = await loadPredictor(model, { threads: 1 });

    await rejects(
      predictor.predict([{ size: "big", plan: "a" }, { plann: "a" }]),
      ({ code, problems }: { code: string; problems: readonly string[] }) =>
        code === "serving/bad-input" && problems.length === 3,
    );
  });
});

for (const reference of ["team/크기/1", "team/크기@candidate", "team/크기@champion"]) {
  Deno.test(`loadPredictor() finds ${reference} in an open store, which stays open`, async () => {
    await withModel(async (places) => {
      await using store = await openStore({ folder: places.store });
      await moveAlias(store, { name: "team/크기", version: 1 }, "champion", {
        user: "mina",
        why: "a test",
        at: 2,
      });

      await using predictor = await loadPredictor(reference, { store, threads: 1 });

      equal(predictor.version, 1);
      equal((await store.client.execute("SELECT 1")).rows.length, 1);
    });
  });
}

for (
  const [reference, code] of [
    ["team/크기/7", "registry/unknown-version"],
    ["team/크기@shadow", "registry/unknown-alias"],
    ["team/크기다", "registry/unknown-model"],
    ["./nowhere", "artifact/missing-file"],
  ] as const
) {
  Deno.test(`loadPredictor() answers ${code} to ${reference}`, async () => {
    await withModel(async ({ store }) => {
      await rejects(loadPredictor(reference, { store, threads: 1 }), { code });
    });
  });
}

Deno.test("loadPredictor() says that a file of a model folder is no JSON", async () => {
  await withModel(async ({ model }) => {
    await Deno.writeTextFile(join(model, MODEL_FILES.signature), "{");

    await rejects(loadPredictor(model, { threads: 1 }), { code: "artifact/not-json" });
  });
});

Deno.test("loadPredictor() says that a version's bytes are gone", async () => {
  await withModel(async (places) => {
    await Deno.remove(join(places.store, "blobs"), { recursive: true });

    await rejects(loadPredictor("team/크기", { store: places.store, threads: 1 }));
  });
});
