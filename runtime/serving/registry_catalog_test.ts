import { deepEqual } from "node:assert/strict";
import { createModel, createVersion, setAlias } from "../mlflow/mod.ts";
import { registerChampion } from "../registry/_register_champion.ts";
import { openTemporaryStore } from "../store/temporary_store.ts";
import { openCatalog } from "./registry_catalog.ts";

Deno.test("openCatalog() offers what can be loaded, and not what a client registered elsewhere", async () => {
  await using store = await openTemporaryStore();
  await registerChampion(store, "here", "weights");
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
