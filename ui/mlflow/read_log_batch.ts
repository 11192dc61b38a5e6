import type { ClientMetric, KeyValue, LogBatch } from "../../runtime/mlflow/mod.ts";
import { invalid, invalidValue } from "../../runtime/search/mod.ts";
import { checkKey, checkLength, checkRunId, MOST, truncate } from "./check_names.ts";
import { double, int64, Mismatch, mismatch, text } from "./fields.ts";
import { parseBody, readBody } from "./read_request.ts";
import { readTag } from "./run_routes.ts";

const MOST_BYTES = 1_000_000;
const SEE = " See the API docs for more information about request parameters.";

type Entry = Readonly<Record<string, unknown>>;

/**
 * Reads a batch. It is the busiest request, with a thousand entries each, so it is read without the table of fields.
 *
 * @throws {MlflowError} That names the first entry which is wrong: `metrics[3].timestamp`.
 */
export async function readLogBatch(
  request: Request,
): Promise<{ readonly runId: string; readonly batch: LogBatch }> {
  const body = await readBody(request);
  if (body.length > MOST_BYTES) {
    throw invalid(
      `Batched logging API requests must be at most ${MOST_BYTES} bytes, got a request of size ` +
        `${body.length}.`,
    );
  }
  const given = parseBody(body);
  try {
    const runId = readRunId(given);
    const metrics = entriesOf(given, "metrics").map(metricOf);
    const params = entriesOf(given, "params").map(paramOf);
    const tags = entriesOf(given, "tags").map(tagOf);
    checkRunId(runId);
    checkCounts({ metrics, params, tags });
    checkUnique(params);
    for (const key of new Set(metrics.map((metric) => metric.key))) checkMetricKey(key, metrics);
    return { runId, batch: { metrics, params, tags } };
  } catch (error) {
    if (error instanceof Mismatch) throw mismatch(error.path, error.value);
    throw error;
  }
}

/** A metric that may be kept. @throws {MlflowError} */
export function checkMetric(metric: ClientMetric, path: string): void {
  const at = path === "" ? "" : `${path}.`;
  checkKey(metric.key, `${at}name`);
  checkLength("Metric name", MOST.key, metric.key);
  if (metric.timestamp < 0) throw badTimestamp(metric, `${at}timestamp`);
}

function checkMetricKey(key: string, metrics: readonly ClientMetric[]): void {
  const index = metrics.findIndex((metric) => metric.key === key);
  checkMetric(metrics[index]!, `metrics[${index}]`);
}

function badTimestamp({ key, value, timestamp }: ClientMetric, path: string) {
  return invalidValue(
    path,
    timestamp,
    `metric '${key}' (value=${value}). Timestamp must be a nonnegative long (64-bit integer) `,
  );
}

function readRunId(given: Entry): string {
  const value = given.run_id ?? given.run_uuid ?? "";
  if (value === "") throw missing("run_id");
  return text.read(value, "run_id")!;
}

function entriesOf(given: Entry, name: string): readonly Entry[] {
  const value = given[name] ?? [];
  if (!Array.isArray(value)) throw new Mismatch(name, value);
  const wrong = value.findIndex((entry) => entry === null || typeof entry !== "object");
  if (wrong !== -1) throw new Mismatch(`${name}[${wrong}]`, value[wrong]);
  return value;
}

function metricOf(entry: Entry, index: number): ClientMetric {
  const { key, value, timestamp, step = 0, model_id, dataset_name, dataset_digest } = entry;
  // Nearly all are so, and come by the thousand.
  const isPlain = typeof key === "string" && key !== "" && typeof value === "number" &&
    Number.isInteger(timestamp) && timestamp as number >= 0 && Number.isInteger(step) &&
    model_id === undefined;
  if (isPlain) return { key, value, timestamp: timestamp as number, step: step as number };
  const path = `metrics[${index}]`;
  if (key === undefined || key === null || key === "") throw missing(`${path}.key`);
  if (value === undefined || value === null || value === "") throw missing(`${path}.value`);
  if (timestamp === undefined || timestamp === null || timestamp === "") {
    throw missing(`${path}.timestamp`);
  }
  const metric = {
    key: text.read(key, `${path}.key`)!,
    value: double.read(value, `${path}.value`)!,
    timestamp: int64.read(timestamp, `${path}.timestamp`)!,
    step: step === null ? 0 : int64.read(step, `${path}.step`)!,
  };
  if (metric.timestamp < 0) throw badTimestamp(metric, `${path}.timestamp`);
  if (model_id === undefined || model_id === null) return metric;
  return {
    ...metric,
    modelId: text.read(model_id, `${path}.model_id`),
    datasetName: text.read(dataset_name ?? "", `${path}.dataset_name`),
    datasetDigest: text.read(dataset_digest ?? "", `${path}.dataset_digest`),
  };
}

function paramOf({ key, value }: Entry, index: number): KeyValue {
  const path = `params[${index}]`;
  if (key === undefined || key === null || key === "") throw missing(`${path}.key`);
  const param = {
    key: text.read(key, `${path}.key`)!,
    value: truncate(text.read(value ?? "", `${path}.value`)!, MOST.paramValue),
  };
  checkKey(param.key, `${path}.key`);
  checkLength("Param key", MOST.key, param.key);
  return param;
}

function tagOf({ key, value }: Entry, index: number): KeyValue {
  const path = `tags[${index}]`;
  if (key === undefined || key === null || key === "") throw missing(`${path}.key`);
  return readTag(
    text.read(key, `${path}.key`)!,
    text.read(value ?? "", `${path}.value`)!,
    `${path}.key`,
  );
}

function checkCounts({ metrics, params, tags }: LogBatch): void {
  const counts = [
    ["metrics", 1000, metrics.length],
    ["params", 100, params.length],
    ["tags", 100, tags.length],
    ["metrics, params, and tags", 1000, metrics.length + params.length + tags.length],
  ] as const;
  for (const [what, most, count] of counts) {
    if (count <= most) continue;
    throw invalid(
      `A batch logging request can contain at most ${most} ${what}. Got ${count} ${what}. ` +
        `Please split up ${what} across multiple requests and try again.`,
    );
  }
}

function checkUnique(params: readonly KeyValue[]): void {
  const seen = new Set<string>();
  const twice = params.filter(({ key }) => seen.size === seen.add(key).size);
  if (twice.length === 0) return;
  throw invalid(
    `Duplicate parameter keys have been submitted: [${
      twice.map(({ key }) => `'${key}'`).join(", ")
    }]. Please ensure the request contains only one param value per param key.`,
  );
}

function missing(path: string) {
  return invalid(`Missing value for required parameter '${path}'.${SEE}`);
}
