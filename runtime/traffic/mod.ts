/**
 * What happens to predictions: how requests are shared among versions, which are kept, and what was right.
 *
 * @module
 */
export * from "./feedback.ts";
export * from "./samples.ts";
export * from "./traffic_split.ts";
