import { deepEqual } from "node:assert/strict";
import { createModel, createVersion, setAlias } from "../mlflow/mod.ts";
import { registerVersion } from "../registry/mod.ts";
import { recordArtifacts } from "../store/mod.ts";
import { openTemporaryStore, putArtifact } from "../store/temporary_store.ts";
import { openCatalog } from "./registry_catalog.ts";

Deno.test("openCatalog() offers what can be loaded, and not what a client registered elsewhere", async () => {
  await using store = await openTemporaryStore();
  const model = await putArtifact(store, "weights", "model");
  await recordArtifacts(store, [model]);
  await registerVersion(store, {
    name: "here",
    modelArtifact: model.hash,
    runId: null,
    metrics: {},
    promote: "auto",
    idempotencyKey: "once",
    user: "mina",
    at: 1,
  });
  await createModel(store, { name: "elsewhere", description: "", tags: [] });
  const version = await createVersion(store, {
    name: "elsewhere",
    source: "s3://bucket/model",
    runId: "",
    runLink: "",
    description: "",
    tags: [],
    modelId: "",
  });
  await setAlias(store, { name: "elsewhere", version }, "champion");

  const catalog = openCatalog(store);

  deepEqual(await catalog.listModels(), ["here"]);
  deepEqual(
    (await catalog.listAliases()).map(({ name, alias, version }) => [name, alias, version]).sort(),
    [["here", "candidate", 1], ["here", "champion", 1]],
  );
});
