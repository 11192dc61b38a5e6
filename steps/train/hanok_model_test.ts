import { deepEqual, equal } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import type { FittedPreprocessing, PreprocessingSpec, Row, Tensor } from "../../pipeline/mod.ts";
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
  const folder = await Deno.makeTempDir({ prefix: "hanok model 한옥 " });
  const files = { "signature.json": {}, "preprocessing.json": fitted, "rows.json": rows };
  for (const [name, content] of Object.entries(files)) {
    await Deno.writeTextFile(`${folder}/${name}`, JSON.stringify(content));
  }
  const { code, stdout, stderr } = await new Deno.Command(PYTHON!, {
    args: ["-B", "-c", SCRIPT, folder],
  }).output();
  await Deno.remove(folder, { recursive: true });
  equal(code, 0, new TextDecoder().decode(stderr));
  return rounded(JSON.parse(new TextDecoder().decode(stdout)));
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

async function firstPython(names: readonly string[]): Promise<string | undefined> {
  for (const name of names) {
    try {
      const { code } = await new Deno.Command(name, {
        args: ["-c", "import numpy, pandas"],
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
