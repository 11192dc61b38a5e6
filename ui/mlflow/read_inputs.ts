import { refuseInactive } from "../../runtime/mlflow/mod.ts";
import { invalid } from "../../runtime/search/mod.ts";
import { insertRows, writeInputs } from "../../runtime/store/mod.ts";
import { checkLength, checkRunId } from "./check_names.ts";
import { list, message, named, required, text } from "./fields.ts";
import { endpoint, type Handler } from "./route.ts";

const DATASET_INPUT = message({
  tags: list(message({ key: required(text), value: text })),
  dataset: required(message({
    name: required(text),
    digest: required(text),
    source_type: required(text),
    source: required(text),
    schema: text,
    profile: text,
  })),
});

/** Most characters of what describes a dataset. */
const MOST = {
  name: 500,
  digest: 36,
  source: 65_535,
  schema: 1_048_575,
  profile: 16_777_215,
} as const;

/** `runs/log-inputs`: what a run read. */
export const readInputs: Handler = endpoint({
  run_id: named("run_uuid", required(text)),
  datasets: list(DATASET_INPUT),
  models: list(message({ model_id: required(text) })),
}, async ({ run_id: runId, datasets, models }, { store }) => {
  if (datasets.length === 0 && models.length === 0) {
    throw invalid(
      "Missing value for required parameter 'datasets'. " +
        "See the API docs for more information about request parameters.",
    );
  }
  checkRunId(runId);
  if (datasets.length > 1000) {
    throw invalid(
      `A request can contain at most 1000 datasets. Got ${datasets.length} datasets.`,
    );
  }
  for (const { dataset, tags } of datasets) {
    for (const [name, most] of Object.entries(MOST)) {
      checkLength(name, most, dataset[name as keyof typeof MOST] ?? "");
    }
    for (const { key, value = "" } of tags) {
      checkLength("key", 255, key);
      checkLength("value", 500, value);
    }
  }
  await store.write(async (transaction) => {
    await refuseInactive(transaction, runId);
    await writeInputs(
      transaction,
      runId,
      datasets.map(({ dataset, tags }) => ({
        name: dataset.name,
        digest: dataset.digest,
        sourceType: dataset.source_type,
        source: dataset.source,
        schema: dataset.schema ?? null,
        profile: dataset.profile ?? null,
        tags: Object.fromEntries(tags.map(({ key, value = "" }) => [key, value])),
      })),
    );
    await insertRows(
      transaction,
      "run_models",
      models.map(({ model_id }) => ({ run_id: runId, model_id, direction: "input", step: 0 })),
      "ON CONFLICT DO NOTHING",
    );
  });
});
