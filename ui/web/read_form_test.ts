import { deepEqual } from "node:assert/strict";
import type { ModelSignature } from "../../pipeline/mod.ts";
import { readForm } from "./read_form.ts";

const signature: ModelSignature = {
  task: "classification",
  inputs: [
    { name: "width (cm)", type: "number", nullable: false },
    { name: "count", type: "integer", nullable: true },
    { name: "plan", type: "string", nullable: true, categories: ["a", "b"] },
    { name: "active", type: "boolean", nullable: false },
  ],
  labels: ["x"],
  tensors: { inputs: [], outputs: [] },
};

for (
  const { title, form, row } of [
    {
      title: "typed values",
      form: { "f.width (cm)": "2.5", "f.count": "3", "f.plan": "b", "f.active": "false" },
      row: { "width (cm)": 2.5, count: 3, plan: "b", active: false },
    },
    {
      title: "empty fields as missing",
      form: { "f.width (cm)": " ", "f.count": "", "f.plan": "", "f.active": "true" },
      row: { "width (cm)": null, count: null, plan: null, active: true },
    },
    {
      title: "absent fields as missing",
      form: {},
      row: { "width (cm)": null, count: null, plan: null, active: null },
    },
    {
      title: "what is no number as text, to be refused with its name",
      form: { "f.width (cm)": "wide", "f.count": "1e999", "f.active": "yes" },
      row: { "width (cm)": "wide", count: "1e999", plan: null, active: "yes" },
    },
  ]
) {
  Deno.test(`readForm() reads ${title}`, () => {
    deepEqual(readForm(signature, new URLSearchParams(form as Record<string, string>)), row);
  });
}

Deno.test("readForm() reads the lines of a text as files have them", () => {
  const signature = {
    task: "classification",
    inputs: [{ name: "document", type: "string", nullable: false }],
    labels: ["a", "b"],
    tensors: { inputs: [], outputs: [] },
  } as const;
  const form = new URLSearchParams({ "f.document": "좋다\r\n정말" });

  deepEqual(readForm(signature, form), { document: "좋다\n정말" });
});
