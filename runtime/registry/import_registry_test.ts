import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { join } from "node:path";
import { recordArtifacts, type Store } from "../store/mod.ts";
import { openTemporaryStore, putArtifact } from "../store/temporary_store.ts";
import { moveAlias, rollback } from "./alias.ts";
import { exportRegistry, type RegistryDocument } from "./export_registry.ts";
import { listVersions } from "./find_version.ts";
import { importModel } from "./import_model.ts";
import { importRegistry } from "./import_registry.ts";
import { registerVersion } from "./model_registry.ts";
import { listModels } from "./registered_model.ts";
import { versionHistory } from "./version_history.ts";

const act = { user: "lee", why: "a test", at: 5000 };

async function fill(store: Store): Promise<void> {
  for (const [at, name] of ["m", "m", "손글씨"].entries()) {
    const artifact = await putArtifact(store, `model ${at}`, "model");
    await recordArtifacts(store, [artifact]);
    await registerVersion(store, {
      name,
      modelArtifact: artifact.hash,
      runId: null,
      metrics: { accuracy: at === 0 ? NaN : 0.9 },
      tags: { n: String(at) },
      promote: "auto",
      idempotencyKey: String(at),
      user: "kim",
      at,
    });
  }
  await moveAlias(store, { name: "m", version: 1 }, "shadow", act);
  await rollback(store, "m", act);
}

async function picture(store: Store): Promise<unknown> {
  const models = await listModels(store);
  return await Promise.all(
    models.map(async (model) => [
      model,
      await listVersions(store, model.name),
      await versionHistory(store, model.name),
    ]),
  );
}

Deno.test("importRegistry() builds the registry again out of its JSON", async () => {
  await using from = await openTemporaryStore();
  await using to = await openTemporaryStore();
  await fill(from);
  const json = JSON.stringify(await exportRegistry(from));

  const result = await importRegistry(to, JSON.parse(json), { blobs: from.folder });

  deepEqual(result, { models: 2, versions: 3, withoutBytes: [] });
  deepEqual(await picture(to), await picture(from));
  equal(JSON.stringify(await exportRegistry(to)), json);
  await rejects(() => rollback(to, "m", act), { code: "registry/no-earlier-champion" });
});

Deno.test("importRegistry() says which versions came without their bytes", async () => {
  await using from = await openTemporaryStore();
  await using to = await openTemporaryStore();
  await fill(from);

  const { withoutBytes } = await importRegistry(to, await exportRegistry(from));

  deepEqual(withoutBytes.toSorted(), ["m/1", "m/2", "손글씨/1"]);
});

Deno.test("importRegistry() refuses models that are there, and adds nothing then", async () => {
  await using from = await openTemporaryStore();
  await using to = await openTemporaryStore();
  await fill(from);
  const document = await exportRegistry(from);
  await importRegistry(to, document);
  const before = await picture(to);

  await rejects(() => importRegistry(to, document), (error: Error & { code: string }) => {
    equal(error.code, "registry/model-exists");
    match(error.message, /"m"[^]*"손글씨"/);
    return true;
  });
  deepEqual(await picture(to), before);
});

const broken: [string, (document: RegistryDocument) => unknown, RegExp][] = [
  ["no document", () => null, /format is undefined/],
  ["another format", (document) => ({ ...document, format: "x" }), /format is "x"/],
  ["no list", (document) => ({ ...document, model_aliases: {} }), /model_aliases is no list/],
  [
    "wrong types, all named",
    (document) => ({
      ...document,
      model_versions: [{ ...document.model_versions[0], version: "1", colour: 1, state: null }],
    }),
    /unknown key "colour"[^]*version must be integer[^]*state must be text/,
  ],
  [
    "a forged file",
    ({ artifact_files: [file, ...files], ...document }) => (
      { ...document, artifact_files: [{ ...file, blob_hash: "0".repeat(64) }, ...files] }
    ),
    /not the hash of its files/,
  ],
  [
    "an alias of no version",
    (document) => ({ ...document, model_aliases: [{ name: "m", alias: "x", version: 99 }] }),
    /contradict/,
  ],
  [
    "a version twice",
    (document) => (
      { ...document, model_versions: [...document.model_versions, document.model_versions[0]] }
    ),
    /contradict/,
  ],
];
for (const [title, breakIt, message] of broken) {
  Deno.test(`importRegistry() refuses ${title}`, async () => {
    await using from = await openTemporaryStore();
    await using to = await openTemporaryStore();
    await fill(from);

    const document = breakIt(await exportRegistry(from));

    await rejects(() => importRegistry(to, document), { code: "registry/bad-document", message });
    deepEqual(await listModels(to), []);
  });
}

Deno.test("importModel() makes a candidate out of a folder, once", async () => {
  await using store = await openTemporaryStore();
  const folder = await Deno.makeTempDir({ prefix: "모델 " });
  await Deno.mkdir(join(folder, "data"));
  const files = ["model.onnx", "signature.json", "data/weights.bin"];
  for (const path of files) await Deno.writeTextFile(join(folder, path), path);

  const one = await importModel(store, folder, "imported", { user: "kim", at: 7 });
  const again = await importModel(store, folder, "imported", { user: "kim", at: 8 });

  deepEqual([one.version, one.state, one.aliases, one.isNew], [
    1,
    "registered",
    ["candidate"],
    true,
  ]);
  deepEqual([again.version, again.isNew], [1, false]);
  const { artifact_files } = await exportRegistry(store);
  deepEqual(artifact_files.map(({ path }) => path).toSorted(), files.toSorted());
  await Deno.remove(folder, { recursive: true });
});

Deno.test("importModel() names every file that is missing", async () => {
  await using store = await openTemporaryStore();
  const folder = await Deno.makeTempDir();

  await rejects(() => importModel(store, folder, "x", { user: "kim", at: 7 }), {
    code: "registry/not-a-model",
    message: /model\.onnx[^]*signature\.json/,
  });
  await Deno.remove(folder);
  await rejects(() => importModel(store, folder, "x", { user: "kim", at: 7 }), {
    code: "registry/not-a-model",
    message: /no such folder/,
  });
});
