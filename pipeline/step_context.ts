import type { DatasetHandle, DatasetSchema, Row } from "./dataset.ts";
import type { EnginePort } from "./engine_port.ts";
import type { ChampionFacts, FolderHandle, RegistryPort } from "./model.ts";
import type { PreprocessingPort } from "./preprocessing.ts";

/** How far a step has come, for a progress bar. */
export interface Progress {
  readonly done: number;
  /** Absent when it is not known. */
  readonly total?: number;
  /** What is counted: "examples", "bytes". */
  readonly unit: string;
  /** A few words beside the bar: "epoch 3/20". */
  readonly label?: string;
  /** Number to show beside it, e.g. the loss. */
  readonly loss?: number;
}

/** The content of one file of an artifact. */
export type FileContent = Uint8Array<ArrayBuffer> | string;

/** Writes the artifacts of a step run: under a temporary name, synced, then renamed to their content hash. */
export interface ArtifactWriter {
  /**
   * Writes a table. Equal columns and rows give an equal hash.
   *
   * @throws {ExplainedError} `dataset/bad-value` when a value does not fit its column.
   */
  dataset(
    schema: Omit<DatasetSchema, "rowCount">,
    rows: Iterable<Row> | AsyncIterable<Row>,
  ): Promise<DatasetHandle>;
  /** Writes files, by relative path with `/`. */
  folder(files: Readonly<Record<string, FileContent>>): Promise<FolderHandle>;
}

/** What a step may ask of the world. The runtime supplies it; tests fake it. */
export interface StepContext {
  /** Id of the node that runs. */
  readonly node: string;
  /** Aborted when the run is cancelled or the step's time is up. Loops look at it at least every 50 ms. */
  readonly signal: AbortSignal;
  /** Waits for the event loop, so that signals, timers and other nodes get their turn. */
  yield(): Promise<void>;
  /** Records a metric at an iteration. It is named `<node>/<name>` in the run; `bare` also records it as `name`. */
  metric(
    name: string,
    value: number,
    options?: { readonly iteration?: number; readonly bare?: boolean },
  ): void;
  progress(progress: Progress): void;
  /** A line for people, kept in the run's log. */
  log(message: string, level?: "info" | "warning"): void;
  /** A few words for the step's line in the terminal: "1 437 rows". */
  summary(text: string): void;
  readonly artifacts: ArtifactWriter;
  /** Where a path from the params lies: relative ones start at the pipeline's folder. */
  resolvePath(path: string): string;
  /** The champion that the step declared to read, or `undefined` when the model has none. */
  champion(model: string): ChampionFacts | undefined;
  /** The content of a URL that the step declared to read. */
  fetch(address: string): Promise<Uint8Array<ArrayBuffer>>;
  /**
   * Path of a local copy of a file from the web: fetched once, with progress, and kept in the store.
   *
   * @throws {ExplainedError} `download/unreachable`, `download/not-there`, or `download/changed` when it is no longer what it was.
   */
  download(address: string): Promise<string>;
  /**
   * A folder for what a long step needs to go on where it was stopped. It belongs to the step's cache key: the same step with
   * the same inputs finds it again after a failure or a kill; it goes when the step succeeds.
   */
  scratch(): Promise<string>;
  /** @throws {ExplainedError} `step/undeclared-port` unless the step declares `uses: ["engine"]`. */
  readonly engine: EnginePort;
  /** @throws {ExplainedError} `step/undeclared-port` unless the step declares `uses: ["preprocessing"]`. */
  readonly preprocessing: PreprocessingPort;
  /** @throws {ExplainedError} `step/undeclared-port` unless the step declares `effects: true`. */
  readonly registry: RegistryPort;
}
