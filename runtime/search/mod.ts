/**
 * MLflow's search: its filters and orders, read and asked in SQL, page by page.
 *
 * @module
 */
export * from "./mlflow_error.ts";
export * from "./parse_filter.ts";
export * from "./search_named.ts";
export * from "./search_runs.ts";
export * from "./search_terms.ts";
export type { SqlPart } from "./sql_clause.ts";
