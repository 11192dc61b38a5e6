import { equal } from "node:assert/strict";
import type { Cell, ColumnType } from "../../pipeline/mod.ts";
import { isMissing, kindOf, typeOfKinds, valueOf } from "./cell_kind.ts";

function typeOf(fields: readonly (string | number | boolean)[], isTyped = false): ColumnType {
  return typeOfKinds(fields.reduce<number>((kinds, field) => kinds | kindOf(field, isTyped), 0));
}

const inferred: readonly { fields: readonly (string | number | boolean)[]; type: ColumnType }[] = [
  { fields: ["1", "0", "-3", " 42 "], type: "integer" },
  { fields: ["1", "2.5"], type: "number" },
  { fields: [".5", "1.", "-1e-3", "2E8"], type: "number" },
  { fields: ["true", "False", "TRUE"], type: "boolean" },
  { fields: ["yes", "no"], type: "string" },
  { fields: ["true", "1"], type: "string" },
  { fields: ["007", "100"], type: "string" },
  { fields: ["+82", "10"], type: "string" },
  { fields: ["9007199254740993"], type: "string" },
  { fields: ["9007199254740993", "0.5"], type: "number" },
  { fields: ["9007199254740991"], type: "integer" },
  { fields: ["1e999"], type: "string" },
  { fields: ["NaN"], type: "string" },
  { fields: ["0x10"], type: "string" },
  { fields: ["1,5"], type: "string" },
  { fields: ["-"], type: "string" },
  { fields: ["2024-01-01"], type: "string" },
  { fields: [], type: "string" },
];

for (const { fields, type } of inferred) {
  Deno.test(`typeOfKinds() takes ${JSON.stringify(fields)} for ${type}`, () => {
    equal(typeOf(fields), type);
  });
}

Deno.test("kindOf() believes the types of a typed source", () => {
  equal(typeOf(["1", "2"], true), "string");
  equal(typeOf([1, 2], true), "integer");
  equal(typeOf([1, 2.5], true), "number");
  equal(typeOf([true], true), "boolean");
  equal(typeOf([1, "a"], true), "string");
});

const read: readonly { field: string; type: ColumnType; value: Cell | undefined }[] = [
  { field: "3.0", type: "integer", value: 3 },
  { field: "+3", type: "integer", value: 3 },
  { field: "3.5", type: "integer", value: undefined },
  { field: "9007199254740993", type: "integer", value: undefined },
  { field: "9007199254740993", type: "number", value: 9007199254740992 },
  { field: "abc", type: "number", value: undefined },
  { field: "Infinity", type: "number", value: undefined },
  { field: "1e999", type: "number", value: undefined },
  { field: "0x10", type: "number", value: undefined },
  { field: "Yes", type: "boolean", value: true },
  { field: "0", type: "boolean", value: false },
  { field: "FALSE", type: "boolean", value: false },
  { field: "2", type: "boolean", value: undefined },
  { field: "007", type: "string", value: "007" },
];

for (const { field, type, value } of read) {
  Deno.test(`valueOf() reads "${field}" as ${type}: ${value}`, () => {
    equal(valueOf(field, type), value);
  });
}

Deno.test("isMissing() knows empty fields, tokens, and quoted empty fields outside of texts", () => {
  const tokens = new Set(["NA"]);

  equal(isMissing(null, "string", tokens), true);
  equal(isMissing(undefined, "integer", tokens), true);
  equal(isMissing("NA", "string", tokens), true);
  equal(isMissing("", "string", tokens), false);
  equal(isMissing("", "number", tokens), true);
  equal(isMissing(0, "number", tokens), false);
  equal(isMissing(false, "boolean", tokens), false);
});
