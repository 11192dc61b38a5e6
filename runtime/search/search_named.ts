import type { Cell, Store } from "../store/mod.ts";
import { pageOf, readToken, type SortKey, writeToken } from "./keyset.ts";
import { parseFilter } from "./parse_filter.ts";
import { parseOrder } from "./parse_order.ts";
import {
  type Clause,
  EXPERIMENT_TERMS,
  LOGGED_MODEL_TERMS,
  MODEL_TERMS,
  type OrderTerm,
  type SearchTerms,
  VERSION_TERMS,
} from "./search_terms.ts";
import { allOf, compare, keyed, type SqlPart } from "./sql_clause.ts";

/** A search for experiments, models or versions. */
export interface NamedSearch {
  readonly filter: string;
  readonly orderBy: readonly string[];
  readonly limit: number;
  /** Empty for the first page. */
  readonly token: string;
  /** More conditions on the table. */
  readonly scope?: readonly SqlPart[];
}

/** A page of rows, and the token of the next one when there is more. */
export interface FoundRows {
  /** The columns that tell a row apart. */
  readonly rows: readonly (readonly Cell[])[];
  readonly token?: string;
}

/** What is searched: the alias of its table is `x`. */
export interface Searchable {
  readonly terms: SearchTerms;
  readonly from: string;
  readonly id: readonly string[];
  /** Expressions of attributes whose column has another name. */
  readonly columns: Readonly<Record<string, string>>;
  /** Tables of keys and values. */
  readonly keyed: Partial<Record<Clause["entity"], { table: string; owner: string }>>;
  /** Order when none is asked for. */
  readonly byDefault: readonly SortKey[];
  /** What follows an order of one's own, unless it names the column. */
  readonly tieBreaks: readonly SortKey[];
}

const key = (sql: string, descending = false): SortKey => ({ sql, args: [], descending });

export const EXPERIMENTS: Searchable = {
  terms: EXPERIMENT_TERMS,
  from: "experiments x",
  id: ["x.experiment_id"],
  columns: {},
  keyed: { tag: { table: "experiment_tags", owner: "t.experiment_id = x.experiment_id" } },
  byDefault: [key("x.creation_time", true), key("x.experiment_id")],
  tieBreaks: [key("x.experiment_id", true)],
};

export const MODELS: Searchable = {
  terms: MODEL_TERMS,
  from: "registered_models x",
  id: ["x.name"],
  columns: { last_updated_timestamp: "x.last_updated_time" },
  keyed: { tag: { table: "registered_model_tags", owner: "t.name = x.name" } },
  byDefault: [key("x.name")],
  tieBreaks: [key("x.name")],
};

export const VERSIONS: Searchable = {
  terms: VERSION_TERMS,
  from: "model_versions x",
  id: ["x.name", "x.version"],
  columns: {
    source_path: "x.source",
    version_number: "x.version",
    creation_timestamp: "x.creation_time",
    last_updated_timestamp: "x.last_updated_time",
  },
  keyed: {
    tag: { table: "model_version_tags", owner: "t.name = x.name AND t.version = x.version" },
  },
  byDefault: [key("x.last_updated_time", true), key("x.name"), key("x.version", true)],
  tieBreaks: [key("x.name"), key("x.version", true)],
};

export const LOGGED_MODELS: Searchable = {
  terms: LOGGED_MODEL_TERMS,
  from: "logged_models x",
  id: ["x.model_id"],
  columns: {
    status: "replace(x.status, 'LOGGED_MODEL_', '')",
    creation_timestamp: "x.creation_time",
    last_updated_timestamp: "x.last_updated_time",
  },
  keyed: {
    tag: { table: "logged_model_tags", owner: "t.model_id = x.model_id" },
    param: { table: "logged_model_params", owner: "t.model_id = x.model_id" },
    metric: { table: "logged_model_metrics", owner: "t.model_id = x.model_id AND NOT t.is_nan" },
  },
  byDefault: [key("x.creation_time", true), key("x.model_id")],
  tieBreaks: [key("x.creation_time", true), key("x.model_id")],
};

/**
 * Finds rows by MLflow's filter and order, in SQL.
 *
 * @throws {MlflowError} For a filter, order or token that cannot be read.
 */
export async function searchNamed(
  store: Store,
  searchable: Searchable,
  search: NamedSearch,
): Promise<FoundRows> {
  const clauses = parseFilter(search.filter, searchable.terms);
  const order = parseOrder(search.orderBy, searchable.terms);
  const name = JSON.stringify(search.orderBy);
  const cursor = readToken(name, search.token);
  const where = allOf([
    ...search.scope ?? [],
    ...clauses.map((clause) => conditionOf(clause, searchable)),
  ]);
  const from = { sql: `FROM ${searchable.from} WHERE ${where.sql}`, args: where.args };
  const keys = keysOf(order, searchable);
  const { id } = searchable;
  const { sql, args } = pageOf({ columns: id, from, keys }, cursor, search.limit + 1);
  const found = await store.cells(sql, args);
  const rows = found.slice(0, search.limit);
  const page = rows.map((row) => row.slice(0, id.length));
  if (found.length <= search.limit) return { rows: page };
  return { rows: page, token: writeToken(name, rows.at(-1)!.slice(id.length)) };
}

function columnOf({ columns }: Searchable, attribute: string): string {
  return columns[attribute] ?? `x.${attribute}`;
}

function conditionOf(clause: Clause, searchable: Searchable): SqlPart {
  if (clause.entity === "attribute") return compare(columnOf(searchable, clause.key), clause);
  const { table, owner } = searchable.keyed[clause.entity]!;
  const { key, comparator, value } = clause;
  if (key === "mlflow.prompt.is_prompt" && comparator === "!=") {
    // MLflow 3 asks so for models that are no prompts: those without the tag are meant too.
    const { sql, args } = keyed({ table, owner, is: "" }, { key, comparator: "=", value });
    return { sql: `NOT ${sql}`, args };
  }
  return keyed({ table, owner, is: "" }, clause);
}

function keysOf(order: readonly OrderTerm[], searchable: Searchable): SortKey[] {
  if (order.length === 0) return [...searchable.byDefault];
  const keys = order.map((term) => sortKey(term, searchable));
  const named = new Set(keys.map(({ sql }) => sql));
  return [...keys, ...searchable.tieBreaks.filter(({ sql }) => !named.has(sql))];
}

function sortKey({ entity, key, descending }: OrderTerm, searchable: Searchable): SortKey {
  if (entity === "attribute") {
    return { sql: columnOf(searchable, key), args: [], descending, nullable: true };
  }
  const { table, owner } = searchable.keyed[entity]!;
  return {
    sql: `(SELECT max(t.value) FROM ${table} t WHERE ${owner} AND t.key = ?)`,
    args: [key],
    descending,
    nullable: true,
  };
}
