import { deepEqual, equal } from "node:assert/strict";
import { openTemporaryStore } from "../store/temporary_store.ts";
import { registerVersions } from "./_register_versions.ts";
import { deleteAlias } from "./alias.ts";
import { countModels, findModel, listModels } from "./registered_model.ts";

Deno.test("listModels() orders by name or last change, a part at a time, and by alias", async () => {
  await using store = await openTemporaryStore();
  for (const [name, count] of [["c", 3], ["a", 1], ["b", 2]] as const) {
    await registerVersions(store, name, { count });
  }
  await deleteAlias(store, "c", "champion", { user: "lee", why: "a test", at: 2500 });
  const names = async (query: Parameters<typeof listModels>[1]) =>
    (await listModels(store, query)).map(({ name }) => name).join("");

  equal(await names({}), "abc");
  equal(await names({ limit: 1, offset: 1 }), "b");
  // c changed at 3000 and then at 2500; the registry keeps the last one told.
  equal(await names({ order: "changed last" }), "cba");
  equal(await names({ order: "changed last", limit: 2, offset: 1 }), "ba");
  equal(await names({ alias: "champion", order: "changed last", limit: 1 }), "b");
  equal(await countModels(store), 3);
});

Deno.test("findModel() counts versions and finds the newest", async () => {
  await using store = await openTemporaryStore();
  await registerVersions(store, "m", { count: 3 });

  const model = (await findModel(store, "m"))!;

  deepEqual([model.versions, model.latestVersion], [3, 3]);
  deepEqual(model.aliases, { candidate: 3, champion: 3 });
  equal(await findModel(store, "n"), undefined);
});
