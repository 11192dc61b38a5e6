import { deepEqual } from "node:assert/strict";
import { openTemporaryStore } from "../store/temporary_store.ts";
import {
  createExperiment,
  deleteExperimentTag,
  readExperiments,
  setExperimentTag,
} from "./experiment_admin.ts";

Deno.test("setExperimentTag() and deleteExperimentTag() leave the last update as it was", async () => {
  await using store = await openTemporaryStore();
  const id = await createExperiment(store, { name: "tagged", artifactRoot: "s3://b", tags: [] });
  await store.write((transaction) =>
    transaction.execute("UPDATE experiments SET last_update_time = 7")
  );

  await setExperimentTag(store, String(id), { key: "a", value: "1" });
  await setExperimentTag(store, String(id), { key: "b", value: "2" });
  await deleteExperimentTag(store, String(id), "a");

  const [found] = await readExperiments(store, [id]);
  deepEqual([found?.lastUpdateTime, found?.tags], [7, [{ key: "b", value: "2" }]]);
});
