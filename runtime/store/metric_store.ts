import type { Transaction } from "@libsql/client";
import { insertPoints, type MetricRow } from "./insert_points.ts";
import { checkKeys } from "./limits.ts";
import type { Store } from "./open_store.ts";
import { insertRows, selectRows } from "./rows.ts";
import type { MetricPoint } from "./run.ts";

/** Records points; a point that is there already stays one point. */
export async function logMetrics(
  store: Store,
  runId: string,
  points: readonly MetricPoint[],
): Promise<void> {
  if (points.length === 0) return;
  checkKeys(new Set(points.map(({ key }) => key)));
  await store.write((transaction) => writeMetrics(transaction, runId, points));
}

/** All points of a metric in the order they were recorded. */
export async function metricHistory(
  store: Store,
  runId: string,
  key: string,
): Promise<MetricPoint[]> {
  const rows = await selectRows<MetricPoint & { isNan: number }>(
    store.client,
    `SELECT key, value, timestamp, step, is_nan AS isNan FROM metrics
     WHERE run_id = ? AND key = ? ORDER BY rowid`,
    [runId, key],
  );
  return rows.map(({ isNan, ...point }) => isNan === 1 ? { ...point, value: NaN } : point);
}

/** `logMetrics` inside a transaction. */
export async function writeMetrics(
  transaction: Transaction,
  runId: string,
  points: readonly MetricPoint[],
): Promise<void> {
  const rows = points.map((point) => metricRow(runId, point));
  await insertPoints(transaction, rows);
  const latest = new Map<string, MetricRow>();
  for (const row of rows) {
    const best = latest.get(row.key);
    if (best === undefined || isLater(row, best)) latest.set(row.key, row);
  }
  await insertRows(
    transaction,
    "latest_metrics",
    [...latest.values()].map((row) => ({ ...row })),
    `ON CONFLICT DO UPDATE SET value = excluded.value, timestamp = excluded.timestamp,
       step = excluded.step, is_nan = excluded.is_nan
     WHERE (excluded.step, excluded.timestamp, excluded.value) >
       (latest_metrics.step, latest_metrics.timestamp, latest_metrics.value)`,
  );
}

function metricRow(runId: string, { key, value, timestamp, step }: MetricPoint): MetricRow {
  const isNan = Number.isNaN(value);
  const finite = isNan ? 0 : Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, value));
  return { run_id: runId, key, value: finite, timestamp, step, is_nan: isNan ? 1 : 0 };
}

/** Orders points as MLflow does; NaN counts as 0 here. */
function isLater(a: MetricRow, b: MetricRow): boolean {
  if (a.step !== b.step) return a.step > b.step;
  if (a.timestamp !== b.timestamp) return a.timestamp > b.timestamp;
  return a.value > b.value;
}
