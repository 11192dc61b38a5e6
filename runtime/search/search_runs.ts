import type { Cell, Store } from "../store/mod.ts";
import { type Cursor, pageOf, readToken, type SortKey, writeToken } from "./keyset.ts";
import { parseFilter } from "./parse_filter.ts";
import { parseOrder } from "./parse_order.ts";
import { type Clause, type OrderTerm, RUN_TERMS } from "./search_terms.ts";
import { allOf, compare, keyed, type SqlPart } from "./sql_clause.ts";

/** Which runs to find. */
export interface RunSearch {
  readonly experimentIds: readonly number[];
  readonly filter: string;
  readonly orderBy: readonly string[];
  readonly view: "active" | "deleted" | "all";
  readonly limit: number;
  /** Empty for the first page. */
  readonly token: string;
}

/** A page of ids, and the token of the next one when this one is full. */
export interface FoundRuns {
  readonly runIds: readonly string[];
  readonly token?: string;
}

/**
 * Finds runs by MLflow's filter and order, in SQL.
 *
 * @throws {MlflowError} For a filter, order or token that cannot be read.
 */
export async function searchRuns(store: Store, search: RunSearch): Promise<FoundRuns> {
  const clauses = parseFilter(search.filter, RUN_TERMS);
  const order = parseOrder(search.orderBy, RUN_TERMS);
  const name = JSON.stringify(search.orderBy);
  const cursor = readToken(name, search.token);
  if (search.experimentIds.length === 0) return { runIds: [] };
  const where = allOf([...scopeOf(search), ...clauses.map(conditionOf)]);
  const phases = phasesOf(order, where);
  const [first, ...rest] = cursor ?? [0];
  let phase = Number(first);
  let after: Cursor | undefined = cursor === undefined ? undefined : rest;
  const runIds: string[] = [];
  let last: Cell[] = [];
  for (; phase < phases.length && runIds.length < search.limit; phase++, after = undefined) {
    const { sql, args } = pageOf(phases[phase]!, after, search.limit - runIds.length);
    const rows = await store.cells(sql, args);
    runIds.push(...rows.map(([id]) => id as string));
    if (rows.length > 0) last = [phase, ...rows.at(-1)!.slice(1)];
  }
  if (runIds.length < search.limit || last.length === 0) return { runIds };
  return { runIds, token: writeToken(name, last) };
}

function scopeOf({ experimentIds, view }: RunSearch): SqlPart[] {
  const [only, ...others] = experimentIds;
  const experiment = others.length === 0 ? { sql: "r.experiment_id = ?", args: [only!] } : {
    sql: "r.experiment_id IN (SELECT value FROM json_each(?))",
    args: [JSON.stringify(experimentIds)],
  };
  return view === "all"
    ? [experiment]
    : [experiment, { sql: "r.lifecycle_stage = ?", args: [view] }];
}

function conditionOf(clause: Clause): SqlPart {
  const owner = "t.run_id = r.run_id";
  if (clause.entity === "attribute") return compare(`r.${clause.key}`, clause);
  if (clause.entity === "param") return keyed({ table: "run_params", owner, is: "" }, clause);
  if (clause.entity === "tag") return keyed({ table: "run_tags", owner, is: "" }, clause);
  if (clause.entity === "dataset") return datasetCondition(clause);
  // NaN is unequal to every number, and neither less nor greater.
  const is = clause.comparator === "!=" ? "t.is_nan OR " : "NOT t.is_nan AND ";
  const { sql, args } = keyed({ table: "latest_metrics", owner, is: "" }, clause);
  return { sql: sql.replace("AND t.value", `AND (${is}t.value`).replace(/\)$/, "))"), args };
}

function datasetCondition(clause: Clause): SqlPart {
  const column = clause.key === "context"
    ? `json_extract(i.tags, '$."mlflow.data.context"')`
    : `d.${clause.key}`;
  const { sql, args } = compare(column, clause);
  return {
    sql: `EXISTS (SELECT 1 FROM run_inputs i JOIN datasets d ON d.dataset_id = i.dataset_id
      WHERE i.run_id = r.run_id AND ${sql})`,
    args,
  };
}

/**
 * The parts of the answer, one after the other. When a metric leads the order there are three: runs with a
 * number, which the index of metrics gives in order, then those with NaN, then those without.
 */
function phasesOf(order: readonly OrderTerm[], where: SqlPart) {
  const keys = [...order.map(sortKey)];
  const names = (key: string): boolean =>
    order.some((term) => term.entity === "attribute" && term.key === key);
  if (!names("start_time")) keys.push({ sql: "r.start_time", args: [], descending: true });
  if (!names("run_id")) keys.push({ sql: "r.run_id", args: [], descending: false });
  const columns = ["r.run_id"];
  const plain = { sql: `FROM runs r WHERE ${where.sql}`, args: where.args };
  const [first] = order;
  if (first?.entity !== "metric") return [{ columns, from: plain, keys: keys.flat() }];
  const rest = keys.slice(1).flat();
  const having = (condition: string): SqlPart => ({
    sql: `FROM latest_metrics f CROSS JOIN runs r ON r.run_id = f.run_id
      WHERE f.key = ? AND ${condition} AND ${where.sql}`,
    args: [first.key, ...where.args],
  });
  const value = { sql: "f.value", args: [], descending: first.descending };
  const without = {
    sql: `${plain.sql} AND NOT EXISTS (SELECT 1 FROM latest_metrics f
      WHERE f.run_id = r.run_id AND f.key = ?)`,
    args: [...plain.args, first.key],
  };
  return [
    { columns, from: having("f.is_nan = 0"), keys: [value, ...rest] },
    { columns, from: having("f.value = 0 AND f.is_nan = 1"), keys: rest },
    { columns, from: without, keys: rest },
  ];
}

const TABLES = { metric: "latest_metrics", param: "run_params", tag: "run_tags" } as const;

function sortKey({ entity, key, descending }: OrderTerm): SortKey | SortKey[] {
  if (entity === "attribute") {
    return { sql: `r.${key}`, args: [], descending, nullable: key === "end_time" };
  }
  const table = TABLES[entity as keyof typeof TABLES];
  const one = (column: string): string =>
    `(SELECT ${column} FROM ${table} o WHERE o.run_id = r.run_id AND o.key = ?)`;
  const value = { sql: one("value"), args: [key], descending };
  if (entity !== "metric") return { ...value, nullable: true };
  // Numbers, then NaN, then nothing. Behind the rank a missing value is as good as 0.
  return [
    { sql: `coalesce(${one("is_nan")}, 2)`, args: [key], descending: false },
    { sql: `coalesce(${one("value")}, 0)`, args: [key], descending },
  ];
}
