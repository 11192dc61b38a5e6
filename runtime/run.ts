import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import {
  type ArtifactKind,
  type ArtifactValues,
  didYouMean,
  ExplainedError,
  type Pipeline,
} from "../pipeline/mod.ts";
import { openValue } from "./artifacts/artifact_codec.ts";
import type { FinishedStep } from "./executor/finished_step.ts";
import type { RunModel, RunSummary } from "./executor/run_summary.ts";
import type { RunOptions } from "./run_options.ts";
import { runPipeline } from "./run_pipeline.ts";
import type { Predictor } from "./serving/mod.ts";
import { readSettings } from "./settings.ts";
import { Blobs } from "./store/mod.ts";

/** A finished run, as code that started it sees it. */
export interface RunResult extends Omit<RunSummary, "model"> {
  /** The registered version, or `null` when none was registered. */
  readonly model: RegisteredModel | null;
  /**
   * The value of an output of a node.
   *
   * @throws {ExplainedError} `run/no-artifact` when that node gave no such output in this run.
   */
  artifact<Kind extends ArtifactKind = ArtifactKind>(
    node: string,
    output: string,
  ): Promise<ArtifactValues[Kind]>;
}

/** A registered version that can be loaded. */
export interface RegisteredModel extends RunModel {
  /** Loads it for prediction. Release with `await using`. */
  load(): Promise<Predictor>;
}

/**
 * Runs a pipeline from code.
 *
 * A failing step does not throw: look at `status`. What is cached is not run again. Relative paths start, and
 * `default.yaml` is looked for, beside the pipeline's `module`; without one, where the program was started.
 *
 * @throws {ExplainedError} For a config or a pipeline that cannot be used, with every problem.
 */
export async function run(pipeline: Pipeline, options: RunOptions = {}): Promise<RunResult> {
  const settings = readSettings();
  const store = options.store === undefined
    ? settings.storeFolder
    : resolve(settings.cwd, options.store);
  const { module } = pipeline;
  const runnable = { pipeline, ...(module === undefined ? {} : { path: fileURLToPath(module) }) };
  const { summary, steps } = await runPipeline(runnable, options, { settings });
  return {
    ...summary,
    model: summary.model === null ? null : registeredModel(summary.model, store),
    artifact: (node, output) => openArtifact(steps, { node, output }, store),
  };
}

function registeredModel(model: RunModel, store: string): RegisteredModel {
  return {
    ...model,
    load: async () => {
      const { loadPredictor } = await import("./serving/mod.ts");
      return await loadPredictor(`${model.name}/${model.version}`, { store });
    },
  };
}

async function openArtifact<Kind extends ArtifactKind>(
  steps: readonly FinishedStep[],
  { node, output }: { readonly node: string; readonly output: string },
  store: string,
): Promise<ArtifactValues[Kind]> {
  const known = steps.flatMap((step) =>
    Object.entries(step.outputs).map(([name, record]) => ({
      address: `${step.node.id}.${name}`,
      record,
    }))
  );
  const found = known.find(({ address }) => address === `${node}.${output}`);
  if (found !== undefined) {
    return await openValue(found.record, new Blobs(store)) as ArtifactValues[Kind];
  }
  const addresses = known.map(({ address }) => address);
  throw new ExplainedError("run/no-artifact", {
    what: `Cannot read output "${output}" of node "${node}"`,
    why: `this run made no such artifact${didYouMean(`${node}.${output}`, addresses)}`,
    fix: addresses.length === 0 ? "Look at the run's errors" : `It made ${addresses.join(", ")}`,
  });
}
