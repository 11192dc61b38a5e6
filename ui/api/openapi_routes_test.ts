import { deepEqual, equal, ok } from "node:assert/strict";
import { openApiDocument, rowSchema } from "./openapi_routes.ts";

const signature = {
  task: "classification",
  inputs: [
    { name: "size", type: "number", nullable: false, range: [1, 9] },
    { name: "plan", type: "string", nullable: true, categories: ["a", "b"] },
  ],
  labels: ["x"],
  tensors: { inputs: [], outputs: [] },
} as const;

Deno.test("rowSchema() demands what may not be missing, and refuses other names", () => {
  deepEqual(rowSchema(signature), {
    type: "object",
    additionalProperties: false,
    required: ["size"],
    properties: {
      size: { type: "number", description: "1 to 9 in training" },
      plan: { type: ["string", "null"], description: "a, b" },
    },
  });
});

Deno.test("openApiDocument() has a path for every champion, and every reference leads somewhere", () => {
  const document = openApiDocument([{ name: "team/크기", signature }]);

  const paths = document.paths as Record<string, unknown>;
  ok(`/models/${encodeURIComponent("team/크기")}/predict` in paths);
  const components = document.components as { schemas: Record<string, unknown> };
  const references = JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g);
  for (const [, name] of references) ok(name! in components.schemas);
  equal(document.openapi, "3.1.0");
});
