import {
  createExperiment,
  deleteExperimentTag,
  type ExperimentFacts,
  experimentNumber,
  moveExperiment,
  readExperiments,
  renameExperiment,
  setExperimentTag,
} from "../../runtime/mlflow/mod.ts";
import { EXPERIMENTS, invalid, missing, searchNamed } from "../../runtime/search/mod.ts";
import { readSettings } from "../../runtime/settings.ts";
import { findExperiment } from "../../runtime/store/mod.ts";
import { readArtifactLocation } from "./artifact_location.ts";
import { checkKey, checkLength, MOST } from "./check_names.ts";
import { experimentId, int64, list, message, mismatch, oneOf, required, text } from "./fields.ts";
import { endpoint, PROXY, type Routes } from "./route.ts";

/** A list of tags. */
export const TAGS = list(message({ key: required(text), value: text }));

/** Which stages of life a search looks at. */
export const VIEW = oneOf({ ACTIVE_ONLY: 1, DELETED_ONLY: 2, ALL: 3 });

/** A view in the words of the store. */
export const STAGES = { ACTIVE_ONLY: "active", DELETED_ONLY: "deleted", ALL: "all" } as const;

const ID = { experiment_id: required(experimentId) };
const TAG = { ...ID, key: required(text) };

const search = endpoint({
  max_results: int64,
  filter: text,
  order_by: list(text),
  view_type: VIEW,
  page_token: text,
}, async (asked, { store }) => {
  const limit = asked.max_results ?? 0;
  if (limit < 1 || limit > 50_000) {
    throw invalid(
      limit < 1
        ? `Invalid value ${limit} for parameter 'max_results' supplied. It must be a positive integer`
        : `Invalid value ${limit} for parameter 'max_results' supplied. It must be at most 50000`,
    );
  }
  const stage = STAGES[asked.view_type ?? "ACTIVE_ONLY"];
  const { rows, token } = await searchNamed(store, EXPERIMENTS, {
    filter: asked.filter ?? "",
    orderBy: asked.order_by,
    limit,
    token: asked.page_token ?? "",
    scope: stage === "all" ? [] : [{ sql: "x.lifecycle_stage = ?", args: [stage] }],
  });
  const experiments = await readExperiments(store, rows.map(([id]) => id as number));
  return {
    ...(experiments.length === 0 ? {} : { experiments: experiments.map(wireExperiment) }),
    ...(token === undefined ? {} : { next_page_token: token }),
  };
});

/** `experiments/…` */
export const experimentRoutes: Routes = {
  "POST experiments/create": endpoint({
    name: required(text),
    artifact_location: text,
    tags: TAGS,
  }, async ({ name, artifact_location, tags }, { store, artifactRoot = PROXY }) => {
    checkLength("name", MOST.experimentName, name);
    for (const { key, value = "" } of tags) checkExperimentTag(key, value);
    const location = readArtifactLocation(artifact_location ?? "", readSettings().cwd);
    const id = await createExperiment(store, {
      name,
      artifactRoot,
      ...(location === undefined ? {} : { artifactLocation: location }),
      tags: tags.map(({ key, value = "" }) => ({ key, value })),
    });
    return { experiment_id: String(id) };
  }),
  "GET experiments/get": endpoint(ID, async ({ experiment_id }, { store }) => {
    const [found] = await readExperiments(store, [experimentNumber(experiment_id)]);
    if (found === undefined) throw missing(`No Experiment with id=${experiment_id} exists`);
    return { experiment: wireExperiment(found) };
  }),
  "GET experiments/get-by-name": endpoint(
    { experiment_name: required(text) },
    async ({ experiment_name: name }, { store }) => {
      const found = await findExperiment(store.client, name);
      if (found === undefined) throw missing(`Could not find experiment with name '${name}'`);
      const [experiment] = await readExperiments(store, [found.experimentId]);
      return { experiment: wireExperiment(experiment!) };
    },
  ),
  "POST experiments/search": search,
  "GET experiments/search": search,
  "POST experiments/update": endpoint(
    { ...ID, new_name: required(text) },
    async ({ experiment_id, new_name }, { store }) => {
      checkLength("name", MOST.experimentName, new_name);
      await renameExperiment(store, experiment_id, new_name);
    },
  ),
  "POST experiments/delete": endpoint(
    ID,
    ({ experiment_id }, { store }) => moveExperiment(store, experiment_id, "deleted"),
  ),
  "POST experiments/restore": endpoint(
    ID,
    ({ experiment_id }, { store }) => moveExperiment(store, experiment_id, "active"),
  ),
  "POST experiments/set-experiment-tag": endpoint(
    { ...TAG, value: text },
    async ({ experiment_id, key, value = "" }, { store }) => {
      checkExperimentTag(key, value);
      await setExperimentTag(store, experiment_id, { key, value });
    },
  ),
  "POST experiments/delete-experiment-tag": endpoint(
    TAG,
    ({ experiment_id, key }, { store }) => deleteExperimentTag(store, experiment_id, key),
  ),
  "POST experiments/search-datasets": endpoint(
    { experiment_ids: list(experimentId) },
    async ({ experiment_ids: ids }, { store }) => {
      if (ids.length === 0) {
        throw invalid("SearchDatasets request must specify at least one experiment_id.");
      }
      if (ids.length > 20) {
        throw invalid(
          "SearchDatasets request cannot specify more than 20 experiment_ids. " +
            `Received ${ids.length} experiment_ids.`,
        );
      }
      const rows = await store.cells(
        `SELECT DISTINCT d.experiment_id, d.name, d.digest,
           json_extract(i.tags, '$."mlflow.data.context"')
         FROM datasets d JOIN run_inputs i ON i.dataset_id = d.dataset_id
           JOIN runs r ON r.run_id = i.run_id AND r.lifecycle_stage = 'active'
         WHERE d.experiment_id IN (SELECT CAST(value AS INTEGER) FROM json_each(?))
         ORDER BY d.dataset_id LIMIT 1000`,
        [JSON.stringify(ids)],
      );
      const summaries = rows.map(([id, name, digest, context]) => (
        { experiment_id: String(id), name, digest, ...(context === null ? {} : { context }) }
      ));
      return summaries.length === 0 ? {} : { dataset_summaries: summaries };
    },
  ),
};

/** An experiment as the protocol writes it. */
function wireExperiment(facts: ExperimentFacts): object {
  return {
    experiment_id: String(facts.experimentId),
    name: facts.name,
    artifact_location: facts.artifactLocation,
    lifecycle_stage: facts.lifecycleStage,
    last_update_time: facts.lastUpdateTime,
    creation_time: facts.creationTime,
    ...(facts.tags.length === 0 ? {} : { tags: facts.tags }),
  };
}

function checkExperimentTag(key: string, value: string): void {
  checkKey(key, "key");
  checkLength("key", MOST.key, key);
  checkLength("value", MOST.experimentTagValue, value);
}

/** A limit in its range. @throws {MlflowError} */
export function limitOf(
  asked: number | undefined,
  { otherwise, most }: { readonly otherwise: number; readonly most: number },
): number {
  const limit = asked ?? otherwise;
  if (limit >= 1 && limit <= most) return limit;
  throw mismatch("max_results", limit);
}
