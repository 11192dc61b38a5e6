import type {
  EnginePort,
  Graph,
  Json,
  ModelHandle,
  PreprocessingPort,
  RegistryPort,
} from "../../pipeline/mod.ts";
import type { ArtifactRecord } from "../artifacts/artifact_codec.ts";
import type { CodeParts } from "../cache/code_parts.ts";
import type { ReadSources } from "../cache/resolve_reads.ts";
import type { SecretSource } from "../config/secrets.ts";
import type { Selection } from "../run_options.ts";
import type { Store } from "../store/mod.ts";
import type { FileStamps } from "../unchanged/file_stamps.ts";
import type { EventSinks } from "./event_sinks.ts";

/** What is to be run. */
export interface RunSubject {
  readonly graph: Graph;
  /** As the pipeline's build got it; secrets as placeholders. */
  readonly config: Json;
  /** Path of the YAML file it came from. */
  readonly configFile: string | null;
}

/** What planning needs to know of the world. */
export interface PlanWorld {
  readonly store: Store;
  readonly graph: Graph;
  readonly selection: Selection;
  readonly reads: ReadSources;
  /** Files that were looked at: modules, lock, config, data. */
  readonly stamps: FileStamps;
  /** Parts of the code of a step's module. */
  codeOf(moduleUrl: string): Promise<CodeParts>;
  /** Environment parts of a port; asking for the engine's chooses the engine. */
  environmentOf(port: "engine" | "preprocessing"): Promise<Readonly<Record<string, string>>>;
}

/** A step run that may register a model. */
export interface RegisteringStep {
  readonly cacheKey: string;
  /** The artifact behind a model that the step made or was given. */
  recordModel(model: ModelHandle): Promise<ArtifactRecord>;
}

/** What executing needs beside that. */
export interface RunWorld extends PlanWorld {
  readonly run: string;
  readonly sinks: EventSinks;
  readonly signal: AbortSignal;
  readonly parallelNodes: number;
  readonly secrets: {
    readonly source: SecretSource;
    readonly names: readonly string[];
  };
  /** Opened at the first call, once for the run. */
  openEngine(): Promise<EnginePort>;
  openPreprocessing(): Promise<PreprocessingPort>;
  /** The registry as one step run may use it; its cache key is the idempotency key. */
  registryFor(stepRun: RegisteringStep): RegistryPort;
}
