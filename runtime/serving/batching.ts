import { ExplainedError } from "../../pipeline/mod.ts";
import { type NamedTensors, splitTensors, stackingKey, stackTensors } from "./stack_tensors.ts";

/** How much may wait, and how much runs at once. Rows are counted, not requests. */
export interface BatchLimits {
  /** Rows that one batch takes at most; a larger request runs alone. */
  readonly batchRows: number;
  /** Rows that may wait. A request that finds the queue empty is always taken. */
  readonly queuedRows: number;
}

/** What runs a batch: an inference session. */
export type RunBatch = (inputs: NamedTensors) => Promise<NamedTensors>;

/** Requests that wait for a model together. Disposing it waits for all of them and takes no more. */
export interface BatchQueue extends AsyncDisposable {
  /** Rows that wait now; those that run are not counted. */
  readonly waitingRows: number;
  /**
   * Runs one request, together with others that wait.
   *
   * @throws {ExplainedError} `serving/overloaded` when too many rows wait, `serving/closed` after disposal.
   * @throws The signal's reason when it is aborted while the request waits.
   */
  run(inputs: NamedTensors, rows: number, signal?: AbortSignal): Promise<NamedTensors>;
}

interface Waiting {
  readonly inputs: NamedTensors;
  readonly rows: number;
  readonly key: string;
  resolve(outputs: NamedTensors): void;
  reject(reason: unknown): void;
}

/**
 * Batches requests while the model is busy: whatever has come in by the time it is free runs next, at once.
 * There is no timer, so that a lone request never waits.
 */
export function openBatchQueue(run: RunBatch, limits: BatchLimits): BatchQueue {
  return new Queue(run, limits);
}

class Queue implements BatchQueue {
  readonly #run: RunBatch;
  readonly #limits: BatchLimits;
  #waiting: Waiting[] = [];
  #waitingRows = 0;
  /** Settles when nothing waits and nothing runs any more. */
  #working: Promise<void> | undefined;
  #closed = false;

  constructor(run: RunBatch, limits: BatchLimits) {
    this.#run = run;
    this.#limits = limits;
  }

  get waitingRows(): number {
    return this.#waitingRows;
  }

  run(inputs: NamedTensors, rows: number, signal?: AbortSignal): Promise<NamedTensors> {
    if (this.#closed) return Promise.reject(closed());
    if (signal?.aborted) return Promise.reject(signal.reason);
    const { queuedRows } = this.#limits;
    if (this.#waitingRows > 0 && this.#waitingRows + rows > queuedRows) {
      return Promise.reject(overloaded(this.#waitingRows, queuedRows));
    }
    const { promise, resolve, reject } = Promise.withResolvers<NamedTensors>();
    const request = { inputs, rows, key: stackingKey(inputs), resolve, reject };
    this.#waiting.push(request);
    this.#waitingRows += rows;
    this.#working ??= this.#work();
    if (signal === undefined) return promise;
    const leave = () => this.#leave(request, signal.reason);
    signal.addEventListener("abort", leave, { once: true });
    return promise.finally(() => signal.removeEventListener("abort", leave));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    await this.#working;
  }

  async #work(): Promise<void> {
    // One turn of the event loop lets every request that has already arrived join the first batch.
    await new Promise<void>((resolve) => setImmediate(resolve));
    while (this.#waiting.length > 0) await this.#runBatch(this.#take());
    this.#working = undefined;
  }

  /** The oldest request, and those after it that fit into one batch with it. */
  #take(): Waiting[] {
    const [first] = this.#waiting;
    const taken: Waiting[] = [];
    const left: Waiting[] = [];
    let rows = 0;
    for (const request of this.#waiting) {
      const fits = request === first ||
        (request.key === first!.key && rows + request.rows <= this.#limits.batchRows);
      (fits ? taken : left).push(request);
      if (fits) rows += request.rows;
    }
    this.#waiting = left;
    this.#waitingRows -= rows;
    return taken;
  }

  async #runBatch(batch: readonly Waiting[]): Promise<void> {
    try {
      const outputs = await this.#run(stackTensors(batch.map(({ inputs }) => inputs)));
      const parts = splitTensors(outputs, batch.map(({ rows }) => rows));
      batch.forEach((request, index) => request.resolve(parts[index]!));
    } catch (error) {
      for (const request of batch) request.reject(error);
    }
  }

  #leave(request: Waiting, reason: unknown): void {
    const index = this.#waiting.indexOf(request);
    if (index < 0) return;
    this.#waiting.splice(index, 1);
    this.#waitingRows -= request.rows;
    request.reject(reason);
  }
}

function overloaded(waiting: number, limit: number): ExplainedError {
  return new ExplainedError("serving/overloaded", {
    what: "Cannot take this request now",
    why: `${waiting} rows wait for the model, and ${limit} may`,
    fix: "Ask again in a second, or with fewer rows at a time",
  });
}

function closed(): ExplainedError {
  return new ExplainedError("serving/closed", {
    what: "Cannot take this request",
    why: "the model has been unloaded",
    fix: "Ask again",
  });
}
