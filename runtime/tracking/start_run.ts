import type { Json } from "../../pipeline/json.ts";
import { ExplainedError } from "../../pipeline/explained_error.ts";
import { checkArtifactPath, checkKeys } from "../store/limits.ts";
import { readSettings } from "../settings.ts";
import {
  createRun,
  finishRun,
  holdRunLock,
  logMetrics,
  logParams,
  type MetricPoint,
  type MlflowStatus,
  openStore,
  type ParamValues,
  processTags,
  recordRunArtifacts,
  setTags,
  type Store,
  type Texts,
} from "../store/mod.ts";

/** A run of code outside a pipeline. */
export interface StartRunOptions {
  /** Made when it is new. */
  readonly experiment: string;
  /** @default a random name of three words */
  readonly runName?: string;
  readonly tags?: Texts;
  /** Id of the run it belongs to. */
  readonly parent?: string;
  /** @default the store of the project, opened for this run */
  readonly store?: Store;
}

/** Where such code logs. Params may be nested: `{ train: { epochs: 5 } }` is `train.epochs`. */
export interface RunLogger {
  /**
   * Kept in memory for a moment and written in batches.
   *
   * @throws {TypeError} For a value that is no number.
   * @throws {ExplainedError} `store/bad-name`, `run/finished`.
   */
  metric(name: string, value: number, options?: { readonly step?: number }): void;
  param(name: string, value: Json): Promise<void>;
  params(values: Readonly<Record<string, Json>>): Promise<void>;
  tag(name: string, value: string): Promise<void>;
  /**
   * Keeps a file, by its path on disk or as bytes, under a name in the run's folder.
   *
   * @throws {ExplainedError} `store/bad-name` for a name that leads out of the folder.
   */
  artifact(content: string | Uint8Array<ArrayBuffer>, name: string): Promise<void>;
}

/** A run that code logs to. Left without `finish()`, it ends as FINISHED; after a crash, as KILLED. */
export interface TrackedRun extends AsyncDisposable {
  /** 32 hex digits. */
  readonly id: string;
  readonly name: string;
  readonly log: RunLogger;
  /** Writes what is still in memory and ends the run. Again, it does nothing. */
  finish(status?: Extract<MlflowStatus, "FINISHED" | "FAILED" | "KILLED">): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Metrics are written when so many wait … */
const BATCH = 500;
/** … or the first of them has waited so long: a crash loses no more than this. */
const FLUSH_MS = 1000;

/**
 * Begins a run for code that is no pipeline.
 *
 * @example
 * ```ts ignore
 * await using run = await startRun({ experiment: "notebook" });
 * await run.log.params({ epochs: 3 });
 * for (let step = 0; step < 3; step++) run.log.metric("loss", 1 / (step + 1), { step });
 * await run.log.artifact(new TextEncoder().encode("hello"), "notes/hello.txt");
 * ```
 */
export async function startRun(options: StartRunOptions): Promise<TrackedRun> {
  const settings = readSettings();
  const store = options.store ?? await openStore({
    folder: settings.storeFolder,
    ...(settings.storeUrl === null ? {} : { url: settings.storeUrl }),
    ...(settings.storeAuthToken === null ? {} : { authToken: settings.storeAuthToken }),
  });
  const lock = await holdRunLock(store.folder);
  const { runId: id, runName: name } = await createRun(store, {
    runId: crypto.randomUUID().replaceAll("-", ""),
    experiment: options.experiment,
    user: settings.user,
    startTime: Date.now(),
    tags: { ...options.tags, ...await processTags(), ...lock.tags },
    ...(options.runName === undefined ? {} : { runName: options.runName }),
    ...(options.parent === undefined ? {} : { parentRunId: options.parent }),
  });
  const metrics = bufferMetrics(store, id);
  let finished: Promise<void> | undefined;
  const end = async (status: MlflowStatus): Promise<void> => {
    try {
      try {
        await metrics.flush();
      } finally {
        // What could not be written is told, and the run is over all the same.
        await finishRun(store, id, { status, endTime: Date.now() });
      }
    } finally {
      await lock[Symbol.asyncDispose]();
      if (options.store === undefined) await store[Symbol.asyncDispose]();
    }
  };
  const refuseFinished = (): void => {
    if (finished === undefined) return;
    throw new ExplainedError("run/finished", {
      what: `Cannot log to run ${name}`,
      why: "it was finished",
      fix: "Log before `finish()`, or start another run",
    });
  };
  const finish: TrackedRun["finish"] = (status = "FINISHED") => finished ??= end(status);
  return {
    id,
    name,
    log: guarded({ metric: metrics.add, ...loggerOf(store, id) }, refuseFinished),
    finish,
    [Symbol.asyncDispose]: () => finish(),
  };
}

/** Every call looks first whether the run still takes something in. */
function guarded(log: RunLogger, look: () => void): RunLogger {
  return {
    metric(...given) {
      look();
      log.metric(...given);
    },
    param: async (...given) => (look(), await log.param(...given)),
    params: async (...given) => (look(), await log.params(...given)),
    tag: async (...given) => (look(), await log.tag(...given)),
    artifact: async (...given) => (look(), await log.artifact(...given)),
  };
}

function loggerOf(store: Store, id: string): Omit<RunLogger, "metric"> {
  return {
    param: (name, value) => logParams(store, id, flatten({ [name]: value })),
    params: (values) => logParams(store, id, flatten(values)),
    tag: (name, value) => setTags(store, id, { [name]: value }),
    async artifact(content, name) {
      checkArtifactPath(name);
      const { hash, size } = await keep(store, content);
      await recordRunArtifacts(store, id, [{ path: name, blob: hash, size }]);
    },
  };
}

async function keep(
  store: Store,
  content: string | Uint8Array<ArrayBuffer>,
): Promise<{ hash: string; size: number }> {
  if (typeof content !== "string") return await store.blobs.put(content);
  const copy = await store.blobs.temporaryPath();
  await Deno.copyFile(content, copy);
  return await store.blobs.putFile(copy);
}

/** Metrics wait here for a batch; an error of writing them is told by the next `flush`. */
function bufferMetrics(
  store: Store,
  id: string,
): { add: RunLogger["metric"]; flush(): Promise<void> } {
  let waiting: MetricPoint[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  let written: Promise<unknown> = Promise.resolve();
  const write = (): void => {
    clearTimeout(timer);
    timer = undefined;
    const points = waiting;
    waiting = [];
    written = Promise.all([written, logMetrics(store, id, points)]);
    written.catch(() => {}); // told by flush()
  };
  return {
    add(key, value, { step = 0 } = {}) {
      if (typeof value !== "number") throw new TypeError(`Metric "${key}" is no number: ${value}`);
      checkKeys([key]);
      waiting.push({ key, value, step, timestamp: Date.now() });
      if (waiting.length >= BATCH) return write();
      timer ??= setTimeout(write, FLUSH_MS);
    },
    async flush() {
      write();
      await written;
    },
  };
}

function flatten(values: Readonly<Record<string, Json>>, under = ""): ParamValues {
  const flat: Record<string, string | number | boolean | null> = {};
  for (const [key, value] of Object.entries(values)) {
    const name = `${under}${key}`;
    if (value === null || typeof value !== "object") flat[name] = value;
    else if (Array.isArray(value)) flat[name] = JSON.stringify(value);
    else Object.assign(flat, flatten(value as Readonly<Record<string, Json>>, `${name}.`));
  }
  return flat;
}
