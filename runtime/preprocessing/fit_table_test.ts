import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import fc from "fast-check";
import type { FittedPreprocessing, PreprocessingSpec, Row } from "../../pipeline/mod.ts";
import { ExplainedError } from "../../pipeline/mod.ts";
import { BadRowsError, openPreprocessing } from "./mod.ts";

const { fit, open } = openPreprocessing();

async function* each(rows: readonly Row[]): AsyncIterable<Row> {
  yield* rows;
}

function fitted(spec: PreprocessingSpec, rows: readonly Row[]): Promise<FittedPreprocessing> {
  return fit(spec, each(rows));
}

async function refusal(spec: PreprocessingSpec, rows: readonly Row[]): Promise<ExplainedError> {
  try {
    await fitted(spec, rows);
  } catch (error) {
    if (error instanceof ExplainedError) return error;
    throw error;
  }
  throw new Error("The rows were accepted");
}

const oracle = JSON.parse(
  await Deno.readTextFile(new URL("./testdata/table_oracle.json", import.meta.url)),
) as {
  spec: PreprocessingSpec;
  training: readonly Row[];
  test: readonly Row[];
  encoded: readonly (readonly number[])[];
};

Deno.test("fitTable() and encode() give the numbers of scikit-learn", async () => {
  const preprocessing = await fitted(oracle.spec, oracle.training);

  const { features } = open(preprocessing).encode(oracle.test);

  deepEqual(features!.shape, [oracle.encoded.length, oracle.encoded[0]!.length]);
  equal(preprocessing.width, oracle.encoded[0]!.length);
  oracle.encoded.flat().forEach((expected, i) => {
    const found = Number(features!.data[i]);
    // "balance" is 1e9 with a spread of 1: its mean in double precision is exact to 1e-7.
    ok(Math.abs(found - expected) < 1e-5, `number ${i}: ${found}, scikit-learn says ${expected}`);
  });
});

Deno.test("fitTable() sorts numeric labels and categories by size, texts by code unit", async () => {
  const { label, features } = await fitted(
    {
      label: "y",
      features: [
        { column: "n", as: "category" },
        { column: "t", as: "category" },
        { column: "b", as: "category" },
      ],
    },
    [
      { y: 10, n: 10, t: "나", b: true },
      { y: 9, n: 2, t: "가", b: false },
      { y: -1, n: 1, t: "b", b: true },
    ],
  );

  deepEqual(label.labels, ["-1", "9", "10"]);
  deepEqual(features.map((feature) => feature.as === "category" && feature.categories), [
    ["1", "2", "10"],
    ["b", "가", "나"],
    ["false", "true"],
  ]);
});

Deno.test("fitTable() keeps the range of a number and whether it was whole", async () => {
  const { features } = await fitted(
    {
      label: "y",
      features: [
        { column: "a", as: "number", scale: "none", missing: { value: 3 } },
        { column: "b", as: "number", scale: "minmax" },
      ],
    },
    [{ y: "u", a: 4, b: 0.5 }, { y: "v", a: null, b: 2.5 }, { y: "v", a: -2, b: 1 }],
  );

  deepEqual(features, [
    {
      column: "a",
      as: "number",
      shift: 0,
      divisor: 1,
      fill: 3,
      indicator: false,
      range: [-2, 4],
      integer: true,
    },
    {
      column: "b",
      as: "number",
      shift: 0.5,
      divisor: 2,
      fill: null,
      indicator: false,
      range: [0.5, 2.5],
      integer: false,
    },
  ]);
});

Deno.test("fitTable() names every refused value with row, column, expected and found", async () => {
  const error = await refusal(
    {
      label: "y",
      features: [
        { column: "a", as: "number" },
        { column: "c", as: "category" },
      ],
    },
    [
      { y: "u", a: 1, c: "x" },
      { y: null, a: "abc", c: 5 },
      { y: "v", a: null, c: null },
      { y: "v", a: Infinity, c: "x" },
    ],
  );

  ok(error instanceof BadRowsError);
  deepEqual(error.problems, [
    { row: 1, column: "a", expected: "a number", found: '"abc"' },
    { row: 1, column: "c", expected: "a text", found: "5" },
    { row: 1, column: "y", expected: "a label", found: "nothing" },
    { row: 2, column: "a", expected: "a number", found: "nothing" },
    { row: 2, column: "c", expected: "a text", found: "nothing" },
    { row: 3, column: "a", expected: "a number between -3.4e38 and 3.4e38", found: "Infinity" },
  ]);
  match(error.message, /row 2, column "a": expected a number, found "abc"/);
});

Deno.test("fitTable() names every missing column with the nearest one, and what contradicts itself", async () => {
  const missing = await refusal(
    {
      label: "speces",
      features: [{ column: "petal_lenght", as: "number" }, { column: "zz", as: "number" }],
    },
    [{ petal_length: 1, species: "a" }],
  );
  const twice = await refusal(
    {
      label: "y",
      features: [
        { column: "a", as: "number" },
        { column: "a", as: "category" },
        { column: "y", as: "category" },
      ],
    },
    [],
  );

  equal(missing.code, "preprocessing/bad-spec");
  match(missing.why, /no column "petal_lenght" \(did you mean "petal_length"\?\)/);
  match(missing.why, /no column "zz"\n/);
  match(missing.why, /no column "speces" \(did you mean "species"\?\)/);
  match(twice.why, /"a" is named twice/);
  match(twice.why, /"y" is the label/);
});

const nothing: readonly [string, readonly Row[], RegExp][] = [
  ["no rows", [], /has no rows/],
  ["one label", [{ y: "u", a: 1 }, { y: "u", a: 2 }], /every row has the label "u"/],
  ["an empty column", [{ y: "u", a: null }, { y: "v", a: null }], /"a" holds no value at all/],
];
for (const [title, rows, why] of nothing) {
  Deno.test(`fitTable() refuses ${title}`, async () => {
    const error = await refusal(
      { label: "y", features: [{ column: "a", as: "number", missing: "mean" }] },
      rows,
    );

    equal(error.code, "preprocessing/nothing-to-learn");
    match(error.why, why);
  });
}

Deno.test("fitTable() stops reading when a thousand values were refused", async () => {
  let read = 0;
  async function* endless(): AsyncIterable<Row> {
    while (true) yield { y: "u", a: `text ${read++}` };
  }

  await rejects(
    () => fit({ label: "y", features: [{ column: "a", as: "number" }] }, endless()),
    /1000 problems[^]*and 990 more/,
  );
  equal(read, 1000);
});

const cell = fc.oneof(
  { weight: 8, arbitrary: fc.double({ min: -1e6, max: 1e6, noNaN: true }) },
  fc.constant(null),
);
const spec: PreprocessingSpec = {
  label: "y",
  features: [
    { column: "a", as: "number", missing: "mean", indicator: true },
    { column: "b", as: "number", scale: "minmax", missing: "median" },
    { column: "c", as: "category", missing: "category" },
  ],
};
const table = fc.array(
  fc.record({
    y: fc.constantFrom("u", "v"),
    a: cell,
    b: cell,
    c: fc.option(fc.constantFrom("x", "y", "")),
  }),
  { minLength: 2, maxLength: 40 },
).filter((rows) =>
  new Set(rows.map(({ y }) => y)).size > 1 && rows.some(({ a }) => a !== null) &&
  rows.some(({ b }) => b !== null)
);

Deno.test("encode(fit) does not depend on the order of the rows, and is never NaN or infinite", async () => {
  await fc.assert(
    fc.asyncProperty(table, fc.integer(), async (rows, seed) => {
      const shuffled = [...rows].sort((p, q) =>
        Math.sin(seed + rows.indexOf(p)) - Math.sin(seed + rows.indexOf(q))
      );
      const inOrder = open(await fitted(spec, rows)).encode(rows).features!;
      const other = open(await fitted(spec, shuffled)).encode(rows).features!;

      inOrder.data.forEach((x, i) => {
        ok(Number.isFinite(Number(x)));
        ok(Math.abs(Number(x) - Number(other.data[i])) <= 1e-6 * Math.max(1, Math.abs(Number(x))));
      });
    }),
    { seed: 7, numRuns: 200 },
  );
});
