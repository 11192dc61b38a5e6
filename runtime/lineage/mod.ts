/**
 * Where a result came from and what was made of it.
 *
 * @module
 */
export * from "./lineage_graph.ts";
export * from "./trace.ts";
