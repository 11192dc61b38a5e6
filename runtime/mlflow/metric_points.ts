import { invalid } from "../search/mod.ts";
import type { Cell, Store } from "../store/mod.ts";

/** A stored point: key, value (NaN is `"NaN"`, as the protocol writes it), timestamp, step. */
export interface StoredPoint {
  readonly key: string;
  readonly value: number | "NaN";
  readonly timestamp: number;
  readonly step: number;
  readonly run_id?: string;
}

/** A page of a history; `next` is where the following one begins. */
export interface HistoryPage {
  readonly points: readonly StoredPoint[];
  readonly next?: string;
}

/** What part of a history is asked for. */
export interface HistoryQuery {
  readonly runId: string;
  readonly key: string;
  /** `undefined`: all points. */
  readonly limit?: number | undefined;
  /** Empty for the first page. */
  readonly token: string;
  /** More points than this are paged by step. @default 50000 */
  readonly longFrom?: number;
}

/**
 * Points of a metric in the order they were recorded. Very many of them are paged in the order of their steps, which
 * is that of the index: a page then costs the same wherever it is.
 *
 * @throws {MlflowError} For a token that is none.
 */
export async function historyPage(store: Store, query: HistoryQuery): Promise<HistoryPage> {
  const { token, limit } = query;
  if (token.startsWith("s")) return await pageByStep(store, query, readStepToken(token));
  if (token === "" && limit !== undefined && await isLong(store, query)) {
    return await pageByStep(store, query, undefined);
  }
  return await pageByPlace(store, query);
}

async function isLong(
  store: Store,
  { runId, key, longFrom = 50_000 }: HistoryQuery,
): Promise<boolean> {
  const found = await store.cells(
    "SELECT 1 FROM metrics WHERE run_id = ? AND key = ? LIMIT 1 OFFSET ?",
    [runId, key, longFrom],
  );
  return found.length > 0;
}

async function pageByPlace(
  store: Store,
  { runId, key, limit, token }: HistoryQuery,
): Promise<HistoryPage> {
  const after = token === "" ? -1 : Number(/^r(\d{1,15})$/.exec(token)?.[1] ?? NaN);
  if (Number.isNaN(after)) throw badToken();
  const rows = await store.cells(
    `SELECT value, timestamp, step, is_nan, rowid FROM metrics
     WHERE run_id = ? AND key = ? AND rowid > ? ORDER BY rowid LIMIT ?`,
    [runId, key, after, limit === undefined ? -1 : limit + 1],
  );
  const page = limit === undefined ? rows : rows.slice(0, limit);
  const points = page.map((row) => pointOf(key, row));
  return page.length === rows.length ? { points } : { points, next: `r${page.at(-1)![4]}` };
}

async function pageByStep(
  store: Store,
  { runId, key, limit = -1 }: HistoryQuery,
  after: readonly number[] | undefined,
): Promise<HistoryPage> {
  const from = after === undefined ? "" : "AND (step, timestamp, value, is_nan) > (?, ?, ?, ?)";
  const rows = await store.cells(
    `SELECT value, timestamp, step, is_nan FROM metrics WHERE run_id = ? AND key = ? ${from}
     ORDER BY step, timestamp, value, is_nan LIMIT ?`,
    [runId, key, ...after ?? [], limit < 0 ? -1 : limit + 1],
  );
  const page = limit < 0 ? rows : rows.slice(0, limit);
  const points = page.map((row) => pointOf(key, row));
  if (page.length === rows.length) return { points };
  const [value, timestamp, step, isNan] = page.at(-1)!;
  return { points, next: `s${JSON.stringify([step, timestamp, value, isNan])}` };
}

function readStepToken(token: string): readonly number[] {
  try {
    const after: unknown = JSON.parse(token.slice(1));
    const isPlace = Array.isArray(after) && after.length === 4 && after.every(Number.isFinite);
    if (isPlace) return after as number[];
  } catch {
    // Told below.
  }
  throw badToken();
}

function badToken() {
  return invalid("Invalid page token, could not decode it");
}

/** Points of a metric of many runs, by run, timestamp, step, value. */
export async function historyOfRuns(
  store: Store,
  { runIds, key, limit }: {
    readonly runIds: readonly string[];
    readonly key: string;
    readonly limit: number;
  },
): Promise<StoredPoint[]> {
  const rows = await store.cells(
    `SELECT value, timestamp, step, is_nan, run_id FROM metrics
     WHERE key = ? AND run_id IN (SELECT value FROM json_each(?))
     ORDER BY run_id, timestamp, step, value LIMIT ?`,
    [key, JSON.stringify(runIds), limit],
  );
  return rows.map((row) => ({ ...pointOf(key, row), run_id: row[4] as string }));
}

/** Points at steps spread over all runs, with each run's first and last. */
export async function sampledHistory(
  store: Store,
  { runIds, key, range, limit }: {
    readonly runIds: readonly string[];
    readonly key: string;
    /** First and last step; `undefined`: from 0 to the last there is. */
    readonly range?: readonly [number, number];
    readonly limit: number;
  },
): Promise<StoredPoint[]> {
  const ids = JSON.stringify(runIds);
  const among = "key = ? AND run_id IN (SELECT value FROM json_each(?))";
  const steps = (await store.cells(
    `SELECT DISTINCT step FROM metrics WHERE ${among} ORDER BY step`,
    [key, ids],
  )).map(([step]) => step as number);
  const ends = (await store.cells(
    `SELECT min(step), max(step) FROM metrics WHERE ${among} GROUP BY run_id`,
    [key, ids],
  )).flat() as number[];
  const [start, end] = range ?? [0, steps.at(-1) ?? 0];
  const chosen = sampleSteps(steps, { start, end, limit });
  for (const step of ends) if (step >= start && step <= end) chosen.add(step);
  const points: StoredPoint[] = [];
  for (const runId of runIds) {
    const rows = await store.cells(
      `SELECT value, timestamp, step, is_nan FROM metrics WHERE run_id = ? AND key = ?
       AND step IN (SELECT value FROM json_each(?)) ORDER BY step, timestamp LIMIT 25000`,
      [runId, key, JSON.stringify([...chosen])],
    );
    points.push(...rows.map((row) => ({ ...pointOf(key, row), run_id: runId })));
  }
  return points;
}

/** Evenly spread steps between two, with the last one; all when there are no more than the limit. */
export function sampleSteps(
  steps: readonly number[],
  { start, end, limit }: { readonly start: number; readonly end: number; readonly limit: number },
): Set<number> {
  const first = steps.findIndex((step) => step >= start);
  const behind = steps.findLastIndex((step) => step <= end) + 1;
  if (first === -1 || behind <= first) return new Set();
  if (behind - first <= limit) return new Set(steps.slice(first, behind));
  const interval = (behind - first) / limit;
  const chosen = new Set<number>();
  for (let i = 0; i < limit; i++) chosen.add(steps[first + Math.trunc(i * interval)]!);
  return chosen.add(steps[behind - 1]!);
}

/** A point from its value, timestamp, step and whether it is NaN. */
function pointOf(key: string, [value, timestamp, step, isNan]: readonly Cell[]): StoredPoint {
  return {
    key,
    value: isNan === 1 ? "NaN" : value as number,
    timestamp: timestamp as number,
    step: step as number,
  };
}
