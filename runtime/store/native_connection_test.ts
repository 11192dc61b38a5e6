import { deepEqual, equal, rejects } from "node:assert/strict";
import { insertRows, selectRow } from "./rows.ts";
import { beginRun, openTemporaryStore } from "./temporary_store.ts";

Deno.test("write() keeps numbers as they are, in statements that stay prepared", async () => {
  await using store = await openTemporaryStore();
  const { runId } = await beginRun(store);
  const values = Array.from({ length: 137 }, (_, i) => Math.sqrt(i) / 7e-9);
  const rows = values.map((value, step) => (
    { run_id: runId, key: "m", value, timestamp: 1_700_000_000_000, step, is_nan: false }
  ));

  await store.write((transaction) => insertRows(transaction, "metrics", rows));

  const found = await store.cells("SELECT value, timestamp, is_nan FROM metrics ORDER BY step");
  deepEqual(found, values.map((value) => [value, 1_700_000_000_000, 0]));
});

Deno.test("write() takes everything back when a statement fails, and goes on afterwards", async () => {
  await using store = await openTemporaryStore();
  const insert = "INSERT INTO experiments (name, artifact_location, creation_time, " +
    "last_update_time) VALUES (?, '', 1, 1) RETURNING experiment_id AS id";

  const failing = store.write(async (transaction) => {
    await transaction.execute({ sql: insert, args: ["twice"] });
    await transaction.execute({ sql: insert, args: ["twice"] });
  });
  await rejects(failing, { code: "SQLITE_CONSTRAINT" });
  const made = await store.write((transaction) =>
    selectRow<{ id: number }>(transaction, insert, ["once"])
  );

  equal(typeof made?.id, "number");
  deepEqual(await store.cells("SELECT name FROM experiments ORDER BY name"), [["Default"], [
    "once",
  ]]);
});

for (const value of [NaN, Infinity, undefined]) {
  Deno.test(`write() refuses ${value}, which no column can hold`, async () => {
    await using store = await openTemporaryStore();

    await rejects(() =>
      store.write((transaction) =>
        transaction.execute({ sql: "SELECT ?", args: [value as number] })
      )
    );
  });
}

Deno.test("cells() sees what was written just before", async () => {
  await using store = await openTemporaryStore();
  for (let count = 1; count <= 3; count++) {
    await beginRun(store);

    deepEqual(await store.cells("SELECT count(*) FROM runs"), [[count]]);
  }
});
