import { deepEqual, equal, ok } from "node:assert/strict";
import { listOperations } from "./api_operations.ts";
import { openApiDocument } from "./openapi_routes.ts";

Deno.test("listOperations() tells every operation of the server's own document", () => {
  const inputs = [{ name: "a", type: "number", nullable: false }] as const;
  const tensors = { inputs: [], outputs: [] };
  const signature = { task: "classification", inputs, labels: ["x"], tensors } as const;
  const operations = listOperations(openApiDocument([{ name: "iris", signature }]));

  const iris = operations.find(({ path }) => path === "/models/iris/predict")!;
  deepEqual([iris.method, iris.fields], ["post", ["a"]]);
  ok(operations.every(({ summary }) => summary !== ""));
  equal(operations.filter(({ path }) => path === "/api/models/{name}/aliases/{alias}").length, 2);
  const model = operations.find(({ path }) => path === "/api/models/{name}")!;
  deepEqual(model.queries.map(({ name }) => name), ["limit", "offset", "history_offset"]);
});
