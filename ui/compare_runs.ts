import type { Run } from "../runtime/store/mod.ts";

/** Values of one name in every run, in their order; `null` where a run has none. */
export interface ComparedValues<Value> {
  readonly name: string;
  readonly values: readonly (Value | null)[];
}

/** What differs between runs. */
export interface RunComparison {
  readonly params: readonly ComparedValues<string>[];
  readonly metrics: readonly ComparedValues<number>[];
}

/** Puts params and metrics of runs side by side; without `all` only what differs. */
export function compareRuns(
  runs: readonly Pick<Run, "params" | "metrics">[],
  { all }: { readonly all: boolean },
): RunComparison {
  const metrics = runs.map((run) =>
    Object.fromEntries(
      Object.values(run.metrics)
        .filter(({ key }) => !key.startsWith("system/"))
        .map(({ key, value }) => [key, value]),
    )
  );
  return {
    params: sideBySide(runs.map(({ params }) => params), all),
    metrics: sideBySide(metrics, all).filter(({ name }) => isShown(name, metrics, all)),
  };
}

/** Numbers that belong to a node are details, and those of the run itself once more are shown once. */
function isShown(
  name: string,
  metrics: readonly Readonly<Record<string, number>>[],
  all: boolean,
): boolean {
  const [, own] = /^[^/]*\/(.*)$/.exec(name) ?? [];
  if (own === undefined) return true;
  return all && metrics.some((each) => !Object.is(each[own], each[name]));
}

function sideBySide<Value>(
  records: readonly Readonly<Record<string, Value>>[],
  all: boolean,
): ComparedValues<Value>[] {
  const names = [...new Set(records.flatMap((record) => Object.keys(record)))].sort();
  return names
    .map((name) => ({ name, values: records.map((record) => record[name] ?? null) }))
    .filter(({ values }) => all || values.some((value) => !Object.is(value, values[0])));
}
