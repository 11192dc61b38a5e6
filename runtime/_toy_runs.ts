import { z } from "zod";
import {
  definePipeline,
  defineStep,
  type Json,
  type Pipeline,
  type Step,
} from "../pipeline/mod.ts";
import type { RunEvent } from "./executor/run_event.ts";
import type { RunOptions } from "./run_options.ts";
import { type CompletedRun, runPipeline } from "./run_pipeline.ts";
import type { Settings } from "./settings.ts";

/** A folder with a store of its own, gone at the end of the test. */
export interface Sandbox extends AsyncDisposable {
  readonly folder: string;
  readonly settings: Settings;
  /** Runs a pipeline and returns what happened, events included. */
  run(pipeline: Pipeline, options?: RunOptions): Promise<CompletedRun & { events: RunEvent[] }>;
}

/** Opens a sandbox in a temporary folder. */
export async function openSandbox(): Promise<Sandbox> {
  const folder = await Deno.makeTempDir({ prefix: "hanok-test-" });
  const settings: Settings = {
    cwd: folder,
    storeFolder: `${folder}/runs`,
    storeUrl: null,
    storeAuthToken: null,
    server: null,
    serverToken: null,
    deploymentsTarget: null,
    threads: 1,
    parallelNodes: 4,
    user: "tester",
    hostname: Deno.hostname(),
  };
  return {
    folder,
    settings,
    async run(pipeline, options = {}) {
      const events: RunEvent[] = [];
      const done = await runPipeline({ pipeline }, {
        onEvent: (event) => void events.push(event),
        ...options,
      }, { settings });
      return { ...done, events };
    },
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

/** `node:status` of every step of a run, in order. */
export function statuses({ summary }: CompletedRun): string[] {
  return summary.steps.map(({ node, status }) => `${node}:${status}`);
}

/** A step that returns its param as JSON. */
export const constant: Step<
  Record<never, never>,
  { value: "json" },
  { value: unknown },
  { value: unknown }
> = defineStep({
  module: import.meta.url,
  name: "constant",
  inputs: {},
  outputs: { value: "json" },
  params: z.object({ value: z.unknown() }),
  run: (_context, _inputs, { value }) => Promise.resolve({ value: value as Json }),
});

/** A step that adds a number to its input. */
export const add: Step<
  { value: "json" },
  { value: "json" },
  { by?: number | undefined },
  { by: number }
> = defineStep({
  module: import.meta.url,
  name: "add",
  inputs: { value: "json" },
  outputs: { value: "json" },
  params: z.object({ by: z.number().default(1) }),
  run: (_context, { value }, { by }) => Promise.resolve({ value: value as number + by }),
});

/** A pipeline with an empty config. */
export function pipelineOf(build: () => unknown, name: string = "toy"): Pipeline {
  return definePipeline({ name, config: z.object({}), build }) as Pipeline;
}
