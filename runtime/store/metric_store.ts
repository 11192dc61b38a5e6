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

/** Points of a metric in the order they were recorded; all of them, unless a part is asked for. */
export async function metricHistory(
  store: Store,
  runId: string,
  key: string,
  { limit = -1, offset = 0 }: { readonly limit?: number; readonly offset?: number } = {},
): Promise<MetricPoint[]> {
  const rows = await selectRows<MetricPoint & { isNan: number }>(
    store.client,
    `SELECT key, value, timestamp, step, is_nan AS isNan FROM metrics
     WHERE run_id = ? AND key = ? ORDER BY rowid LIMIT ? OFFSET ?`,
    [runId, key, limit, offset],
  );
  return rows.map(({ isNan, ...point }) => isNan === 1 ? { ...point, value: NaN } : point);
}

/** A place of a curve. */
export type CurvePlace = Pick<MetricPoint, "step" | "value">;

/**
 * What a picture of a metric needs: all points of a short curve, by iteration; of a longer one the smallest and the
 * largest value of every stretch, both where the stretch begins, so that no spike gets lost. A stretch of NaN alone is
 * one NaN.
 *
 * @param stretches A curve of more than twice as many points is cut into so many.
 */
export async function metricOutline(
  store: Store,
  { runId, key }: { readonly runId: string; readonly key: string },
  stretches: number,
): Promise<CurvePlace[]> {
  const of = "FROM metrics WHERE run_id = ?1 AND key = ?2";
  const first = await selectRows<{ step: number; value: number; isNan: number }>(
    store.client,
    `SELECT step, value, is_nan AS isNan ${of} ORDER BY step, timestamp LIMIT ?3`,
    [runId, key, stretches * 2 + 1],
  );
  if (first.length <= stretches * 2) {
    return first.map(({ step, value, isNan }) => ({ step, value: isNan === 1 ? NaN : value }));
  }
  // Each stretch is a part of the primary key: nothing is sorted, and no point leaves the database.
  const rows = await selectRows<{ low: number; ends: string }>(
    store.client,
    `WITH RECURSIVE range(first, last) AS (
       SELECT (SELECT min(step) ${of}), (SELECT max(step) ${of}) + 1
     ), n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?3),
     stretches(low, high) AS (
       SELECT first + i * (last - first) / ?3, first + (i + 1) * (last - first) / ?3
       FROM n, range
     )
     SELECT low, (SELECT json_array(count(*), min(iif(is_nan, NULL, value)),
         max(iif(is_nan, NULL, value))) ${of} AND step >= low AND step < high) AS ends
     FROM stretches ORDER BY low`,
    [runId, key, stretches],
  );
  return outlineOf(rows.map(({ low, ends }) => {
    const [count, least, most] = JSON.parse(ends) as [number, number | null, number | null];
    return { step: low, count, least: least ?? NaN, most: most ?? NaN };
  }));
}

interface Stretch {
  readonly step: number;
  readonly count: number;
  readonly least: number;
  readonly most: number;
}

/** The line through stretches: into each at the end that is nearer, out of it at the other. */
function outlineOf(stretches: readonly Stretch[]): CurvePlace[] {
  const line: CurvePlace[] = [];
  for (const { step, count, least, most } of stretches) {
    if (count === 0) continue;
    const before = line.at(-1)?.value ?? NaN;
    const isFalling = Math.abs(before - most) < Math.abs(before - least);
    line.push({ step, value: isFalling ? most : least });
    if (least !== most && !Number.isNaN(least)) {
      line.push({ step, value: isFalling ? least : most });
    }
  }
  return line;
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
