import { deepEqual, equal } from "node:assert/strict";
import { recordArtifacts, type Store } from "../store/mod.ts";
import { openTemporaryStore, putArtifact } from "../store/temporary_store.ts";
import { listVersions, versionHistory } from "./find_version.ts";
import { moveAlias } from "./alias.ts";
import { registerVersion } from "./model_registry.ts";
import { listShownVersions, pageHistory, pageVersions, versionsOfRun } from "./page_versions.ts";

const ALL = { limit: 100, offset: 0 };

/** Seven versions of one model and one of another, each by a run of its own; version 3 is champion at the end. */
async function openRegistry(): Promise<Store> {
  const store = await openTemporaryStore();
  const names = [...Array.from({ length: 7 }, () => "digits"), "iris"];
  for (const [index, name] of names.entries()) {
    const artifact = await putArtifact(store, `model ${index}`, "model");
    await recordArtifacts(store, [artifact]);
    await registerVersion(store, {
      name,
      modelArtifact: artifact.hash,
      runId: String(index).repeat(32),
      metrics: {},
      promote: name === "iris" ? "approve" : "auto",
      idempotencyKey: String(index),
      user: "kim",
      at: 1000 + index,
    });
  }
  const act = { user: "lee", why: "it was better", at: 2000 };
  await moveAlias(store, { name: "digits", version: 3 }, "champion", act);
  return store;
}

Deno.test("pageVersions() cuts the versions into parts, and leaves none out", async () => {
  await using store = await openRegistry();

  const parts = await Promise.all(
    [0, 3, 6, 9].map((offset) => pageVersions(store, "digits", { limit: 3, offset })),
  );

  deepEqual(parts.map((part) => part.map(({ version }) => version)), [
    [7, 6, 5],
    [4, 3, 2],
    [1],
    [],
  ]);
  deepEqual(parts.flat(), await listVersions(store, "digits"));
});

Deno.test("listShownVersions() takes the champion of each model, else the newest", async () => {
  await using store = await openRegistry();

  const shown = await listShownVersions(store);

  deepEqual(shown.map(({ name, version }) => [name, version]), [["digits", 3], ["iris", 1]]);
  deepEqual(await listShownVersions(store, "iris"), shown.slice(1));
  deepEqual(await listShownVersions(store, "rose"), []);
});

Deno.test("versionsOfRun() finds what a run registered", async () => {
  await using store = await openRegistry();

  deepEqual(
    (await versionsOfRun(store, "7".repeat(32))).map(({ name, version }) => [name, version]),
    [["iris", 1]],
  );
  deepEqual(await versionsOfRun(store, "9".repeat(32)), []);
});

Deno.test("pageHistory() tells the newest first, and of which version", async () => {
  await using store = await openRegistry();
  const all = await pageHistory(store, "digits", ALL);

  deepEqual(all[0], {
    at: 2000,
    user: "lee",
    why: "it was better",
    alias: null,
    version: 7,
    from: "approved",
    to: "archived",
  });
  equal(all.length, (await versionHistory(store, "digits")).length);
  equal(all.every(({ alias, version }) => (alias === null) === (version !== null)), true);
  deepEqual(await pageHistory(store, "digits", { limit: 4, offset: 2 }), all.slice(2, 6));
});
