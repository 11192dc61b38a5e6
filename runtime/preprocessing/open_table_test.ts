import { deepEqual, equal, match, ok, throws } from "node:assert/strict";
import fc from "fast-check";
import type { FittedPreprocessing, Tensor } from "../../pipeline/mod.ts";
import { ExplainedError } from "../../pipeline/mod.ts";
import { BadRowsError, openPreprocessing } from "./mod.ts";

const { open } = openPreprocessing();

const fitted: FittedPreprocessing = {
  version: 1,
  features: [
    {
      column: "age",
      as: "number",
      shift: 40,
      divisor: 10,
      fill: 40,
      indicator: true,
      range: [20, 60],
      integer: true,
    },
    {
      column: "income",
      as: "number",
      shift: 0,
      divisor: 1e-30,
      fill: null,
      indicator: false,
      range: [0, 0],
      integer: true,
    },
    {
      column: "plan",
      as: "category",
      type: "string",
      categories: ["basic", "pro", ""],
      fill: "",
      unknown: "ignore",
    },
    {
      column: "active",
      as: "category",
      type: "boolean",
      categories: ["false", "true"],
      fill: null,
      unknown: "error",
    },
  ],
  width: 8,
  label: { column: "churned", labels: ["no", "yes"] },
};

function refusal(body: () => unknown): ExplainedError {
  try {
    body();
  } catch (error) {
    if (error instanceof ExplainedError) return error;
    throw error;
  }
  throw new Error("Nothing was refused");
}

Deno.test("encode() lays the features side by side", () => {
  const { features } = open(fitted).encode([
    { age: 55, income: 0, plan: "pro", active: true, extra: "ignored" },
    { age: null, income: 0, plan: null, active: false },
    { income: 0, plan: "never seen", active: false },
  ]);

  deepEqual(features!.shape, [3, 8]);
  deepEqual([...features!.data], [
    ...[1.5, 0, 0, 0, 1, 0, 0, 1],
    ...[0, 1, 0, 0, 0, 1, 1, 0],
    ...[0, 1, 0, 0, 0, 0, 1, 0],
  ]);
});

Deno.test("encode() keeps a value far outside the training range finite", () => {
  const { features } = open(fitted).encode([
    { age: 1, income: 1e30, plan: "pro", active: true },
  ]);

  ok([...features!.data].every((x) => Number.isFinite(Number(x))));
});

Deno.test("encode() of no rows is an empty tensor", () => {
  deepEqual(open(fitted).encode([]).features!.shape, [0, 8]);
});

Deno.test("encode() names every refused value, counted from the first row's position", () => {
  const error = refusal(() =>
    open(fitted).encode([
      { age: "55", incom: 3, plan: "pro", active: true },
      { age: NaN, income: 1e39, plan: 7, active: "true" },
      { age: 1, income: [1], plan: "x".repeat(1000), active: null },
    ], { firstRow: 100 })
  );

  ok(error instanceof BadRowsError);
  deepEqual(error.problems, [
    { row: 100, column: "age", expected: "a number", found: '"55"' },
    {
      row: 100,
      column: "income",
      expected: "a number",
      found: 'no such column (did you mean "incom"?)',
    },
    { row: 101, column: "age", expected: "a number", found: "NaN" },
    {
      row: 101,
      column: "income",
      expected: "a number between -3.4e38 and 3.4e38",
      found: "1e+39",
    },
    { row: 101, column: "plan", expected: "a text", found: "7" },
    { row: 101, column: "active", expected: "true or false", found: '"true"' },
    { row: 102, column: "income", expected: "a number", found: "a list" },
    { row: 102, column: "active", expected: "true or false", found: "nothing" },
  ]);
  equal(error.code, "preprocessing/bad-rows");
});

Deno.test("encode() names the known categories when an unknown one is refused", () => {
  const features = fitted.features.map((feature) =>
    feature.column === "plan" ? { ...feature, unknown: "error" } as const : feature
  );

  const error = refusal(() =>
    open({ ...fitted, features }).encode([{ age: 1, income: 0, plan: "Pro", active: true }])
  );

  match(error.why, /expected one of "basic", "pro", "", found "Pro"/);
});

Deno.test("encodeLabels() gives class ids in the order of the labels", () => {
  const { type, shape, data } = open(fitted).encodeLabels([
    { churned: "yes" },
    { churned: "no" },
    { churned: "yes" },
  ]);

  deepEqual([type, shape, [...data]], ["int32", [3], [1, 0, 1]]);
});

Deno.test("encodeLabels() names every label never seen in training, once", () => {
  const error = refusal(() =>
    open(fitted).encodeLabels([
      { churned: "yes" },
      { churned: "yess" },
      { churned: null },
      { churned: "yess" },
      { churned: "maybe" },
    ])
  );

  equal(error.code, "preprocessing/unknown-label");
  match(error.why, /holds "yess" \(did you mean "yes"\?\) in 2 rows, first in row 2/);
  match(error.why, /holds nothing in row 3/);
  match(error.why, /holds "maybe" in row 5/);
  match(error.why, /training saw "no", "yes"$/);
});

Deno.test("open() takes what went through JSON, and names what is damaged", () => {
  const copy = JSON.parse(JSON.stringify(fitted)) as FittedPreprocessing;
  const [age, ...rest] = copy.features;
  const damaged: readonly [unknown, RegExp][] = [
    [null, /not an object/],
    [{ ...copy, version: 2 }, /version is 2/],
    [{ ...copy, width: 9 }, /width is 9, and its features write 8 numbers/],
    [{ ...copy, features: [{ ...age, divisor: 0 }, ...rest] }, /features\.0/],
    [{ ...copy, features: [...rest, { as: "image" }], label: {} }, /2 problems/],
  ];

  deepEqual(open(copy).fitted, fitted);
  for (const [value, why] of damaged) {
    throws(() => open(value as FittedPreprocessing), why);
  }
});

const numbersAlone: FittedPreprocessing = {
  ...fitted,
  features: [0, 1].map((i) => ({
    column: `x${i}`,
    as: "number" as const,
    shift: i - 0.5,
    divisor: 10 ** (3 * i - 2),
    fill: null,
    indicator: false,
    range: [0, 1] as const,
    integer: false,
  })),
  width: 2,
};

for (
  const [title, preprocessing, names] of [
    ["features of all kinds", fitted, ["plan", "active", "age", "income"]],
    ["numbers alone", numbersAlone, ["x1", "x0"]],
  ] as const
) {
  Deno.test(`openLists() and openRow() give what encode() gives, or nothing where that refuses: ${title}`, () => {
    const preprocessor = open(preprocessing);
    const encodeLists = preprocessor.openLists!(names);
    const writeRow = preprocessor.openRow!(names);
    const { width } = preprocessing;
    const into = new Float32Array(width);
    equal(writeRow([], new Float32Array(width + 1)), false);
    const cell = fc.oneof(
      fc.double(),
      fc.constantFrom(0, -0, 1e300, null, "pro", "", true, false, undefined),
    );
    const row = fc.oneof(
      fc.array(cell, { minLength: names.length, maxLength: names.length }),
      fc.array(fc.double({ noNaN: true, min: -1e3, max: 1e3 }), {
        minLength: names.length,
        maxLength: names.length,
      }),
      fc.tuple(fc.constantFrom("pro", null), fc.boolean(), fc.integer(), fc.integer()),
    );

    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 4 }), (rows) => {
        const lists = rows.map((each) => each.slice(0, names.length) as readonly unknown[]);
        const named = lists.map((list) =>
          Object.fromEntries(names.map((name, place) => [name, list[place]]))
        );
        let expected: Record<string, Tensor> | undefined;
        try {
          expected = preprocessor.encode(named);
        } catch {
          expected = undefined;
        }

        deepEqual(encodeLists(lists), expected);
        const written = lists.map((list) => writeRow(list, into) ? [...into] : undefined);
        equal(written.includes(undefined), expected === undefined);
        if (expected !== undefined) {
          deepEqual(Float32Array.from(written.flatMap((row) => row!)), expected.features!.data);
        }
      }),
      { seed: 11, numRuns: 500 },
    );
  });
}
