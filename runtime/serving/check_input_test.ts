import { deepEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import { ROW, SIGNATURE } from "./_fake_models.ts";
import { checkInput } from "./check_input.ts";

const LIST = [2.5, 3, "pro", true];

for (
  const { title, body, single, rows = 1 } of [
    { title: "one object", body: ROW, single: true },
    { title: "rows by name", body: { rows: [ROW, ROW] }, single: false, rows: 2 },
    { title: "rows in order", body: { rows: [LIST] }, single: false },
    { title: "rows of both forms", body: { rows: [LIST, ROW] }, single: false, rows: 2 },
    { title: "instances", body: { instances: [LIST] }, single: false },
    { title: "inputs", body: { inputs: [ROW] }, single: false },
    { title: "inputs with one object", body: { inputs: ROW }, single: true },
    { title: "one row in order", body: LIST, single: true },
    { title: "a bare list", body: [ROW, LIST], single: false, rows: 2 },
  ]
) {
  Deno.test(`checkInput() takes ${title}`, () => {
    const checked = checkInput(SIGNATURE, body);

    ok(checked.ok);
    equal(checked.single, single);
    equal(checked.rows.length, rows);
    for (const row of checked.rows) deepEqual({ ...row }, ROW);
  });
}

Deno.test("checkInput() reads a nullable feature that is left out as missing", () => {
  const checked = checkInput(SIGNATURE, { length: 1, plan: "basic" });

  ok(checked.ok);
  deepEqual({ ...checked.rows[0] }, { length: 1, count: null, plan: "basic", active: null });
});

for (
  const { title, body, problems } of [
    {
      title: "a missing feature",
      body: { ...ROW, plan: undefined, length: null },
      problems: ['"length" is null, and must be a number', '"plan" is null, and must be a text'],
    },
    {
      title: "a name that is wrong by a letter",
      body: { rows: [{ lenght: 1, plan: "pro" }] },
      problems: [
        'row 1: "lenght" is not an input of the model (did you mean "length"?)',
        'row 1: "length" is missing',
      ],
    },
    {
      title: "wrong types in several rows",
      body: { rows: [["2.5", 1.5, 7, "yes"], ROW, [true, 1, "pro", 1]] },
      problems: [
        'row 1: "length" is the text "2.5", and must be a number',
        'row 1: "count" is 1.5, and must be a whole number',
        'row 1: "plan" is 7, and must be a text',
        'row 1: "active" is the text "yes", and must be true or false',
        'row 3: "length" is true, and must be a number',
        'row 3: "active" is 1, and must be true or false',
      ],
    },
    {
      title: "too few values",
      body: { rows: [[1, 2]] },
      problems: ["row 1: has 2 values, and the model takes 4"],
    },
    {
      title: "numbers where rows must be",
      body: { rows: LIST.slice(0, 1) },
      problems: [
        "row 1: is 2.5, and must be an object { feature: value } or a list of 4 values",
      ],
    },
    {
      title: "nested values",
      body: { ...ROW, length: [1], plan: { a: 1 } },
      problems: [
        '"length" is a list, and must be a number',
        '"plan" is an object, and must be a text',
      ],
    },
    {
      title: "an empty list",
      body: { rows: [] },
      problems: ["the list of rows is empty, and must hold at least one row"],
    },
    {
      title: "a text",
      body: "hello",
      problems: [
        'the body is the text "hello", and must be an object like { "rows": [{ "length": … }] }',
      ],
    },
    {
      title: "nothing",
      body: null,
      problems: ['the body is null, and must be an object like { "rows": [{ "length": … }] }'],
    },
    {
      title: "something beside the rows",
      body: { rows: [ROW], threshold: 0.5 },
      problems: ['"threshold" stands beside "rows", and only "rows" may stand there'],
    },
    {
      title: "names that objects have by nature",
      body: JSON.parse('{"__proto__": 1, "constructor": 2, "length": 1, "plan": "pro"}'),
      problems: [
        '"__proto__" is not an input of the model',
        '"constructor" is not an input of the model',
      ],
    },
  ]
) {
  Deno.test(`checkInput() refuses ${title}`, () => {
    const checked = checkInput(SIGNATURE, body);

    ok(!checked.ok);
    deepEqual(checked.problems, problems);
    equal(checked.total, problems.length);
  });
}

Deno.test("checkInput() counts all problems of a long list and keeps the first", () => {
  const checked = checkInput(SIGNATURE, { rows: Array.from({ length: 500 }, () => [1]) });

  ok(!checked.ok);
  equal(checked.total, 500);
  equal(checked.problems.length, 50);
});

Deno.test("checkInput() lets through only rows that fit, whatever it is given", () => {
  fc.assert(
    fc.property(fc.anything(), (body) => {
      const checked = checkInput(SIGNATURE, body);

      if (!checked.ok) return ok(checked.problems.length > 0);
      for (const row of checked.rows) {
        ok(Number.isFinite(row.length));
        ok(row.count === null || Number.isInteger(row.count));
        equal(typeof row.plan, "string");
        ok(row.active === null || typeof row.active === "boolean");
      }
    }),
    { seed: 7 },
  );
});

const REVIEW = {
  ...SIGNATURE,
  inputs: [{ name: "document", type: "string", nullable: false } as const],
};

for (
  const { title, body, single, texts } of [
    { title: "a bare text", body: "좋다", single: true, texts: ["좋다"] },
    { title: "a list of texts", body: ["a", "b"], single: false, texts: ["a", "b"] },
    { title: "rows that are texts", body: { rows: ["a"] }, single: false, texts: ["a"] },
    { title: "rows by name", body: { document: "a" }, single: true, texts: ["a"] },
  ]
) {
  Deno.test(`checkInput() takes ${title} for a model of texts`, () => {
    const checked = checkInput(REVIEW, body);

    ok(checked.ok);
    equal(checked.single, single);
    deepEqual(checked.rows.map(({ document }) => document), texts);
  });
}

Deno.test("checkInput() takes no bare text for a model of something else", () => {
  const checked = checkInput(SIGNATURE, ["pro"]);

  ok(!checked.ok);
  equal(checkInput(SIGNATURE, "pro").ok, false);
});
