import {
  clientAct,
  createModel,
  createVersion,
  deleteModel,
  deleteModelTag,
  deleteVersion,
  deleteVersionTag,
  describeModel,
  describeVersion,
  getModel,
  getVersionFacts,
  moveStage,
  readLatest,
  readModels,
  readStage,
  readVersions,
  renameModel,
  setAlias,
  setModelTag,
  setVersionTag,
} from "../../runtime/mlflow/mod.ts";
import { deleteAlias } from "../../runtime/registry/mod.ts";
import { invalid, MODELS, searchNamed, VERSIONS } from "../../runtime/search/mod.ts";
import type { ExplainedError } from "../../pipeline/mod.ts";
import { checkKey, checkLength, MOST } from "./check_names.ts";
import { limitOf, TAGS } from "./experiment_routes.ts";
import { bool, int64, list, required, text } from "./fields.ts";
import { endpoint, type Routes } from "./route.ts";
import { getSource, readSource, versionNumber } from "./version_source.ts";

const NAME = { name: required(text) };
const VERSION = { ...NAME, version: required(text) };
const SEARCH = {
  filter: text,
  max_results: int64,
  order_by: list(text),
  page_token: text,
};

const latestVersions = endpoint(
  { ...NAME, stages: list(text) },
  async ({ name, stages }, { store }) => {
    const wanted = stages.map(readStage);
    await getModel(store, name);
    const latest = (await readLatest(store, [name]))
      .filter(({ current_stage }) =>
        wanted.length === 0 || wanted.some((stage) => stage === current_stage)
      );
    return latest.length === 0 ? {} : { model_versions: latest };
  },
);

/** `registered-models/…` */
const modelRoutes: Routes = {
  "POST registered-models/create": endpoint(
    { ...NAME, tags: TAGS, description: text },
    async ({ name, tags, description = "" }, { store }) => {
      const checked = tags.map(({ key, value = "" }) => readTag(key, value));
      await createModel(store, { name, description, tags: checked });
      return { registered_model: await getModel(store, name) };
    },
  ),
  "GET registered-models/get": endpoint(
    NAME,
    async ({ name }, { store }) => ({ registered_model: await getModel(store, name) }),
  ),
  "GET registered-models/search": endpoint(SEARCH, async (asked, { store }) => {
    const { rows, token } = await searchNamed(store, MODELS, {
      filter: asked.filter ?? "",
      orderBy: asked.order_by,
      limit: limitOf(asked.max_results, { otherwise: 100, most: 1000 }),
      token: asked.page_token ?? "",
    });
    const models = await readModels(store, rows.map(([name]) => name as string));
    return {
      ...(models.length === 0 ? {} : { registered_models: models }),
      ...(token === undefined ? {} : { next_page_token: token }),
    };
  }),
  "PATCH registered-models/update": endpoint(
    { ...NAME, description: text },
    async ({ name, description = "" }, { store }) => {
      await describeModel(store, name, description);
      return { registered_model: await getModel(store, name) };
    },
  ),
  "POST registered-models/rename": endpoint(
    { ...NAME, new_name: required(text) },
    async ({ name, new_name: newName }, { store }) => {
      await renameModel(store, name, newName);
      return { registered_model: await getModel(store, newName) };
    },
  ),
  "DELETE registered-models/delete": endpoint(
    NAME,
    ({ name }, { store }) => deleteModel(store, name),
  ),
  "POST registered-models/get-latest-versions": latestVersions,
  "GET registered-models/get-latest-versions": latestVersions,
  "POST registered-models/set-tag": endpoint(
    { ...NAME, key: required(text), value: text },
    ({ name, key, value = "" }, { store }) => setModelTag(store, name, readTag(key, value)),
  ),
  "DELETE registered-models/delete-tag": endpoint(
    { ...NAME, key: required(text) },
    ({ name, key }, { store }) => deleteModelTag(store, name, key),
  ),
  "POST registered-models/alias": endpoint(
    { ...NAME, alias: required(text), version: required(text) },
    async ({ name, alias, version }, { store }) => {
      checkAlias(alias);
      await setAlias(store, { name, version: versionNumber(version) }, alias).catch(refusal);
    },
  ),
  "GET registered-models/alias": endpoint(
    { ...NAME, alias: required(text) },
    async ({ name, alias }, { store }) => {
      const [row] = await store.cells(
        "SELECT version FROM model_aliases WHERE name = ? AND alias = ?",
        [name, alias],
      );
      if (row === undefined) throw invalid(`Registered model alias ${alias} not found.`);
      return { model_version: await getVersionFacts(store, name, row[0] as number) };
    },
  ),
  "DELETE registered-models/alias": endpoint(
    { ...NAME, alias: required(text) },
    async ({ name, alias }, { store }) => {
      await getModel(store, name);
      await deleteAlias(store, name, alias, clientAct("deleted by an MLflow client"));
    },
  ),
};

/** `model-versions/…` */
const versionRoutes: Routes = {
  "POST model-versions/create": endpoint({
    ...NAME,
    source: required(text),
    run_id: text,
    tags: TAGS,
    run_link: text,
    description: text,
    model_id: text,
  }, async (asked, { store, artifactRoot }) => {
    const { name, source, run_id: runId = "" } = asked;
    const facts = await readSource(store, { source, runId, artifactRoot });
    const version = await createVersion(store, {
      name,
      source,
      runId,
      runLink: asked.run_link ?? "",
      description: asked.description ?? "",
      tags: asked.tags.map(({ key, value = "" }) => readTag(key, value)),
      modelId: asked.model_id ?? "",
      ...facts,
    });
    return { model_version: await getVersionFacts(store, name, version) };
  }),
  "GET model-versions/get": endpoint(VERSION, async ({ name, version }, { store }) => (
    { model_version: await getVersionFacts(store, name, versionNumber(version)) }
  )),
  "GET model-versions/search": endpoint(SEARCH, async (asked, { store }) => {
    const { rows, token } = await searchNamed(store, VERSIONS, {
      filter: asked.filter ?? "",
      orderBy: asked.order_by,
      limit: limitOf(asked.max_results, { otherwise: 200_000, most: 200_000 }),
      token: asked.page_token ?? "",
      scope: [{ sql: "x.stage != 'Deleted_Internal'", args: [] }],
    });
    const versions = await readVersions(store, rows);
    return {
      ...(versions.length === 0 ? {} : { model_versions: versions }),
      ...(token === undefined ? {} : { next_page_token: token }),
    };
  }),
  "PATCH model-versions/update": endpoint(
    { ...VERSION, description: text },
    async ({ name, version, description = "" }, { store }) => {
      const id = { name, version: versionNumber(version) };
      await describeVersion(store, id, description);
      return { model_version: await getVersionFacts(store, name, id.version) };
    },
  ),
  "POST model-versions/transition-stage": endpoint(
    {
      ...VERSION,
      stage: required(text),
      archive_existing_versions: bool,
    },
    async (
      { name, version, stage, archive_existing_versions: archiveOthers = false },
      { store },
    ) => {
      const id = { name, version: versionNumber(version) };
      await moveStage(store, id, readStage(stage), { archiveOthers });
      return { model_version: await getVersionFacts(store, name, id.version) };
    },
  ),
  "DELETE model-versions/delete": endpoint(
    VERSION,
    ({ name, version }, { store }) =>
      deleteVersion(store, { name, version: versionNumber(version) }),
  ),
  "GET model-versions/get-download-uri": endpoint(
    VERSION,
    async ({ name, version }, { store }) => ({
      artifact_uri: await getSource(store, name, version),
    }),
  ),
  "POST model-versions/set-tag": endpoint(
    { ...VERSION, key: required(text), value: text },
    ({ name, version, key, value = "" }, { store }) =>
      setVersionTag(store, { name, version: versionNumber(version) }, readTag(key, value)),
  ),
  "DELETE model-versions/delete-tag": endpoint(
    { ...VERSION, key: required(text) },
    ({ name, version, key }, { store }) =>
      deleteVersionTag(store, { name, version: versionNumber(version) }, key),
  ),
};

/** The registry: models, versions, aliases, stages. */
export const registryRoutes: Routes = { ...modelRoutes, ...versionRoutes };

function readTag(key: string, value: string): { readonly key: string; readonly value: string } {
  checkKey(key, "key");
  checkLength("key", MOST.key, key);
  checkLength("value", MOST.registryTagValue, value);
  return { key, value };
}

function checkAlias(alias: string): void {
  if (!/^[\p{L}\p{N}_-]*$/u.test(alias)) {
    throw invalid(
      `Invalid alias name: '${alias}'. Names may only contain alphanumerics, underscores (_), ` +
        "and dashes (-).",
    );
  }
  checkLength("alias", 255, alias);
  if (alias.toLowerCase() === "latest") {
    throw invalid("'latest' alias name (case insensitive) is reserved.");
  }
  if (/^v\d+$/i.test(alias)) throw invalid(`Version alias name '${alias}' is reserved.`);
}

/** What our registry refuses, in its own words. */
function refusal(error: unknown): never {
  const { code, what, why, fix } = error as Partial<ExplainedError>;
  if (typeof code !== "string" || !code.startsWith("registry/")) throw error;
  throw invalid(`${what}: ${why}. ${fix}`);
}
