import { deepEqual, equal, ok } from "node:assert/strict";
import { moveAlias } from "../../runtime/registry/mod.ts";
import { openStore } from "../../runtime/store/mod.ts";
import { openTestStore, post } from "./_served_store.ts";
import { startServer } from "./start_server.ts";

const FLOWER = { sepal_length: 5.1, sepal_width: 3.5, petal_length: 1.4, petal_width: 0.2 };

Deno.test("startServer() swaps a model a hundred times under load, and no request fails", async () => {
  await using store = await openTestStore();
  await store.cli("run", "iris");
  await store.cli("run", "iris", "--set", "seed=2");
  await using registry = await openStore({ folder: store.folder });
  await using server = await startServer({ port: 0, storeFolder: store.folder, pollMs: 1 });
  const predict = `${server.url}models/iris/predict`;
  const statuses = new Map<number, number>();
  const served = new Set<number>();
  let asking = true;
  const caller = async () => {
    while (asking) {
      const { status, json } = await post(predict, FLOWER);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      served.add(json.version);
    }
  };
  const callers = [caller(), caller(), caller()];

  for (let swap = 0; swap < 100; swap++) {
    const version = swap % 2 + 1;
    const act = { user: "mina", why: "a test", at: Date.now() };
    await moveAlias(registry, { name: "iris", version }, "champion", act);
    while ((await post(predict, FLOWER)).json.version !== version);
  }
  asking = false;
  await Promise.all(callers);

  deepEqual([...statuses.keys()], [200]);
  ok(statuses.get(200)! > 200);
  equal(served.size, 2);
});
