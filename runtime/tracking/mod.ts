/**
 * Logging for code that is no pipeline.
 *
 * @module
 */
export * from "./start_run.ts";
