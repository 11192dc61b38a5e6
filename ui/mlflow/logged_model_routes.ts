import {
  createLoggedModel,
  deleteLoggedModel,
  deleteLoggedModelTag,
  extendLoggedModel,
  finishLoggedModel,
  getLoggedModel,
  type LoggedModelStatus,
  refuseInactive,
  searchLoggedModels,
} from "../../runtime/mlflow/mod.ts";
import { invalid, MlflowError } from "../../runtime/search/mod.ts";
import { insertRows } from "../../runtime/store/mod.ts";
import { entriesOf } from "./artifact_routes.ts";
import { checkKey, checkLength, MOST, truncate } from "./check_names.ts";
import { limitOf, TAGS } from "./experiment_routes.ts";
import { bool, experimentId, int64, list, message, oneOf, required, text } from "./fields.ts";
import { readRequest } from "./read_request.ts";
import { endpoint, type Handler, type Routes } from "./route.ts";
import { RUN_ID } from "./run_routes.ts";
import { safePath } from "./safe_path.ts";

const STATUS = oneOf<LoggedModelStatus>({
  LOGGED_MODEL_PENDING: 1,
  LOGGED_MODEL_READY: 2,
  LOGGED_MODEL_UPLOAD_FAILED: 3,
});

/** `logged-models/…` and `runs/outputs`: what MLflow 3 added for models that are not registered yet. */
export const loggedModelRoutes: Routes = {
  "POST logged-models": endpoint({
    experiment_id: required(experimentId),
    name: text,
    model_type: text,
    source_run_id: text,
    params: TAGS,
    tags: TAGS,
  }, async (asked, { store }) => {
    const id = await createLoggedModel(store, {
      experimentId: asked.experiment_id,
      name: asked.name ?? "",
      modelType: asked.model_type ?? "",
      sourceRunId: asked.source_run_id ?? "",
      params: readPairs(asked.params),
      tags: readPairs(asked.tags),
    });
    return { model: await getLoggedModel(store, id) };
  }),
  "POST logged-models/search": endpoint({
    experiment_ids: list(experimentId),
    filter: text,
    datasets: list(message({ dataset_name: required(text), dataset_digest: text })),
    max_results: int64,
    order_by: list(message({ field_name: required(text), ascending: bool })),
    page_token: text,
  }, async (asked, { store }) => {
    const { models, token } = await searchLoggedModels(store, {
      experimentIds: asked.experiment_ids.filter((id) => /^\d{1,15}$/.test(id)).map(Number),
      filter: asked.filter ?? "",
      orderBy: asked.order_by.map(({ field_name: name, ascending = true }) =>
        `${name} ${ascending ? "ASC" : "DESC"}`
      ),
      datasets: asked.datasets.map(({ dataset_name: name, dataset_digest: digest = "" }) => (
        { name, digest }
      )),
      limit: limitOf(asked.max_results, { otherwise: 50, most: 50_000 }),
      token: asked.page_token ?? "",
    });
    return {
      ...(models.length === 0 ? {} : { models }),
      ...(token === undefined ? {} : { next_page_token: token }),
    };
  }),
  "GET logged-models/*": async (call, context) => {
    const [id = "", ...rest] = call.rest.split("/");
    if (rest.length === 0) return { model: await getLoggedModel(context.store, id) };
    if (rest.join("/") !== "artifacts/directories") throw notFound(call.rest);
    const model = await getLoggedModel(context.store, id) as { info: { artifact_uri: string } };
    const root = model.info.artifact_uri;
    const path = safePath(call.url.searchParams.get("artifact_directory_path") ?? "");
    const files = (await entriesOf(root, path, context)).map(({ name, isFolder, size }) => ({
      path: path === "" ? name : `${path}/${name}`,
      is_dir: isFolder,
      ...(size === undefined ? {} : { file_size: size }),
    }));
    return { root_uri: root, ...(files.length === 0 ? {} : { files }) };
  },
  "PATCH logged-models/*": async (call, { store }) => {
    const [id = "", what] = call.rest.split("/");
    if (what === undefined) {
      const { status } = await readRequest(call.request, call.url, { status: STATUS });
      if (status === undefined) throw invalid("Missing value for required parameter 'status'.");
      await finishLoggedModel(store, id, status);
      return { model: await getLoggedModel(store, id) };
    }
    if (what !== "tags") throw notFound(call.rest);
    const { tags } = await readRequest(call.request, call.url, { tags: TAGS });
    await extendLoggedModel(store, id, { tags: readPairs(tags) });
    return { model: await getLoggedModel(store, id) };
  },
  "POST logged-models/*": async (call, { store }) => {
    const [id = "", what] = call.rest.split("/");
    if (what !== "params") throw notFound(call.rest);
    const { params } = await readRequest(call.request, call.url, { params: TAGS });
    await extendLoggedModel(store, id, { params: readPairs(params) });
    return {};
  },
  "DELETE logged-models/*": async (call, { store }) => {
    const [id = "", what, ...key] = call.rest.split("/");
    if (what === undefined) await deleteLoggedModel(store, id);
    else if (what === "tags") await deleteLoggedModelTag(store, id, key.join("/"));
    else throw notFound(call.rest);
    return {};
  },
  "POST runs/outputs": outputs(),
};

function outputs(): Handler {
  return endpoint({
    ...RUN_ID,
    models: list(message({ model_id: required(text), step: int64 })),
  }, async ({ run_id: runId, models }, { store }) => {
    await store.write(async (transaction) => {
      await refuseInactive(transaction, runId);
      await insertRows(
        transaction,
        "run_models",
        models.map(({ model_id, step = 0 }) => (
          { run_id: runId, model_id, direction: "output", step }
        )),
        "ON CONFLICT DO UPDATE SET step = excluded.step",
      );
    });
  });
}

function readPairs(
  pairs: readonly { readonly key: string; readonly value: string | undefined }[],
): readonly { readonly key: string; readonly value: string }[] {
  return pairs.map(({ key, value = "" }) => {
    checkKey(key, "key");
    checkLength("key", MOST.key, key);
    return { key, value: truncate(value, MOST.tagValue) };
  });
}

function notFound(path: string): MlflowError {
  return new MlflowError("NOT_FOUND", `There is nothing at logged-models/${path}`);
}
