import { historyOfRuns, historyPage, logBatch, sampledHistory } from "../../runtime/mlflow/mod.ts";
import { invalid, invalidValue } from "../../runtime/search/mod.ts";
import { double, int64, list, required, text } from "./fields.ts";
import { limitOf } from "./experiment_routes.ts";
import { checkMetric } from "./read_log_batch.ts";
import { endpoint, type Routes } from "./route.ts";
import { getRun, RUN_ID } from "./run_routes.ts";

/** Most points of one answer. */
const MOST_POINTS = 25_000;
const MOST_RUNS = 100;

/** `metrics/…` and `runs/log-metric`. */
export const metricRoutes: Routes = {
  "POST runs/log-metric": endpoint({
    ...RUN_ID,
    key: required(text),
    value: required(double),
    timestamp: required(int64),
    step: int64,
    model_id: text,
    dataset_name: text,
    dataset_digest: text,
  }, async (asked, { store }) => {
    const { run_id: runId, key, value, timestamp, step = 0 } = asked;
    const metric = {
      key,
      value,
      timestamp,
      step,
      modelId: asked.model_id,
      datasetName: asked.dataset_name,
      datasetDigest: asked.dataset_digest,
    };
    checkMetric(metric, "");
    await logBatch(store, runId, { metrics: [metric], params: [], tags: [] });
  }),
  "GET metrics/get-history": endpoint({
    ...RUN_ID,
    metric_key: required(text),
    max_results: int64,
    page_token: text,
  }, async (asked, context) => {
    const { points, next } = await historyPage(context.store, {
      runId: asked.run_id,
      key: asked.metric_key,
      limit: asked.max_results === undefined
        ? undefined
        : limitOf(asked.max_results, { otherwise: MOST_POINTS, most: 1_000_000 }),
      token: asked.page_token ?? "",
    });
    if (points.length === 0) await getRun(asked.run_id, context);
    return {
      ...(points.length === 0 ? {} : { metrics: points }),
      ...(next === undefined ? {} : { next_page_token: next }),
    };
  }),
  "GET metrics/get-history-bulk": async ({ url }, { store }) => {
    const runIds = url.searchParams.getAll("run_id");
    const key = url.searchParams.get("metric_key");
    if (runIds.length === 0) {
      throw invalid("GetMetricHistoryBulk request must specify at least one run_id.");
    }
    if (runIds.length > MOST_RUNS) {
      throw invalid(
        `GetMetricHistoryBulk request cannot specify more than ${MOST_RUNS} run_ids. ` +
          `Received ${runIds.length} run_ids.`,
      );
    }
    if (key === null) throw invalid("GetMetricHistoryBulk request must specify a metric_key.");
    const asked = Number(url.searchParams.get("max_results") ?? MOST_POINTS);
    if (!Number.isInteger(asked) || asked < 0) throw invalidValue("max_results", asked);
    const limit = Math.min(asked, MOST_POINTS);
    return { metrics: await historyOfRuns(store, { runIds, key, limit }) };
  },
  "GET metrics/get-history-bulk-interval": endpoint({
    run_ids: list(text),
    metric_key: required(text),
    start_step: int64,
    end_step: int64,
    max_results: int64,
  }, async (asked, { store }) => {
    const { run_ids: runIds, metric_key: key, start_step: start, end_step: end } = asked;
    if (runIds.length === 0) throw invalid("Missing value for required parameter 'run_ids'.");
    if (runIds.length > MOST_RUNS) {
      throw invalid(
        `GetMetricHistoryBulkInterval request must specify at most ${MOST_RUNS} run_ids. ` +
          `Received ${runIds.length} run_ids.`,
      );
    }
    const limit = asked.max_results ?? 2500;
    if (limit < 1 || limit > 2500) throw invalid("max_results must be between 1 and 2500.");
    if ((start === undefined) !== (end === undefined)) {
      throw invalid("If either start step or end step are specified, both must be specified.");
    }
    if (start !== undefined && start > end!) {
      throw invalid(
        "end_step must be greater than start_step. " +
          `Found start_step=${start} and end_step=${end}.`,
      );
    }
    const points = await sampledHistory(store, {
      runIds,
      key,
      limit,
      ...(start === undefined ? {} : { range: [start, end!] as const }),
    });
    return points.length === 0 ? {} : { metrics: points };
  }),
};
