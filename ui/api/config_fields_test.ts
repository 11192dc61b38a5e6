import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import { parseOverride } from "../../runtime/config/override.ts";
import { changeOf, type ConfigField, readConfigFields } from "./config_fields.ts";

Deno.test("readConfigFields() reads the single values of a file with their remarks", async () => {
  const fields = await readConfigFields(`# a config
seed: 20 # of the split
dataset:
  path: "한글.csv"
  columns: [a, 3]
gate: { strict: false }
nothing:
"odd key": 1e3
`);

  deepEqual(fields, [
    { key: "seed", kind: "number", text: "20", hint: "of the split" },
    { key: "dataset.path", kind: "text", text: "한글.csv", hint: "" },
    { key: "dataset.columns", kind: "other", text: '["a",3]', hint: "" },
    { key: "gate.strict", kind: "boolean", text: "false", hint: "" },
    { key: "nothing", kind: "other", text: "", hint: "" },
    { key: "odd key", kind: "number", text: "1000", hint: "" },
  ]);
  deepEqual(await readConfigFields("a: [1"), []);
  deepEqual(await readConfigFields(""), []);
  deepEqual(await readConfigFields("- 1"), []);
});

Deno.test("changeOf() says nothing of a field that stands as it did", () => {
  const field: ConfigField = { key: "a.b", kind: "number", text: "3", hint: "" };

  equal(changeOf(field, " 3 "), undefined);
  equal(changeOf(field, "4"), "a.b=4");
  equal(changeOf({ ...field, kind: "text" }, "3"), undefined);
  equal(changeOf({ ...field, kind: "other", text: "[1]" }, "[1, 2]"), "a.b=[1, 2]");
  equal(changeOf({ ...field, kind: "boolean", text: "true" }, "false"), "a.b=false");
  equal(changeOf({ ...field, kind: "other", text: "[1]" }, ""), "a.b=null");
});

Deno.test("changeOf() keeps every text a text", () => {
  const field: ConfigField = { key: "a", kind: "text", text: "", hint: "" };
  fc.assert(
    fc.property(fc.string({ minLength: 1, unit: "binary" }), (given) => {
      const change = changeOf(field, given)!;
      deepEqual(parseOverride(change), { path: ["a"], value: given, text: change });
    }),
    { seed: 20, numRuns: 300 },
  );
});
