import { getRun, type Run, type Store } from "../../runtime/store/mod.ts";
import { compareRuns } from "../compare_runs.ts";
import { sortMetricNames } from "../sort_metric_names.ts";
import { RequestError } from "./error_answer.ts";
import type { JsonNumbers } from "./json_numbers.ts";
import { type RunFacts, runFacts } from "./run_facts.ts";

/** Runs that one page can hold side by side. */
export const MOST_COMPARED = 6;

/** Runs side by side. */
export interface ComparedRuns {
  readonly runs: readonly RunFacts[];
  /** A value for every run, `null` where it has none. */
  readonly params: readonly {
    readonly name: string;
    readonly values: readonly (string | null)[];
  }[];
  readonly metrics: readonly {
    readonly name: string;
    readonly values: readonly (JsonNumbers[string] | null)[];
  }[];
  /** Metrics that at least two of them have over time. */
  readonly curves: readonly string[];
  /** Whether what is the same in all runs is listed, too. */
  readonly all: boolean;
}

/**
 * Puts runs side by side: params and metrics that differ, and curves that they share.
 *
 * @param references Ids, unique starts of ids, or names; one that comes twice counts once.
 * @throws {RequestError} 400 when there are not two to six of them.
 * @throws {ExplainedError} `run/unknown`, `run/ambiguous`.
 */
export async function getComparedRuns(
  store: Store,
  references: readonly string[],
  { all, isInTime = false }: {
    readonly all: boolean;
    /** Whether the run that started first comes first, rather than the one that is named first. */
    readonly isInTime?: boolean;
  },
): Promise<ComparedRuns> {
  const found = new Map<string, Run>();
  for (const reference of references.slice(0, MOST_COMPARED + 1)) {
    const run = await getRun(store, reference);
    found.set(run.runId, run);
  }
  if (found.size < 2 || references.length > MOST_COMPARED) {
    throw new RequestError(400, {
      code: "request/bad-comparison",
      what: "Cannot compare these runs",
      why: found.size < 2 ? "one run cannot be compared" : `${references.length} runs are chosen`,
      fix: `Choose two to ${MOST_COMPARED} runs under /runs`,
    });
  }
  const runs = [...found.values()];
  if (isInTime) runs.sort((a, b) => a.startTime - b.startTime);
  const { params, metrics } = compareRuns(runs, { all });
  const order = sortMetricNames(metrics.map(({ name }) => name));
  return {
    runs: runs.map(runFacts),
    params,
    metrics: metrics
      .toSorted((a, b) => order.indexOf(a.name) - order.indexOf(b.name))
      .map(({ name, values }) => ({ name, values: values.map(jsonNumber) })),
    curves: sharedCurves(runs),
    all,
  };
}

function sharedCurves(runs: readonly Run[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const { metrics } of runs) {
    for (const { key, step } of Object.values(metrics)) {
      if (step > 0 && !key.startsWith("system/")) counts.set(key, (counts.get(key) ?? 0) + 1);
    }
  }
  return [...counts].filter(([, count]) => count > 1).map(([key]) => key).sort();
}

function jsonNumber(value: number | null): JsonNumbers[string] | null {
  if (value === null || Number.isFinite(value)) return value;
  return String(value) as "NaN" | "Infinity" | "-Infinity";
}
