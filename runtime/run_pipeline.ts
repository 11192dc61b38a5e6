import {
  ancestorsOf,
  type EnginePort,
  ExplainedError,
  listProblems,
  type RegistryPort,
} from "../pipeline/mod.ts";
import { type EventSinks, openEventSinks } from "./executor/event_sinks.ts";
import { executeRun } from "./executor/execute_run.ts";
import type { FinishedStep } from "./executor/finished_step.ts";
import { readGitFacts } from "./executor/git_facts.ts";
import { recordGraph, recordRunFiles } from "./executor/record_run_files.ts";
import { planRun } from "./executor/plan_run.ts";
import { readCard } from "./executor/run_card.ts";
import { flattenConfig, runTags } from "./executor/run_record.ts";
import type { RunCard, RunSummary } from "./executor/run_summary.ts";
import type { RegisteringStep, RunWorld } from "./executor/run_world.ts";
import { EXIT_CODES, runStatus, summarizeRun } from "./executor/summarize_run.ts";
import { watchSystem } from "./executor/system_metrics.ts";
import { RunStopped, watchStop } from "./executor/watch_stop.ts";
import { registryPort } from "./executor/registry_port.ts";
import { type PreparedRun, prepareRun, type RunnablePipeline } from "./prepare_run.ts";
import { type MirrorReport, mirrorRun, remoteTags } from "./remote/mod.ts";
import type { RunOptions } from "./run_options.ts";
import type { Settings } from "./settings.ts";
import { makeManifest } from "./unchanged/make_manifest.ts";
import { type ManifestKey, manifestPath, writeManifest } from "./unchanged/manifest.ts";
import {
  createRun,
  finishRun,
  holdRunLock,
  processTags,
  reconcileRuns,
  RUN_TAGS,
  stopSentence,
} from "./store/mod.ts";

/** What a run leaves behind for whoever started it. */
export interface CompletedRun {
  readonly summary: RunSummary;
  readonly card: RunCard;
  /** Exit code of the command line. */
  readonly exitCode: 0 | 1 | 3 | 130;
  readonly steps: readonly FinishedStep[];
}

/** MLflow's word for how a run ended; `gated` is finished, with a tag. */
const MLFLOW_STATUS = {
  succeeded: "FINISHED",
  gated: "FINISHED",
  failed: "FAILED",
  cancelled: "KILLED",
} as const;

/**
 * Runs a pipeline: what is cached is not run again, what fails stops only what depends on it.
 *
 * @throws {ExplainedError} For a config, pipeline or selection that cannot be used; a failing step
 * does not throw, its run ends with status `failed`.
 */
export async function runPipeline(
  runnable: RunnablePipeline,
  options: RunOptions,
  { settings, repeatAs }: {
    readonly settings: Settings;
    /** The command that is run, so that `repeatRun` can take the short way next time. */
    readonly repeatAs?: ManifestKey;
  },
): Promise<CompletedRun> {
  const startedAt = performance.now();
  const startTime = Date.now();
  await using prepared = await prepareRun(runnable, options, settings);
  const [git] = await Promise.all([
    readGitFacts(prepared.projectFolder),
    reconcileRuns(prepared.store),
  ]);
  await requireCached(prepared);
  const { store, graph, config } = prepared;
  const tags = runTags(prepared, { options, git, path: runnable.path });
  const params = flattenConfig(config);
  await using lock = await holdRunLock(store.folder);
  const run = await createRun(store, {
    runId: crypto.randomUUID().replaceAll("-", ""),
    ...(options.runName === undefined ? {} : { runName: options.runName }),
    experiment: graph.pipeline,
    user: settings.user,
    startTime,
    ...(options.parent === undefined ? {} : { parentRunId: options.parent }),
    tags: { ...tags, ...await processTags(), ...lock.tags, ...remoteTags(settings) },
    params,
  });
  await using mirror = mirrorRun(store, run.runId, settings);
  await recordGraph(store, run.runId, graph);
  using sinks = await openEventSinks(store, run.runId, options.onEvent);
  sinks.emit({
    type: "run-started",
    run: run.runId,
    runName: run.runName,
    pipeline: graph.pipeline,
    nodes: graph.nodes.map(({ id, step }) => ({ node: id, step: step.name })),
  });
  using stop = watchStop(store, run.runId, {
    onStop: (wish) =>
      sinks.emit({ type: "log", node: null, level: "warning", message: stopSentence(wish) }),
  });
  const { signal: asked = stop.signal } = options;
  const signal = AbortSignal.any([asked, stop.signal]);
  const world = worldOf(prepared, { run: run.runId, sinks, signal, options, settings });
  try {
    const steps = await executeWatched(world);
    stop[Symbol.dispose](); // what is done is done: a wish that comes now is too late
    const facts = { startedAt, isCancelled: signal.aborted, runName: run.runName };
    const done = await completeRun(prepared, world, { steps, facts });
    if (repeatAs !== undefined) await keepManifest(prepared, done, { repeatAs, tags, params });
    if (mirror !== undefined) {
      tellMirror(await mirror.finish(), sinks, settings);
      await sinks.flush();
    }
    return done;
  } catch (error) {
    // The store cannot be written, most likely; whoever can, learns that the run is over.
    const end = { status: "FAILED", endTime: Date.now() } as const;
    await finishRun(store, run.runId, end).catch(() => {});
    throw error;
  }
}

/** Says what the team's server has, or why it has not got all. */
function tellMirror(
  { sent, remarks, problem }: MirrorReport,
  sinks: EventSinks,
  { server }: Settings,
): void {
  const many = sent.length === 1 ? "the run" : `${sent.length} runs`;
  if (sent.length > 0) {
    sinks.emit({ type: "log", node: null, level: "info", message: `${server} has ${many}` });
  }
  for (const message of remarks) sinks.emit({ type: "log", node: null, level: "warning", message });
  if (problem === undefined) return;
  const message = problem instanceof ExplainedError
    ? `${problem.what}: ${problem.why}. ${problem.fix}`
    : `Cannot send to ${server}: ${problem}`;
  sinks.emit({ type: "log", node: null, level: "warning", message });
}

/** With `--only`, what the chosen nodes need must be cached: that is told before anything runs. */
async function requireCached(prepared: PreparedRun): Promise<void> {
  const { graph, selection: { only } } = prepared;
  if (only === undefined || only.length === 0) return;
  const needed = new Set(
    graph.nodes.filter(({ id }) => only.includes(id)).flatMap((node) => [...ancestorsOf(node)])
      .map(({ id }) => id).filter((id) => !only.includes(id)),
  );
  const { nodes } = await planRun(prepared);
  const missing = nodes.filter(({ node, action }) =>
    needed.has(node) && (action === "run" || action === "unknown")
  ).map(({ node }) => node);
  if (missing.length === 0) return;
  throw new ExplainedError("run/not-cached", {
    what: `Cannot run ${only.join(", ")} alone`,
    why: listProblems(missing.map((node) => `the result of "${node}" is needed and not cached`)),
    fix: `Run without --only first, or add ${missing.map((node) => `--only ${node}`).join(" ")}`,
  });
}

/** Runs all nodes while the machine is watched. */
async function executeWatched(world: RunWorld): Promise<readonly FinishedStep[]> {
  const stopWatching = watchSystem(({ name, value }, sample) =>
    world.sinks.emit({ type: "metric", node: "system", name, value, iteration: sample })
  );
  try {
    return await executeRun(world);
  } finally {
    await stopWatching();
  }
}

/** Records how the run ended. */
async function completeRun(
  prepared: PreparedRun,
  { run, sinks, signal }: RunWorld,
  { steps, facts }: {
    readonly steps: readonly FinishedStep[];
    readonly facts: {
      readonly startedAt: number;
      readonly isCancelled: boolean;
      readonly runName: string;
    };
  },
): Promise<CompletedRun> {
  const { store, graph } = prepared;
  const { isCancelled, runName } = facts;
  const status = runStatus(steps, isCancelled);
  const usesEngine = graph.nodes.some(({ step }) => step.uses?.includes("engine"));
  const engine = usesEngine ? prepared.engineFacts()?.engine ?? null : null;
  const durationMs = Math.round(performance.now() - facts.startedAt);
  const summary = await summarizeRun(
    store,
    { run, runName, pipeline: graph.pipeline, engine, durationMs, isCancelled },
    steps,
  );
  sinks.emit({ type: "run-finished", status, durationMs });
  await sinks.flush();
  await recordRunFiles(prepared, run, steps);
  await finishRun(store, run, {
    status: MLFLOW_STATUS[status],
    endTime: Date.now(),
    tags: { "hanok.status": status, ...engineTags(prepared), ...stopTags(signal, status) },
  });
  return { summary, card: await readCard(store, steps), exitCode: EXIT_CODES[status], steps };
}

/** Says who stopped the run, where somebody did. */
function stopTags({ reason }: AbortSignal, status: RunSummary["status"]): Record<string, string> {
  if (status !== "cancelled" || !(reason instanceof RunStopped)) return {};
  return { [RUN_TAGS.stopped]: reason.message };
}

function engineTags(prepared: PreparedRun): Record<string, string> {
  const facts = prepared.engineFacts();
  if (facts === undefined) return {};
  return {
    "hanok.engine": facts.engine,
    "hanok.device": facts.device,
    "hanok.onnxruntime": facts.ortVersion,
  };
}

/** Leaves what `repeatRun` needs to take the short way next time. */
async function keepManifest(
  prepared: PreparedRun,
  { summary, card, steps }: CompletedRun,
  { repeatAs, tags, params }: {
    readonly repeatAs: ManifestKey;
    readonly tags: ReturnType<typeof runTags>;
    readonly params: ReturnType<typeof flattenConfig>;
  },
): Promise<void> {
  const manifest = await makeManifest({
    prepared,
    steps,
    summary,
    card,
    tags: { ...tags, ...engineTags(prepared) },
    params,
  });
  if (manifest === undefined) return;
  await writeManifest(await manifestPath(prepared.store.folder, repeatAs), manifest);
}

function worldOf(
  prepared: PreparedRun,
  { run, sinks, signal, options, settings }: {
    readonly run: string;
    readonly sinks: EventSinks;
    readonly signal: AbortSignal;
    readonly options: RunOptions;
    readonly settings: Settings;
  },
): RunWorld {
  const { interactive: ask } = options;
  let isTold = false;
  const openEngine = async (): Promise<EnginePort> => {
    const engine = await prepared.openEngine();
    const facts = prepared.engineFacts();
    if (!isTold && facts !== undefined) {
      isTold = true;
      const { engine: name, device, why } = facts;
      sinks.emit({ type: "engine-chosen", engine: name, device, why });
    }
    return engine;
  };
  const registryFor = (stepRun: RegisteringStep): RegistryPort =>
    registryPort(prepared.store, stepRun, {
      run,
      user: settings.user,
      ...(ask === undefined ? {} : { ask: (question) => ask(question, { signal }) }),
    });
  return {
    ...prepared,
    run,
    sinks,
    signal,
    parallelNodes: settings.parallelNodes,
    openEngine,
    registryFor,
  };
}
