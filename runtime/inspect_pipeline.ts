import { describeGraph, type GraphDescription } from "../pipeline/mod.ts";
import { type Plan, planRun } from "./executor/plan_run.ts";
import { prepareRun, type RunnablePipeline } from "./prepare_run.ts";
import type { RunOptions } from "./run_options.ts";
import type { Settings } from "./settings.ts";

/** What a run with these options would do now. Runs nothing. */
export async function planPipeline(
  runnable: RunnablePipeline,
  options: RunOptions,
  settings: Settings,
): Promise<Plan> {
  await using prepared = await prepareRun(runnable, options, settings);
  return await planRun(prepared);
}

/** The checked graph of a pipeline for a config. */
export async function graphOf(
  runnable: RunnablePipeline,
  options: RunOptions,
  settings: Settings,
): Promise<GraphDescription> {
  await using prepared = await prepareRun(runnable, options, settings);
  return describeGraph(prepared.graph);
}
