import { deepEqual, equal } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import type { FittedPreprocessing, PreprocessingSpec, Row, Tensor } from "../../pipeline/mod.ts";
import { openEngine } from "../../runtime/engine/mod.ts";
import { openPreprocessing } from "../../runtime/preprocessing/mod.ts";

const CODE = fileURLToPath(new URL("./", import.meta.url));

/** Debian's Python, or whichever has numpy and pandas. */
const PYTHON = await firstPython(["/usr/bin/python3", "python3"]);

/** Encodes rows as the loader in the model folder does, and prints the tensors as JSON. */
const SCRIPT = `
import json, sys
sys.path.insert(0, ${JSON.stringify(CODE)})
import pandas, hanok_model
model = hanok_model.HanokModel(sys.argv[1])
rows = pandas.DataFrame(json.load(open(sys.argv[1] + "/rows.json", encoding="utf-8")), dtype=object)
tensors = model.encode(rows)
print(json.dumps({name: {"type": str(t.dtype), "shape": list(t.shape), "data": t.ravel().tolist()} for name, t in tensors.items()}))
`;

/** Prints the probabilities of rows as the loader in the model folder gives them. */
const PREDICT = `
import json, sys
sys.path.insert(0, ${JSON.stringify(CODE)})
import pandas, hanok_model
rows = pandas.DataFrame(json.load(open(sys.argv[1] + "/rows.json", encoding="utf-8")), dtype=object)
found = hanok_model.HanokModel(sys.argv[1]).predict(rows, {"probabilities": True})
print(json.dumps(found.to_numpy().ravel().tolist()))
`;

const LABEL = { label: "y" } as const;
const text = fc.oneof(
  fc.constantFrom(
    "영화 최고ㅋㅋㅋㅋ",
    "",
    "  A\\tB ",
    "İstanbul ΣΑΣ",
    "a漢b!",
    "😀 e\u0301",
    "\u2028x",
  ),
  fc.string({ unit: "grapheme", maxLength: 30 }),
);
const special = { unknown: "[UNK]", begin: "[CLS]", end: "[SEP]", padding: "[PAD]" };
const vocabulary = [..."[PAD] [UNK] [CLS] [SEP] 영화 최고 ##ㅋ ㅋ ! a b 漢 ##b e x".split(" ")];

const cases: readonly {
  readonly title: string;
  readonly spec: PreprocessingSpec;
  readonly training: readonly Row[];
  readonly rows: readonly Row[];
}[] = [
  {
    title: "numbers and categories, missing ones too",
    spec: {
      ...LABEL,
      features: [
        { column: "a", as: "number", missing: "mean", indicator: true },
        { column: "b", as: "number", scale: "minmax" },
        { column: "c", as: "category", missing: "category" },
        { column: "d", as: "category" },
        { column: "e", as: "category" },
      ],
    },
    training: [
      { a: 1.5, b: 1, c: "x", d: true, e: 1, y: "u" },
      { a: 2.5, b: 9, c: null, d: false, e: 2.5, y: "v" },
      { a: null, b: 3, c: "z", d: true, e: 10, y: "v" },
    ],
    rows: [
      { a: 0.1, b: 1e30, c: "z", d: true, e: 2.5 },
      { a: null, b: -3, c: null, d: false, e: 10 },
      { a: 3, b: 3, c: "unseen", d: true, e: 1 },
    ],
  },
  ...[undefined, { minTexts: 1, maxLength: 20 }].map((places) => ({
    title: places === undefined ? "n-grams of texts" : "n-grams place by place",
    spec: {
      ...LABEL,
      features: [{
        column: "t",
        as: "ngrams",
        minTexts: 1,
        maxLength: 40,
        ...(places === undefined ? {} : { places }),
      }],
    } as PreprocessingSpec,
    training: fc.sample(text, { seed: 2, numRuns: 40 }).map((t, i) => ({ t, y: i % 2 })),
    rows: fc.sample(text, { seed: 3, numRuns: 60 }).map((t) => ({ t })),
  })),
  ...[true, false].map((lowercase) => ({
    title: `tokens of texts${lowercase ? " in lower case" : ""}`,
    spec: {
      ...LABEL,
      features: [{
        column: "t",
        as: "tokens",
        maxLength: 16,
        tokenizer: {
          vocabulary,
          lowercase,
          stripAccents: lowercase,
          cutChinese: true,
          special,
        },
      }],
    } as PreprocessingSpec,
    training: [{ t: "영화", y: "u" }, { t: "최고", y: "v" }],
    rows: fc.sample(text, { seed: 4, numRuns: 80 }).map((t) => ({ t })),
  })),
];

for (const { title, spec, training, rows } of cases) {
  Deno.test({
    name: `hanok_model.py encodes ${title} as the server does`,
    ignore: PYTHON === undefined, // no Python with numpy and pandas here
    async fn() {
      const port = openPreprocessing();
      const fitted = await port.fit(spec, toAsync(training));

      const ours = port.open(fitted).encode(rows);

      deepEqual(await encodeInPython(fitted, rows), plain(ours));
    },
  });
}

async function encodeInPython(
  fitted: FittedPreprocessing,
  rows: readonly Row[],
): Promise<unknown> {
  const found = await inPython(PYTHON!, SCRIPT, jsonFiles(fitted, rows, {}));
  return rounded(found as Parameters<typeof rounded>[0]);
}

function jsonFiles(
  fitted: FittedPreprocessing,
  rows: readonly Row[],
  signature: object,
): Record<string, Uint8Array> {
  const contents = { "signature.json": signature, "preprocessing.json": fitted, "rows.json": rows };
  return Object.fromEntries(
    Object.entries(contents).map(([name, content]) => [
      name,
      new TextEncoder().encode(JSON.stringify(content)),
    ]),
  );
}

/** What a script prints as JSON about a folder of these files. */
async function inPython(
  python: string,
  script: string,
  files: Readonly<Record<string, Uint8Array>>,
): Promise<unknown> {
  const folder = await Deno.makeTempDir({ prefix: "hanok model 한옥 " });
  for (const [name, content] of Object.entries(files)) {
    await Deno.writeFile(`${folder}/${name}`, content);
  }
  const { code, stdout, stderr } = await new Deno.Command(python, {
    args: ["-B", "-c", script, folder],
  }).output();
  await Deno.remove(folder, { recursive: true });
  equal(code, 0, new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}

function plain(tensors: Readonly<Record<string, Tensor>>): unknown {
  return rounded(Object.fromEntries(
    Object.entries(tensors).map(([name, { type, shape, data }]) => [
      name,
      { type, shape, data: Array.from<number | bigint, number>(data, Number) },
    ]),
  ));
}

/** Logarithms of two languages may differ in the last digit of a float32. */
function rounded(tensors: Record<string, { type: string; shape: unknown; data: number[] }>) {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, { type, shape, data }]) => [
      name,
      { type, shape, data: data.map((value) => Number(value.toPrecision(6))) },
    ]),
  );
}

async function* toAsync(rows: readonly Row[]): AsyncIterable<Row> {
  await Promise.resolve();
  yield* rows;
}

/** Python that has onnxruntime, too. */
const PREDICTS = await firstPython(["/usr/bin/python3", "python3"], "numpy, pandas, onnxruntime");

Deno.test({
  name: `hanok_model.py predicts where weights are in a file beside the model${
    PREDICTS === undefined ? " (skipped: no Python with onnxruntime)" : ""
  }`,
  ignore: PREDICTS === undefined,
  async fn() {
    await using engine = await openEngine("cpu", { threads: 1 });
    const port = openPreprocessing();
    const { spec, training, rows } = cases[0]!;
    const fitted = await port.fit(spec, toAsync(training));
    const { onnx, externalData } = await engine.buildFiles({ kind: "mlp", hidden: [200] }, {
      ...{ features: fitted.width, classes: 2, seed: 1, fileBytes: 2000 },
    });
    await using trained = await engine.openTraining(onnx, {
      ...{ externalData, loss: { kind: "cross-entropy" } },
      optimizer: { kind: "sgd", learningRate: 0.1 },
    });
    const files = await trained.exportFiles({ fileBytes: 2000 });
    await using session = await engine.openInference(files.onnx, files.externalData);
    const ours = (await session.run(port.open(fitted).encode(rows))).probabilities!;

    const found = await inPython(PREDICTS!, PREDICT, {
      ...{ "model.onnx": files.onnx, ...files.externalData },
      ...jsonFiles(fitted, rows, { labels: fitted.label.labels }),
    });

    equal(Object.keys(files.externalData).length, 1);
    deepEqual(
      (found as number[]).map((share) => share.toFixed(5)),
      Array.from(ours.data as Float32Array, (share) => share.toFixed(5)),
    );
  },
});

async function firstPython(
  names: readonly string[],
  packages = "numpy, pandas",
): Promise<string | undefined> {
  for (const name of names) {
    try {
      const { code } = await new Deno.Command(name, {
        args: ["-c", `import ${packages}`],
        stdout: "null",
        stderr: "null",
      }).output();
      if (code === 0) return name;
    } catch {
      // Not installed.
    }
  }
  return undefined;
}
