import { deepEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import { insertRows } from "../store/mod.ts";
import { openTemporaryStore } from "../store/temporary_store.ts";
import { registerVersions } from "./_register_versions.ts";
import { moveAlias } from "./alias.ts";
import { countChanges, hadOtherChampion, versionHistory } from "./version_history.ts";

const act = { user: "lee", why: "a test", at: 50_000 };

Deno.test("versionHistory() tells the newest first, with the version whose state changed", async () => {
  await using store = await openTemporaryStore();
  await registerVersions(store, "m", { count: 2 });
  await moveAlias(store, { name: "m", version: 1 }, "champion", act);

  const history = await versionHistory(store, "m", { limit: 3 });

  deepEqual(history.map(({ alias, version, from, to }) => [alias, version, from, to]), [
    [null, 2, "approved", "archived"],
    [null, 1, "archived", "approved"],
    ["champion", null, 2, 1],
  ]);
  ok(history.every(({ user, why, at }) => user === "lee" && why === "a test" && at === 50_000));
});

Deno.test("versionHistory() of one version has its states and the moves to and from it", async () => {
  await using store = await openTemporaryStore();
  await registerVersions(store, "m", { count: 3 });

  const history = await versionHistory(store, "m", { version: 2 });

  deepEqual(
    history.map(({ alias, version, from, to }) => [alias ?? version, from, to]),
    [
      [2, "approved", "archived"],
      ["candidate", 2, 3],
      ["champion", 2, 3],
      [2, null, "registered"],
      [2, "registered", "approved"],
      ["candidate", 1, 2],
      ["champion", 1, 2],
    ],
  );
});

Deno.test("versionHistory() page by page is the whole of it, whatever the times are", async () => {
  await using store = await openTemporaryStore();
  const time = fc.integer({ min: 0, max: 5 });
  await fc.assert(
    fc.asyncProperty(
      fc.array(time, { maxLength: 12 }),
      fc.array(time, { maxLength: 12 }),
      fc.integer({ min: 1, max: 7 }),
      async (moves, states, limit) => {
        await store.write(async (transaction) => {
          await transaction.execute("DELETE FROM alias_moves");
          await transaction.execute("DELETE FROM state_changes");
          const told = (at: number) => ({ name: "m", at, user_id: "lee", why: "" });
          await insertRows(
            transaction,
            "alias_moves",
            moves.map((at, to_version) => (
              { ...told(at), alias: "x", from_version: null, to_version, is_rollback: false }
            )),
          );
          await insertRows(
            transaction,
            "state_changes",
            states.map((at, version) => (
              { ...told(at), version, from_state: null, to_state: "registered" }
            )),
          );
        });
        const whole = await versionHistory(store, "m");
        const paged = [];
        for (let offset = 0; offset < whole.length; offset += limit) {
          paged.push(...await versionHistory(store, "m", { limit, offset }));
        }

        deepEqual(paged, whole);
        equal(whole.length, moves.length + states.length);
        equal(await countChanges(store, "m"), whole.length);
        deepEqual(whole.map(({ at }) => at), whole.map(({ at }) => at).toSorted((a, b) => b - a));
      },
    ),
    { seed: 6, numRuns: 40 },
  );
});

Deno.test("hadOtherChampion() knows whether there is one to go back to", async () => {
  await using store = await openTemporaryStore();
  await registerVersions(store, "m", { count: 1 });
  equal(await hadOtherChampion(store, "m"), false);

  await registerVersions(store, "m", { count: 2 });
  equal(await hadOtherChampion(store, "m"), true);
});
