import { deepEqual, equal, ok } from "node:assert/strict";
import { driftRoutes } from "./drift_routes.ts";
import { factsRoutes } from "./facts_routes.ts";
import { liveRoutes } from "./live_routes.ts";
import { modelActionRoutes } from "./model_action_routes.ts";
import { predictRoutes } from "./predict_routes.ts";
import { pipelineRoutes } from "./pipeline_routes.ts";
import { rerunRoutes } from "./rerun_routes.ts";
import { stopRoutes } from "./stop_routes.ts";
import type { ModelCatalog } from "../../runtime/serving/mod.ts";
import type { ServerContext } from "./server_context.ts";
import { trafficRoutes } from "./traffic_routes.ts";
import { openApiDocument, readOpenApi, rowSchema } from "./openapi_routes.ts";

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

Deno.test("openApiDocument() describes every address that programs may ask", () => {
  // Only the addresses of the routes are looked at: nothing is asked of the server behind them.
  const context = {} as ServerContext;
  const routes = [
    factsRoutes,
    predictRoutes,
    modelActionRoutes,
    trafficRoutes,
    driftRoutes,
    rerunRoutes,
    stopRoutes,
    pipelineRoutes,
    liveRoutes,
  ].flatMap((make) => make(context).routes);
  // Forms of the pages are not for programs, and what is refused with 405 is no operation.
  const asked = routes.filter(({ method, path }) =>
    method !== "ALL" && !(path.startsWith("/runs/") && method === "POST")
  );

  const { paths } = openApiDocument([]) as { paths: Record<string, Record<string, unknown>> };
  const missing = asked
    .map(({ method, path }) => [method.toLowerCase(), path.replaceAll(/:(\w+)/g, "{$1}")] as const)
    .filter(([method, path]) => paths[path]?.[method] === undefined);

  ok(asked.length > 15);
  deepEqual(missing, []);
});

Deno.test("readOpenApi() reads the signature of a champion once, and that of the next one", async () => {
  let opened = 0;
  let champion = { name: "iris", alias: "champion", version: 1, files: "a" };
  const catalog = {
    listAliases: () => Promise.resolve([champion]),
    openFiles: (_name: string, version: number) => {
      opened++;
      const inputs = [{ name: `input ${version}`, type: "number", nullable: false }];
      return Promise.resolve({ readJson: () => Promise.resolve({ ...signature, inputs }) });
    },
  } as unknown as ModelCatalog;
  const inputs = async () => JSON.stringify(await readOpenApi(catalog)).match(/input \d/)?.[0];

  deepEqual([await inputs(), await inputs(), opened], ["input 1", "input 1", 1]);

  champion = { ...champion, version: 2, files: "b" };
  deepEqual([await inputs(), opened], ["input 2", 2]);
});
