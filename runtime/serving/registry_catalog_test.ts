import { deepEqual } from "node:assert/strict";
import { createModel, createVersion, setAlias } from "../mlflow/mod.ts";
import { registerVersions } from "../registry/_register_versions.ts";
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

Deno.test("openCatalog() tells the newest versions, and whether there is one", async () => {
  await using store = await openTemporaryStore();
  await registerVersions(store, "m", { count: 5 });
  const catalog = openCatalog(store);

  deepEqual(await catalog.listVersions("m", { limit: 2 }), [5, 4]);
  deepEqual(await catalog.listVersions("n", { limit: 2 }), []);
  deepEqual(
    await Promise.all([1, 5, 6].map((version) => catalog.hasVersion("m", version))),
    [true, true, false],
  );
});
