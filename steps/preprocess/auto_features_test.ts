import { deepEqual, equal, match } from "node:assert/strict";
import type { Column, ExplainedError } from "../../pipeline/mod.ts";
import { autoFeatures } from "./auto_features.ts";
import { preprocessParams } from "./preprocess_params.ts";

const columns: readonly Column[] = [
  { name: "age", type: "integer", nullable: false },
  { name: "income", type: "number", nullable: true },
  { name: "plan", type: "string", nullable: false },
  { name: "region", type: "string", nullable: true },
  { name: "active", type: "boolean", nullable: false },
  { name: "churned", type: "string", nullable: false },
];

Deno.test("autoFeatures() scales numbers, makes categories of the rest, and minds missing values", () => {
  deepEqual(autoFeatures(columns, { label: "churned", columns: {} }), [
    { column: "age", as: "number", scale: "standard", missing: "error", indicator: false },
    { column: "income", as: "number", scale: "standard", missing: "mean", indicator: true },
    { column: "plan", as: "category", missing: "error", unknown: "ignore" },
    { column: "region", as: "category", missing: "category", unknown: "ignore" },
    { column: "active", as: "category", missing: "error", unknown: "ignore" },
  ]);
});

Deno.test("autoFeatures() follows the rules of single columns", () => {
  const features = autoFeatures(columns, {
    label: "churned",
    columns: {
      age: { as: "category" },
      income: { scale: "minmax", missing: { value: 0 }, indicator: false },
      plan: "ignore",
      region: { as: "category", missing: "most-frequent", unknown: "error" },
      active: "ignore",
    },
  });

  deepEqual(features, [
    { column: "age", as: "category", missing: "error", unknown: "ignore" },
    { column: "income", as: "number", scale: "minmax", missing: { value: 0 }, indicator: false },
    { column: "region", as: "category", missing: "most-frequent", unknown: "error" },
  ]);
});

Deno.test("autoFeatures() scales every number in one way, single columns in another", () => {
  const features = autoFeatures(columns.slice(0, 2), {
    label: "age",
    scale: "minmax",
    columns: { income: { missing: "median" } },
  });
  const exception = autoFeatures(columns.slice(0, 2), {
    label: "age",
    scale: "minmax",
    columns: { income: { scale: "none" } },
  });

  deepEqual(features, [
    { column: "income", as: "number", scale: "minmax", missing: "median", indicator: true },
  ]);
  deepEqual(exception.map((feature) => feature.as === "number" && feature.scale), ["none"]);
});

Deno.test("autoFeatures() names every column that the data does not have", () => {
  let error: ExplainedError | undefined;
  try {
    autoFeatures(columns, { label: "chuned", columns: { incme: "ignore", zzz: "ignore" } });
  } catch (thrown) {
    error = thrown as ExplainedError;
  }

  equal(error?.code, "preprocess/unknown-column");
  match(error!.why, /3 problems/);
  match(error!.why, /"chuned" \(did you mean "churned"\?\)/);
  match(error!.why, /"incme" \(did you mean "income"\?\)/);
});

const params: readonly [string, unknown, boolean][] = [
  ["the label alone", { label: "y" }, true],
  ["a rule", { label: "y", columns: { a: { scale: "minmax" }, b: "ignore" } }, true],
  ["a list", { label: "y", features: [{ column: "a", as: "number" }] }, true],
  ["no label", {}, false],
  ["an unknown key", { label: "y", feature: "auto" }, false],
  ["a scale", { label: "y", scale: "minmax" }, true],
  [
    "a scale beside a list",
    { label: "y", scale: "minmax", features: [{ column: "a", as: "number" }] },
    false,
  ],
  ["an unknown scale", { label: "y", columns: { a: { scale: "log" } } }, false],
  [
    "rules beside a list",
    { label: "y", features: [{ column: "a", as: "number" }], columns: { a: "ignore" } },
    false,
  ],
];
for (const [title, given, accepted] of params) {
  Deno.test(`preprocessParams ${accepted ? "takes" : "refuses"} ${title}`, () => {
    equal(preprocessParams.safeParse(given).success, accepted);
  });
}
