import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { openTemporaryStore } from "../store/temporary_store.ts";
import { registerVersions } from "./_register_versions.ts";
import { moveAlias, reject } from "./alias.ts";
import {
  findSpeakers,
  getVersion,
  listOutstanding,
  listVersions,
  listVersionsOfRun,
} from "./find_version.ts";

const act = { user: "lee", why: "a test", at: 50_000 };
const numbers = (versions: readonly { readonly version: number }[]): number[] =>
  versions.map(({ version }) => version);

Deno.test("listVersions() gives the newest first, a part of them at a time", async () => {
  await using store = await openTemporaryStore();
  await registerVersions(store, "m", { count: 5 });

  deepEqual(numbers(await listVersions(store, "m")), [5, 4, 3, 2, 1]);
  deepEqual(numbers(await listVersions(store, "m", { limit: 2, offset: 2 })), [3, 2]);
  deepEqual(await listVersions(store, "m", { limit: 2, offset: 5 }), []);
});

Deno.test("listVersionsOfRun() finds what a run registered, whichever models they are of", async () => {
  await using store = await openTemporaryStore();
  await registerVersions(store, "a", { count: 2, runId: "a".repeat(32) });
  await registerVersions(store, "b", { count: 1, runId: "a".repeat(32) });
  await registerVersions(store, "c", { count: 1, runId: "c".repeat(32) });

  const found = await listVersionsOfRun(store, "a".repeat(32));

  deepEqual(found.map(({ name, version }) => `${name}/${version}`), ["a/2", "a/1", "b/1"]);
  deepEqual(await listVersionsOfRun(store, "d".repeat(32)), []);
});

Deno.test("findSpeakers() takes the champion, else the newest version that was not deleted", async () => {
  await using store = await openTemporaryStore();
  await registerVersions(store, "old champion", { count: 3 });
  await moveAlias(store, { name: "old champion", version: 1 }, "champion", act);
  await registerVersions(store, "none", { count: 3 });
  await store.write(async (transaction) => {
    await transaction.execute("DELETE FROM model_aliases WHERE name = 'none'");
    await transaction.execute(
      "UPDATE model_versions SET stage = 'Deleted_Internal' WHERE name = 'none' AND version = 3",
    );
  });

  const speakers = await findSpeakers(store, ["old champion", "none", "not there"]);

  deepEqual([...speakers].map(([name, { version }]) => [name, version]).sort(), [
    ["none", 2],
    ["old champion", 1],
  ]);
});

Deno.test("listOutstanding() has the newest, those with an alias, and those asked for", async () => {
  await using store = await openTemporaryStore();
  await registerVersions(store, "m", { count: 9 });
  await moveAlias(store, { name: "m", version: 2 }, "shadow", act);

  const found = await listOutstanding(store, "m", { newest: 2, also: [4, 4, 77] });

  deepEqual(numbers(found), [9, 8, 4, 2]);
});

Deno.test("getVersion() reads names, aliases and numbers, and names few of many versions", async () => {
  await using store = await openTemporaryStore();
  await registerVersions(store, "m", { count: 12 });
  await moveAlias(store, { name: "m", version: 3 }, "shadow", act);

  equal((await getVersion(store, "m")).version, 12);
  equal((await getVersion(store, "m@shadow")).version, 3);
  equal((await getVersion(store, "m/7")).version, 7);
  await rejects(() => getVersion(store, "m/13"), (error: Error & { why: string }) => {
    equal(error.why, "it has 12 versions, the newest are 12, 11, 10, 9, 8, 7, 6, 5, 4, 3");
    return true;
  });
  await rejects(() => getVersion(store, "m@shadw"), (error: Error & { why: string }) => {
    match(error.why, /its aliases are .*shadow.*did you mean "shadow"/);
    return true;
  });
  await rejects(() => getVersion(store, "n/1"), { code: "registry/unknown-model" });
});

Deno.test("getVersion() of few versions names them all", async () => {
  await using store = await openTemporaryStore();
  await registerVersions(store, "m", { count: 2 });
  await reject(store, { name: "m", version: 1 }, act);

  await rejects(() => getVersion(store, { name: "m", version: 3 }), {
    code: "registry/unknown-version",
    why: "its versions are 2, 1",
  });
});
