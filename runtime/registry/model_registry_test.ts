import { deepEqual, equal, rejects } from "node:assert/strict";
import { recordArtifacts, type Store } from "../store/mod.ts";
import { openTemporaryStore, putArtifact } from "../store/temporary_store.ts";
import { findChampion, getVersion, listVersions } from "./find_version.ts";
import { listModels } from "./registered_model.ts";
import { versionHistory } from "./version_history.ts";
import { moveAlias } from "./alias.ts";
import { type NewVersion, registerVersion, type Registration } from "./model_registry.ts";

async function register(
  store: Store,
  content: string,
  request: Partial<NewVersion> = {},
): Promise<Registration> {
  const artifact = await putArtifact(store, content, "model");
  await recordArtifacts(store, [artifact]);
  return await registerVersion(store, {
    name: "digits",
    modelArtifact: artifact.hash,
    runId: "a".repeat(32),
    metrics: { accuracy: 0.97 },
    promote: "auto",
    idempotencyKey: `key of ${content}`,
    user: "kim",
    at: 1000,
    ...request,
  });
}

Deno.test("registerVersion() makes version 1 candidate and champion under promote: auto", async () => {
  await using store = await openTemporaryStore();

  const { artifactHash, ...version } = await register(store, "one", {
    metrics: { accuracy: 0.97, auc: NaN },
    verdict: { passed: true, reasons: [] },
    tags: { license: "CC-BY" },
    description: "first",
  });

  deepEqual(version, {
    name: "digits",
    version: 1,
    state: "approved",
    stage: "Production",
    aliases: ["candidate", "champion"],
    tags: { license: "CC-BY" },
    description: "first",
    source: `mlflow-artifacts:/models/${artifactHash}`,
    runId: "a".repeat(32),
    runLink: null,
    metrics: { accuracy: 0.97, auc: NaN },
    verdict: { passed: true, reasons: [] },
    idempotencyKey: "key of one",
    userId: "kim",
    creationTime: 1000,
    lastUpdatedTime: 1000,
    isNew: true,
  });
  deepEqual(
    (await versionHistory(store, "digits", { version: 1 })).map((
      { alias, from, to, user },
    ) => [alias, from, to, user]),
    [
      [null, null, "registered", "kim"],
      [null, "registered", "approved", "kim"],
      ["candidate", null, 1, "kim"],
      ["champion", null, 1, "kim"],
    ],
  );
});

Deno.test("registerVersion() archives the champion that is replaced", async () => {
  await using store = await openTemporaryStore();
  await register(store, "one");

  await register(store, "two", { at: 2000 });

  const [two, one] = await listVersions(store, "digits");
  deepEqual([one?.state, one?.stage, one?.aliases], ["archived", "Archived", []]);
  deepEqual([two?.state, two?.stage, two?.aliases], ["approved", "Production", [
    "candidate",
    "champion",
  ]]);
  deepEqual(
    (await listModels(store)).map(({ name, aliases, versions, lastUpdatedTime }) => (
      { name, aliases, versions, lastUpdatedTime }
    )),
    [{
      name: "digits",
      aliases: { candidate: 2, champion: 2 },
      versions: 2,
      lastUpdatedTime: 2000,
    }],
  );
});

Deno.test("registerVersion() under promote: approve leaves the champion and waits", async () => {
  await using store = await openTemporaryStore();
  await register(store, "one");

  const two = await register(store, "two", { promote: "approve", alias: "shadow" });

  deepEqual([two.state, two.stage, two.aliases], ["registered", "Staging", [
    "candidate",
    "shadow",
  ]]);
  equal((await findChampion(store, "digits"))?.version, 1);
});

Deno.test("registerVersion() twice with one key is one version and moves nothing", async () => {
  await using store = await openTemporaryStore();
  const one = await register(store, "one");
  await register(store, "two");
  const history = await versionHistory(store, "digits");

  const again = await register(store, "one", { judgedAgainst: { version: null } });

  deepEqual([again.version, again.isNew, again.aliases], [one.version, false, []]);
  deepEqual(await versionHistory(store, "digits"), history);
});

Deno.test("registerVersion() of the champion's content gives the champion back", async () => {
  await using store = await openTemporaryStore();
  await register(store, "one");

  const again = await register(store, "one", { idempotencyKey: "another run" });

  deepEqual([again.version, again.isNew], [1, false]);
  equal((await listVersions(store, "digits")).length, 1);
});

for (const [judged, present] of [[null, 1], [7, 1]] as const) {
  Deno.test(`registerVersion() refuses a verdict against ${judged ?? "no champion"} when it is ${present}`, async () => {
    await using store = await openTemporaryStore();
    await register(store, "one");

    await rejects(() => register(store, "two", { judgedAgainst: { version: judged } }), {
      code: "registry/champion-moved",
    });

    equal((await listVersions(store, "digits")).length, 1);
    const two = await register(store, "two", { judgedAgainst: { version: 1 } });
    equal(two.version, 2);
  });
}

Deno.test("registerVersion() asked by many at once makes one version a key, one champion", async () => {
  await using store = await openTemporaryStore();

  await Promise.all(Array.from({ length: 12 }, (_, i) => register(store, `model ${i % 4}`)));

  const versions = await listVersions(store, "digits");
  deepEqual(versions.map(({ version }) => version), [4, 3, 2, 1]);
  equal(versions.filter(({ aliases }) => aliases.includes("champion")).length, 1);
});

Deno.test("registerVersion() refuses bad names and artifacts it does not know", async () => {
  await using store = await openTemporaryStore();

  for (const name of ["", " x", "a\nb"]) {
    await rejects(() => register(store, "one", { name }), { code: "registry/bad-name" });
  }
  await rejects(() => register(store, "one", { alias: "v3" }), { code: "registry/bad-alias" });
  await rejects(() => register(store, "one", { modelArtifact: "0".repeat(64) }), {
    code: "registry/unknown-artifact",
  });
  deepEqual(await listModels(store), []);
});

Deno.test("getVersion() reads name, name@alias and name/3, in names of all kinds", async (test) => {
  await using store = await openTemporaryStore();
  for (const name of ["digits", "team/digits", "a@b", "손글씨 숫자", "digits/2"]) {
    await register(store, `${name} 1`, { name });
    await register(store, `${name} 2`, { name, promote: "approve" });
  }
  await moveAlias(store, { name: "digits", version: 2 }, "그림자", { user: "kim", why: "", at: 1 });

  const cases: [string, string, number][] = [
    ["digits", "digits", 1],
    ["digits@champion", "digits", 1],
    ["digits@candidate", "digits", 2],
    ["digits@그림자", "digits", 2],
    ["digits/1", "digits", 1],
    ["digits/2", "digits/2", 1], // a whole name wins
    ["digits/2/2", "digits/2", 2],
    ["team/digits", "team/digits", 1],
    ["team/digits/2", "team/digits", 2],
    ["a@b", "a@b", 1],
    ["a@b@candidate", "a@b", 2],
    ["손글씨 숫자/2", "손글씨 숫자", 2],
  ];
  for (const [reference, name, version] of cases) {
    await test.step(reference, async () => {
      const found = await getVersion(store, reference);
      deepEqual([found.name, found.version], [name, version]);
    });
  }
  equal((await getVersion(store, { name: "digits", version: 2 })).name, "digits");
  const refused: [string, string, RegExp][] = [
    ["digit", "registry/unknown-model", /mean "digits"/],
    ["digits@champoin", "registry/unknown-alias", /mean "champion"/],
    ["digits/9", "registry/unknown-version", /versions are 2, 1/],
  ];
  for (const [reference, code, message] of refused) {
    await test.step(
      reference,
      () => rejects(() => getVersion(store, reference), { code, message }),
    );
  }
});
