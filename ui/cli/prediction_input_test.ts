import { deepEqual, equal, throws } from "node:assert/strict";
import type { ModelSignature } from "../../pipeline/mod.ts";
import { exampleOf, parseInputs, parseRowsText } from "./prediction_input.ts";

const signature: ModelSignature = {
  task: "classification",
  inputs: [
    { name: "fee", type: "number", nullable: true, range: [12.5, 90] },
    { name: "plan", type: "string", nullable: false, categories: ["basic", "premium"] },
    { name: "active", type: "boolean", nullable: false },
  ],
  labels: ["no", "yes"],
  tensors: { inputs: [], outputs: [] },
};

const inputs: readonly (readonly [words: readonly string[], rows: unknown])[] = [
  [["fee=64.9", "plan=basic", "active=true"], [{ fee: 64.9, plan: "basic", active: true }]],
  [["plan=12", "fee=", "active=maybe"], [{ plan: "12", fee: null, active: "maybe" }]],
  [["plan=a=b"], [{ plan: "a=b" }]],
  [["fee=abc"], [{ fee: "abc" }]],
  [['{"fee": 1}'], [{ fee: 1 }]],
  [['{"plan": "a=b"}'], [{ plan: "a=b" }]],
  [["[1, 2, 3]"], [[1, 2, 3]]],
  [["[[1], [2]]"], [[1], [2]]],
  [['[{"fee": 1}, {"fee": 2}]'], [{ fee: 1 }, { fee: 2 }]],
  [['{"rows": [{"fee": 1}]}'], [{ fee: 1 }]],
  [["[1]", "[2]"], [[1], [2]]],
];

for (const [words, rows] of inputs) {
  Deno.test(`parseInputs() of ${words.join(" ")}`, () => {
    deepEqual(parseInputs(words, signature), rows);
  });
}

Deno.test("parseInputs() names every word it cannot read, and writes an example", () => {
  throws(() => parseInputs(["fee=1", "{oops", "[1]"], signature), (error: Error) => {
    equal(error.message.includes("{oops"), true);
    equal(error.message.includes("fee=1"), true);
    equal(
      (error as Error & { fix: string }).fix,
      "Write one row as fee=12.5 plan=basic active=true",
    );
    return true;
  });
});

Deno.test("parseRowsText() reads JSON lines by the name of the file", () => {
  deepEqual(parseRowsText('{"fee":1}\n\n{"fee":2}\n', "rows.jsonl"), [{ fee: 1 }, { fee: 2 }]);
});

Deno.test("parseRowsText() says which input is not JSON", () => {
  throws(() => parseRowsText("fee,plan\n1,a\n", "rows.csv"), /rows\.csv is not JSON/);
});

Deno.test("exampleOf() does not write out many columns", () => {
  const many = Array.from({ length: 64 }, (_, i) => ({
    name: `p${i}`,
    type: "number" as const,
    nullable: false,
  }));
  equal(exampleOf({ ...signature, inputs: many }), "'[… 64 values …]'");
});

const review: ModelSignature = {
  ...signature,
  inputs: [{ name: "document", type: "string", nullable: false }],
};

const texts: readonly (readonly [words: readonly string[], rows: unknown])[] = [
  [["다시 보고 싶은 영화"], [{ document: "다시 보고 싶은 영화" }]],
  [["재미=1", "[스포] 별로", '"인용"'], [
    { document: "재미=1" },
    { document: "[스포] 별로" },
    { document: '"인용"' },
  ]],
  [["document=a=b"], [{ document: "a=b" }]],
  [['[{"document": "a"}, {"document": "b"}]'], [{ document: "a" }, { document: "b" }]],
];

for (const [words, rows] of texts) {
  Deno.test(`parseInputs() of ${words.join(" ")}, for a model of texts`, () => {
    deepEqual(parseInputs(words, review), rows);
  });
}

Deno.test("exampleOf() of a model of texts is a text", () => {
  equal(exampleOf(review, { document: "또 보고 싶다" }), "'또 보고 싶다'");
});
