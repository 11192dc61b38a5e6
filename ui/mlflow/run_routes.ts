import {
  beginClientRun,
  changeRun,
  deleteRunTag,
  logBatch,
  logModelHistory,
  moveRun,
  readInfos,
  readRuns,
  unknownRun,
} from "../../runtime/mlflow/mod.ts";
import { invalid, invalidValue, searchRuns } from "../../runtime/search/mod.ts";
import type { MlflowStatus } from "../../runtime/store/mod.ts";
import { checkKey, checkLength, MOST, truncate } from "./check_names.ts";
import { limitOf, STAGES, TAGS, VIEW } from "./experiment_routes.ts";
import { experimentId, int64, list, named, oneOf, required, text } from "./fields.ts";
import { readInputs } from "./read_inputs.ts";
import { readLogBatch } from "./read_log_batch.ts";
import { endpoint, type MlflowContext, type Routes } from "./route.ts";

/** The id of a run, under both its names. */
export const RUN_ID = { run_id: named("run_uuid", required(text)) };

const STATUS = oneOf<MlflowStatus>({
  RUNNING: 1,
  SCHEDULED: 2,
  FINISHED: 3,
  FAILED: 4,
  KILLED: 5,
});

/** `runs/…`, apart from metrics. */
export const runRoutes: Routes = {
  "POST runs/create": endpoint({
    experiment_id: experimentId,
    user_id: text,
    start_time: int64,
    tags: TAGS,
    run_name: text,
  }, async (asked, { store }) => {
    const tags = asked.tags.map(({ key, value = "" }) => readTag(key, value, "key"));
    const run = await beginClientRun(store, {
      experimentId: asked.experiment_id || "0",
      user: asked.user_id ?? "",
      runName: asked.run_name ?? "",
      startTime: asked.start_time ?? Date.now(),
      tags,
    });
    return { run };
  }),
  "GET runs/get": endpoint(
    RUN_ID,
    async ({ run_id }, context) => ({ run: await getRun(run_id, context) }),
  ),
  "POST runs/update": endpoint({
    ...RUN_ID,
    status: STATUS,
    end_time: int64,
    run_name: text,
  }, async ({ run_id, status, end_time: endTime, run_name: runName }, { store }) => {
    await changeRun(store, run_id, { status, endTime, runName });
    const [info] = await readInfos(store, [run_id]);
    return { run_info: info };
  }),
  "POST runs/delete": endpoint(
    RUN_ID,
    ({ run_id }, { store }) => moveRun(store, run_id, "deleted"),
  ),
  "POST runs/restore": endpoint(
    RUN_ID,
    ({ run_id }, { store }) => moveRun(store, run_id, "active"),
  ),
  "POST runs/log-parameter": endpoint(
    { ...RUN_ID, key: required(text), value: text },
    async ({ run_id, key, value = "" }, { store }) => {
      checkKey(key, "key");
      checkLength("Param key", MOST.key, key);
      const params = [{ key, value: truncate(value, MOST.paramValue) }];
      await logBatch(store, run_id, { metrics: [], params, tags: [] });
    },
  ),
  "POST runs/log-batch": async ({ request }, { store }) => {
    const { runId, batch } = await readLogBatch(request);
    await logBatch(store, runId, batch);
    return {};
  },
  "POST runs/set-tag": endpoint(
    { ...RUN_ID, key: required(text), value: text },
    async ({ run_id, key, value = "" }, { store }) => {
      await logBatch(store, run_id, {
        metrics: [],
        params: [],
        tags: [readTag(key, value, "key")],
      });
    },
  ),
  "POST runs/delete-tag": endpoint(
    { ...RUN_ID, key: required(text) },
    ({ run_id, key }, { store }) => deleteRunTag(store, run_id, key),
  ),
  "POST runs/search": endpoint({
    experiment_ids: list(experimentId),
    filter: text,
    run_view_type: VIEW,
    max_results: int64,
    order_by: list(text),
    page_token: text,
  }, async (asked, { store }) => {
    const { runIds, token } = await searchRuns(store, {
      experimentIds: asked.experiment_ids.filter((id) => /^\d{1,15}$/.test(id)).map(Number),
      filter: asked.filter ?? "",
      orderBy: asked.order_by,
      view: STAGES[asked.run_view_type ?? "ACTIVE_ONLY"],
      limit: limitOf(asked.max_results, { otherwise: 1000, most: 50_000 }),
      token: asked.page_token ?? "",
    });
    const runs = await readRuns(store, runIds);
    return {
      ...(runs.length === 0 ? {} : { runs }),
      ...(token === undefined ? {} : { next_page_token: token }),
    };
  }),
  "POST runs/log-model": endpoint(
    { ...RUN_ID, model_json: required(text) },
    async ({ run_id, model_json: json }, { store }) => {
      await logModelHistory(store, run_id, readModel(json));
    },
  ),
  "POST runs/log-inputs": readInputs,
};

/** A run as the protocol writes it. @throws {MlflowError} When there is none. */
export async function getRun(runId: string, { store }: MlflowContext): Promise<object> {
  const [run] = await readRuns(store, [runId]);
  if (run === undefined) throw unknownRun(runId);
  return run;
}

/** A tag that may be kept. @throws {MlflowError} For a bad key. */
export function readTag(
  key: string,
  value: string,
  path: string,
): { readonly key: string; readonly value: string } {
  checkKey(key, path);
  checkLength(path, MOST.key, key);
  return { key, value: truncate(value, MOST.tagValue) };
}

const MODEL_FIELDS = ["artifact_path", "flavors", "utc_time_created", "run_id"];

function readModel(json: string): object {
  let model: unknown;
  try {
    model = JSON.parse(json);
  } catch {
    throw invalid(`Malformed model info. \n ${json} \n is not a valid JSON.`);
  }
  if (typeof model !== "object" || model === null || Array.isArray(model)) {
    throw invalidValue("model_json", json, "It must be a JSON object.");
  }
  const without = MODEL_FIELDS.filter((field) => !Object.hasOwn(model, field));
  if (without.length === 0) return historyOf(model as Record<string, unknown>);
  const names = without.map((field) => `'${field}'`).join(", ");
  throw invalid(`Model json is missing mandatory fields: {${names}}`);
}

const HISTORY_FIELDS = ["run_id", "utc_time_created", "artifact_path", "model_uuid"];

/** What MLflow's history keeps of a model: neither signatures nor the configuration of flavors, which can be long. */
function historyOf(model: Readonly<Record<string, unknown>>): object {
  const flavors = Object.entries(model.flavors ?? {}).map(([name, flavor]) => {
    const { config: _, ...rest } = (flavor ?? {}) as Record<string, unknown>;
    return [name, rest];
  });
  const kept = HISTORY_FIELDS.filter((field) => Object.hasOwn(model, field));
  return {
    ...Object.fromEntries(kept.map((field) => [field, model[field]])),
    flavors: Object.fromEntries(flavors),
  };
}
