import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import {
  buildGraph,
  type ChampionFacts,
  didYouMean,
  type EngineName,
  type EnginePort,
  ExplainedError,
  type Graph,
  type Json,
  listProblems,
  type Pipeline,
  type PreprocessingPort,
} from "../pipeline/mod.ts";
import { type CodeParts, FRAMEWORK_FOLDER, openCodeHasher } from "./cache/code_parts.ts";
import { hashFile } from "./cache/file_hashes.ts";
import { findLockFile, readIntegrity } from "./cache/lock_file.ts";
import { openModuleGraphs } from "./cache/module_graph.ts";
import { type ConfigFile, readConfigFile } from "./config/config_file.ts";
import { openSecrets } from "./config/dot_env.ts";
import { resolveConfig } from "./config/resolve_config.ts";
import { secretNames, type SecretSource } from "./config/secrets.ts";
import type { PlanWorld, RunSubject } from "./executor/run_world.ts";
import { findConfig } from "./pipelines/find_config.ts";
import type { RunOptions, Selection } from "./run_options.ts";
import { findChampion } from "./registry/mod.ts";
import { projectRoot, type Settings } from "./settings.ts";
import { openStore, type Store } from "./store/mod.ts";
import { FileStamps } from "./unchanged/file_stamps.ts";
import { VERSION } from "./version.ts";

/** A pipeline to run and where its relative paths start. */
export interface RunnablePipeline {
  readonly pipeline: Pipeline;
  /** Absent for a pipeline that was made in code: its folder is then the working folder. */
  readonly path?: string;
  /** When its module began to be imported, in milliseconds since 1970. */
  readonly importedAt?: number;
}

/** What the engine turned out to be. */
export interface EngineFacts {
  readonly engine: EngineName;
  readonly device: string;
  readonly deviceClass: string;
  readonly why: string;
  readonly ortVersion: string;
}

/** Everything checked and opened that a plan or a run needs. Release with `await using`. */
export interface PreparedRun extends PlanWorld, RunSubject, AsyncDisposable {
  readonly secrets: { readonly source: SecretSource; readonly names: readonly string[] };
  readonly pipelineFolder: string;
  readonly projectFolder: string;
  openEngine(): Promise<EnginePort>;
  openPreprocessing(): Promise<PreprocessingPort>;
  /** The engine's facts once something asked for them. */
  engineFacts(): EngineFacts | undefined;
}

/**
 * Checks config, pipeline and selection, all before anything runs.
 *
 * @throws {ExplainedError} With every problem that was found.
 */
export async function prepareRun(
  { pipeline, path, importedAt }: RunnablePipeline,
  options: RunOptions,
  settings: Settings,
): Promise<PreparedRun> {
  const pipelineFolder = path === undefined ? settings.cwd : dirname(path);
  const projectFolder = projectRoot(pipelineFolder);
  const secrets = openSecrets(projectFolder);
  const stamps = new FileStamps();
  for (const name of ["deno.json", "deno.jsonc"]) stamps.take(join(projectFolder, name));
  const configFile = await openConfig(options, {
    folder: path === undefined ? undefined : pipelineFolder,
    cwd: settings.cwd,
    stamps,
  });
  const { config } = resolveConfig(pipeline, {
    ...(configFile === undefined ? {} : { file: configFile }),
    ...(typeof options.config === "object" ? { values: options.config as Json } : {}),
    set: options.set ?? [],
    secrets,
    pipelineFolder,
    projectFolder,
    cwd: settings.cwd,
  });
  const graph = buildGraph(pipeline, config);
  checkSelection(graph, options);
  const names = checkSecrets(graph, secrets);

  const hasher = openCodeHasher(
    { projectFolder, integrity: openIntegrity(projectFolder, stamps) },
    VERSION,
    (file) => stamps.take(file),
  );
  const graphOf = openModuleGraphs(graphRoots(path, graph));
  const codes = new Map<string, Promise<CodeParts>>();
  const codeOf = (url: string): Promise<CodeParts> => {
    const known = codes.get(url) ?? graphOf(url).then((graph) => hasher.partsOf(url, graph));
    codes.set(url, known);
    return known;
  };
  if (path !== undefined) {
    const url = pathToFileURL(path).href;
    const files = hasher.filesOf(url, await graphOf(url));
    for (const file of files) stamps.take(file);
    refuseEdited(stamps.newerThan(importedAt ?? Infinity, files));
  }
  // All code is hashed before anything runs: what is edited later must not name what ran before.
  await Promise.all(
    graph.nodes.flatMap(({ step }) =>
      [step.module, ...(step.uses ?? []).map((port) => PORT_MODULES[port])].map(codeOf)
    ),
  );
  const engine = openEngineOnce(options, settings, graph);
  const store = await openStore({
    folder: options.store === undefined
      ? settings.storeFolder
      : resolve(settings.cwd, options.store),
    ...(settings.storeUrl === null ? {} : { url: settings.storeUrl }),
    ...(settings.storeAuthToken === null ? {} : { authToken: settings.storeAuthToken }),
  });
  return {
    store,
    graph,
    selection: options,
    config,
    configFile: configFile?.path ?? null,
    secrets: { source: secrets, names },
    pipelineFolder,
    projectFolder,
    stamps,
    codeOf,
    reads: {
      resolvePath: (each) => resolve(pipelineFolder, each.replaceAll("\\", "/")),
      onPath: (each) => stamps.take(each),
      hashFile: (each) => hashFile(store, each),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
      findChampion: (model) => championFacts(store, model),
    },
    async environmentOf(port) {
      const code = await codeOf(PORT_MODULES[port]);
      if (port === "preprocessing") return code;
      const { engine: name, deviceClass, ortVersion } = await engine.facts();
      return {
        ...code,
        engine: name,
        "device class": deviceClass,
        onnxruntime: ortVersion,
        threads: String(settings.threads),
      };
    },
    openEngine: engine.open,
    openPreprocessing: async () => {
      const { openPreprocessing } = await import("./preprocessing/mod.ts");
      return openPreprocessing();
    },
    engineFacts: engine.known,
    async [Symbol.asyncDispose]() {
      try {
        await engine.close();
      } finally {
        await store[Symbol.asyncDispose]();
      }
    },
  };
}

/** Where the code behind each port starts. */
const PORT_MODULES = {
  engine: pathToFileURL(join(FRAMEWORK_FOLDER, "runtime/engine/mod.ts")).href,
  preprocessing: pathToFileURL(join(FRAMEWORK_FOLDER, "runtime/preprocessing/mod.ts")).href,
} as const;

/** The lock file's integrities, read at the first call. */
function openIntegrity(folder: string, stamps: FileStamps) {
  let reading: Promise<ReadonlyMap<string, string>> | undefined;
  return () => {
    if (reading !== undefined) return reading;
    const lockFile = findLockFile(folder);
    if (lockFile !== undefined) stamps.take(lockFile);
    return reading = readIntegrity(lockFile);
  };
}

async function openConfig(
  { config }: RunOptions,
  { folder, cwd, stamps }: {
    readonly folder: string | undefined;
    readonly cwd: string;
    readonly stamps: FileStamps;
  },
): Promise<ConfigFile | undefined> {
  if (typeof config === "object" || (config === undefined && folder === undefined)) {
    return undefined;
  }
  const path = await findConfig(folder ?? cwd, config, cwd);
  if (path === undefined) return undefined;
  stamps.take(path);
  return await readConfigFile(path);
}

/** What imports most of the code of a graph: the pipeline's module, else what brings the steps of the framework. */
function graphRoots(path: string | undefined, { nodes }: Graph): readonly string[] {
  if (path !== undefined) return [path];
  const steps = pathToFileURL(join(FRAMEWORK_FOLDER, "steps/")).href;
  return nodes.some(({ step }) => step.module.startsWith(steps))
    ? [join(FRAMEWORK_FOLDER, "mod.ts")]
    : [];
}

/** Names of the secrets that the params mention, wherever they come from. */
function checkSecrets({ pipeline, nodes }: Graph, source: SecretSource): readonly string[] {
  const names = [...secretNames(nodes.map(({ params }) => params))];
  const missing = names.filter((name) => source(name) === undefined);
  if (missing.length === 0) return names;
  throw new ExplainedError("config/missing-secret", {
    what: `Cannot run pipeline "${pipeline}"`,
    why: listProblems(missing.map((name) => `secret \${${name}} has no value`)),
    fix: "Set it in the environment or in the project's .env",
  });
}

/** The code that runs was imported before it was hashed: both must be one. */
function refuseEdited(files: readonly string[]): void {
  if (files.length === 0) return;
  throw new ExplainedError("code/edited", {
    what: "Cannot tell which code would run",
    why: `${files.join(", ")} changed while the pipeline was being started`,
    fix: "Run it again",
  });
}

function checkSelection({ pipeline, nodes }: Graph, { only, from, force }: Selection): void {
  const ids = nodes.map(({ id }) => id);
  const named = { only, from, force };
  const problems = Object.entries(named).flatMap(([option, chosen]) =>
    (chosen ?? []).filter((id) => !ids.includes(id)).map((id) =>
      `--${option} ${id}: no such node${didYouMean(id, ids)}`
    )
  );
  if (problems.length === 0 && only?.length && from?.length) {
    throw new ExplainedError("config/selection", {
      what: `Cannot choose nodes of pipeline "${pipeline}"`,
      why: "--only says that nothing else runs, and --from that everything after a node does",
      fix: "Give one of them",
    });
  }
  if (problems.length === 0) return;
  throw new ExplainedError("run/unknown-node", {
    what: `Cannot choose nodes of pipeline "${pipeline}"`,
    why: listProblems(problems),
    fix: `Its nodes: ${ids.join(", ")}`,
  });
}

async function championFacts(store: Store, model: string): Promise<ChampionFacts | undefined> {
  const found = await findChampion(store, model);
  if (found === undefined) return undefined;
  const { version, metrics, tags } = found;
  const numbers = Object.entries(metrics).map(([name, value]) => [name, Number(value)]);
  return { model, version, metrics: Object.fromEntries(numbers), tags };
}

/** Chooses the engine at the first question about it, opens it at the first use. */
function openEngineOnce(
  { engine = "auto" }: RunOptions,
  { threads }: Settings,
  { nodes }: Graph,
) {
  const sizes = nodes.flatMap(({ step, params }) => step.weights?.(params) ?? []);
  const size = sizes.length === 0 ? {} : { modelSize: Math.max(...sizes) };
  let known: EngineFacts | undefined;
  let choosing: Promise<EngineFacts> | undefined;
  let opening: Promise<EnginePort & AsyncDisposable> | undefined;
  const facts = () =>
    choosing ??= import("./engine/mod.ts").then(async ({ chooseEngine }) => {
      known = await chooseEngine(engine, { threads, ...size });
      return known;
    });
  return {
    facts,
    known: () => known,
    open: (): Promise<EnginePort> =>
      opening ??= facts().then(async (chosen) => {
        const { openEngine } = await import("./engine/mod.ts");
        return await openEngine(chosen.engine, { threads });
      }),
    close: async () => await (await opening?.catch(() => undefined))?.[Symbol.asyncDispose](),
  };
}
