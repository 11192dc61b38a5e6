import type { Cell } from "../store/mod.ts";
import type { Clause, Comparator } from "./search_terms.ts";

/** A piece of SQL with the values of its question marks, in their order. */
export interface SqlPart {
  readonly sql: string;
  readonly args: readonly Cell[];
}

/** Joins conditions with AND. */
export function allOf(parts: readonly SqlPart[]): SqlPart {
  if (parts.length === 0) return { sql: "1", args: [] };
  return {
    sql: parts.map(({ sql }) => sql).join(" AND "),
    args: parts.flatMap(({ args }) => args),
  };
}

/** A comparison of an expression with a clause's value. Missing values match nothing. */
export function compare(
  expression: string,
  { comparator, value }: Pick<Clause, "comparator" | "value">,
): SqlPart {
  const list = typeof value === "object";
  const sql = TEMPLATES[comparator].replace("x", () => expression);
  if (list) return { sql, args: [JSON.stringify(value)] };
  return { sql, args: [comparator === "LIKE" ? globOf(String(value)) : value] };
}

/** SQLite's LIKE ignores the case of ASCII letters, GLOB does not. */
const TEMPLATES: Readonly<Record<Comparator, string>> = {
  "=": "x = ?",
  "!=": "x != ?",
  ">": "x > ?",
  ">=": "x >= ?",
  "<": "x < ?",
  "<=": "x <= ?",
  LIKE: "x GLOB ?",
  ILIKE: "x LIKE ?",
  IN: "x IN (SELECT value FROM json_each(?))",
  "NOT IN": "x NOT IN (SELECT value FROM json_each(?))",
};

/** A pattern of LIKE as one of GLOB. */
export function globOf(pattern: string): string {
  return pattern.replaceAll(/[*?[]/g, "[$&]").replaceAll("%", "*").replaceAll("_", "?");
}

/** A condition on a key of a table of keys and values: what has no such key never matches. */
export function keyed(
  { table, owner, is }: { readonly table: string; readonly owner: string; readonly is: string },
  clause: Pick<Clause, "key" | "comparator" | "value">,
): SqlPart {
  const { sql, args } = compare("t.value", clause);
  return {
    sql: `EXISTS (SELECT 1 FROM ${table} t WHERE ${owner} AND t.key = ? AND ${is}${sql})`,
    args: [clause.key, ...args],
  };
}
