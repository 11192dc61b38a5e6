import type { Clause, OrderTerm } from "./search_terms.ts";

/** A run as the naive search holds it in memory. */
export interface NaiveRun {
  readonly runId: string;
  readonly attributes: Readonly<Record<string, string | number | null>>;
  readonly metrics: Readonly<Record<string, number>>;
  readonly params: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
}

/** What the search in SQL must find, written as plainly as can be: the oracle of its tests. */
export function naiveSearch(
  runs: readonly NaiveRun[],
  clauses: readonly Clause[],
  order: readonly OrderTerm[],
): string[] {
  const found = runs.filter((run) => clauses.every((clause) => matches(run, clause)));
  const keys: readonly OrderTerm[] = [
    ...order,
    { entity: "attribute", key: "start_time", descending: true },
    { entity: "attribute", key: "run_id", descending: false },
  ];
  return found.toSorted((a, b) => {
    for (const key of keys) {
      const difference = compareBy(key, valueOf(a, key), valueOf(b, key));
      if (difference !== 0) return difference;
    }
    return 0;
  }).map(({ runId }) => runId);
}

function valueOf(
  run: NaiveRun,
  { entity, key }: Pick<Clause, "entity" | "key">,
): string | number | undefined {
  if (entity === "attribute") return run.attributes[key] ?? undefined;
  const values: Readonly<Record<string, Readonly<Record<string, string | number>>>> = {
    metric: run.metrics,
    param: run.params,
    tag: run.tags,
    dataset: {},
  };
  return values[entity]![key];
}

function matches(run: NaiveRun, clause: Clause): boolean {
  const found = valueOf(run, clause);
  const { comparator, value } = clause;
  if (found === undefined) return false;
  if (comparator === "IN") return (value as string[]).includes(String(found));
  if (comparator === "NOT IN") return !(value as string[]).includes(String(found));
  if (comparator === "LIKE") return isLike(String(found), String(value));
  if (comparator === "ILIKE") return isLike(asciiLower(String(found)), asciiLower(String(value)));
  if (comparator === "=") return found === value;
  if (comparator === "!=") return found !== value;
  const [a, b] = [found as number, value as number];
  return { ">": a > b, ">=": a >= b, "<": a < b, "<=": a <= b }[comparator];
}

function isLike(text: string, pattern: string): boolean {
  const source = [...pattern].map((each) =>
    each === "%" ? ".*" : each === "_" ? "." : each.replace(/[\\^$.*+?()[\]{}|/]/, "\\$&")
  );
  return new RegExp(`^${source.join("")}$`, "su").test(text);
}

function asciiLower(text: string): string {
  return text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** Missing values last in both directions, NaN before them. */
function compareBy({ descending }: OrderTerm, a: unknown, b: unknown): number {
  const rank = (value: unknown): number => value === undefined ? 2 : Number.isNaN(value) ? 1 : 0;
  if (rank(a) !== rank(b) || rank(a) > 0) return rank(a) - rank(b);
  if (a === b) return 0;
  const sign = (a as number) < (b as number) ? -1 : 1;
  return descending ? -sign : sign;
}
