import { ExplainedError } from "../../pipeline/mod.ts";

/** How much may wait, how much runs at once, and how long anybody waits. Rows are counted, not requests. */
export interface BatchLimits {
  /** Rows that one batch takes at most; a larger request runs alone. */
  readonly batchRows: number;
  /** Rows that may wait. A request that finds the queue empty is always taken. */
  readonly queuedRows: number;
  /** Time after which a request is given up, in milliseconds. @default Infinity */
  readonly deadlineMs?: number;
}

/** What a batch took, for measuring. */
export interface BatchFacts {
  readonly rows: number;
  readonly requests: number;
  /** How long its oldest request waited, in milliseconds. */
  readonly waitedMs: number;
  readonly computeMs: number;
}

/** What runs the batches, and how they are put together. */
export interface BatchQueueOptions<Row, Result> extends BatchLimits {
  /** Answers rows in their order. */
  readonly run: (rows: readonly Row[]) => Promise<readonly Result[]>;
  /**
   * How long a row is, where a batch costs as much as if all its rows were as long as the longest: rows of about the same
   * length then run together. @default all are alike
   */
  readonly lengthOf?: (row: Row) => number;
  readonly onBatch?: (batch: BatchFacts) => void;
}

/** Requests that wait for a model together. Disposing it waits for all of them and takes no more. */
export interface BatchQueue<Row, Result> extends AsyncDisposable {
  /** Rows that wait now; those that run are not counted. */
  readonly waitingRows: number;
  /**
   * Runs one request, together with others that wait.
   *
   * @throws {ExplainedError} `serving/overloaded` when too many rows wait, `serving/too-late` after the
   * deadline, `serving/closed` after disposal.
   * @throws The signal's reason when it is aborted while the request waits.
   */
  run(rows: readonly Row[], signal?: AbortSignal): Promise<readonly Result[]>;
}

interface Request<Row, Result> {
  readonly rows: readonly Row[];
  /** Of its longest row. */
  readonly length: number;
  /** Of all its rows together. */
  readonly size: number;
  /** When it came, in milliseconds since 1970. */
  readonly since: number;
  /** Whether somebody still waits for it. */
  isOpen: boolean;
  readonly signal: AbortSignal | undefined;
  resolve(results: readonly Result[]): void;
  reject(reason: unknown): void;
}

/**
 * Batches requests while the model is busy: whatever has come in by the time it is free runs next, at once.
 * There is no timer, so that a lone request never waits.
 */
export function openBatchQueue<Row, Result>(
  options: BatchQueueOptions<Row, Result>,
): BatchQueue<Row, Result> {
  return new Queue(options);
}

/**
 * Requests stand in plain arrays that are thrown away whole. In a `Set`, whose old tables keep what was deleted, each of
 * them would outlive a collection of garbage, and carrying them over takes longer than a small model.
 */
class Queue<Row, Result> implements BatchQueue<Row, Result> {
  readonly #options: BatchQueueOptions<Row, Result>;
  /** In the order in which they came. */
  #waiting: Request<Row, Result>[] = [];
  #waitingRows = 0;
  #running: readonly Request<Row, Result>[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Settles when nothing waits and nothing runs any more. */
  #working: Promise<void> | undefined;
  #closed = false;

  constructor(options: BatchQueueOptions<Row, Result>) {
    this.#options = options;
  }

  get waitingRows(): number {
    return this.#waitingRows;
  }

  run(rows: readonly Row[], signal?: AbortSignal): Promise<readonly Result[]> {
    if (this.#closed) return Promise.reject(closed());
    if (signal?.aborted) return Promise.reject(signal.reason);
    const { queuedRows } = this.#options;
    if (this.#waitingRows + rows.length > queuedRows) this.#dropLeft();
    if (this.#waitingRows > 0 && this.#waitingRows + rows.length > queuedRows) {
      return Promise.reject(overloaded(this.#waitingRows, queuedRows));
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({
        rows,
        ...this.#measure(rows),
        since: Date.now(),
        isOpen: true,
        signal,
        resolve,
        reject,
      });
      this.#waitingRows += rows.length;
      this.#working ??= this.#work();
      this.#watch();
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    await this.#working;
    clearTimeout(this.#timer);
  }

  async #work(): Promise<void> {
    // One turn of the event loop lets every request that has already arrived join the first batch.
    await new Promise<void>((resolve) => setImmediate(resolve));
    while (this.#waiting.length > 0) {
      this.#dropLeft();
      if (this.#waiting.length > 0) await this.#runBatch(this.#take());
    }
    this.#working = undefined;
  }

  /** Forgets those whose caller has left. To ask is cheaper than to be told: most never leave. */
  #dropLeft(): void {
    const left = this.#waiting.filter(({ signal }) => signal?.aborted);
    for (const request of left) this.#giveUp(request, request.signal!.reason);
  }

  #measure(rows: readonly Row[]): { readonly length: number; readonly size: number } {
    const { lengthOf } = this.#options;
    let [length, size] = [0, 0];
    if (lengthOf === undefined) return { length, size };
    for (const row of rows) {
      const own = lengthOf(row);
      length = Math.max(length, own);
      size += own;
    }
    return { length, size };
  }

  /** The oldest request, and those after it that fit into one batch with it. */
  #take(): readonly Request<Row, Result>[] {
    const { batchRows, lengthOf } = this.#options;
    const taken = lengthOf === undefined
      ? takeInOrder(this.#waiting, batchRows)
      : takeAlike(this.#waiting, batchRows);
    this.#waiting = taken.length === this.#waiting.length ? [] : without(this.#waiting, taken);
    for (const { rows } of taken) this.#waitingRows -= rows.length;
    this.#running = taken;
    return taken;
  }

  async #runBatch(batch: readonly Request<Row, Result>[]): Promise<void> {
    const start = Date.now();
    const rows = batch.length === 1 ? batch[0]!.rows : batch.flatMap((request) => request.rows);
    try {
      const results = await this.#options.run(rows);
      let from = 0;
      for (const request of batch) {
        const to = from + request.rows.length;
        this.#answer(request, batch.length === 1 ? results : results.slice(from, to));
        from = to;
      }
    } catch (error) {
      await this.#runApart(batch, error);
    }
    this.#running = [];
    const waitedMs = start - batch[0]!.since;
    const computeMs = Date.now() - start;
    this.#options.onBatch?.({ rows: rows.length, requests: batch.length, waitedMs, computeMs });
  }

  /** One request must not fail because of another that happened to be in its batch. */
  async #runApart(batch: readonly Request<Row, Result>[], error: unknown): Promise<void> {
    for (const request of batch) {
      try {
        if (batch.length === 1) throw error;
        this.#answer(request, await this.#options.run(request.rows));
      } catch (own) {
        this.#giveUp(request, own);
      }
    }
  }

  #answer(request: Request<Row, Result>, results: readonly Result[]): void {
    request.isOpen = false;
    request.resolve(results);
  }

  /** One timer for all: the first that came is the first to be too late. */
  #watch(): void {
    const { deadlineMs = Infinity } = this.#options;
    if (deadlineMs === Infinity || this.#timer !== undefined) return;
    const open = [...this.#running, ...this.#waiting].filter(({ isOpen }) => isOpen);
    if (open.length === 0) return;
    const oldest = Math.min(...open.map(({ since }) => since));
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      const now = Date.now();
      for (const request of [...this.#running, ...this.#waiting]) {
        if (now - request.since >= deadlineMs) this.#giveUp(request, tooLate(deadlineMs));
      }
      this.#watch();
    }, Math.max(1, oldest + deadlineMs - Date.now()));
    Deno.unrefTimer(this.#timer);
  }

  /** What waits is dropped; what runs is not waited for any more. */
  #giveUp(request: Request<Row, Result>, reason: unknown): void {
    if (!request.isOpen) return;
    request.isOpen = false;
    request.reject(reason);
    const place = this.#waiting.indexOf(request);
    if (place < 0) return;
    this.#waiting.splice(place, 1);
    this.#waitingRows -= request.rows.length;
  }
}

function without<R>(all: readonly R[], taken: readonly R[]): R[] {
  const gone = new Set(taken);
  return all.filter((each) => !gone.has(each));
}

type Measured = Pick<Request<unknown, unknown>, "rows" | "length" | "size">;

function takeInOrder<R extends Measured>([first, ...others]: readonly R[], batchRows: number): R[] {
  const taken = [first!];
  let rows = first!.rows.length;
  for (const request of others) {
    if (rows + request.rows.length > batchRows) continue;
    taken.push(request);
    rows += request.rows.length;
  }
  return taken;
}

/** A batch takes about as long as its rows, all filled up to the longest, and this many tokens more (of BERT-base). */
const BATCH_COST = 20;
/** What a row is worth beside its tokens: to answer many is worth something, too. */
const ROW_WORTH = 5;

/**
 * The oldest, and those next to it in length: of all stretches of lengths that hold the oldest, the one that gets most
 * done for its time. Few rows waste the cost of a batch, rows too different are mostly padding.
 */
function takeAlike<R extends Measured>(waiting: readonly R[], batchRows: number): readonly R[] {
  const [oldest] = waiting;
  const sorted = waiting.toSorted((a, b) => a.length - b.length);
  const place = sorted.indexOf(oldest!);
  let best = { from: place, to: place, gain: 0 };
  let rowsBelow = 0;
  let worthBelow = 0;
  for (let from = place; from >= 0; from--) {
    const shortest = sorted[from]!;
    if (from < place) [rowsBelow, worthBelow] = add(shortest, rowsBelow, worthBelow);
    if (from < place && rowsBelow + oldest!.rows.length > batchRows) break;
    let [rows, worth] = [rowsBelow, worthBelow];
    for (let to = place; to < sorted.length; to++) {
      const longest = sorted[to]!;
      [rows, worth] = add(longest, rows, worth);
      if (rows > batchRows && to > place) break;
      const gain = worth / (BATCH_COST + rows * longest.length);
      if (gain > best.gain) best = { from, to, gain };
    }
  }
  return sorted.slice(best.from, best.to + 1);
}

function add({ rows, size }: Measured, all: number, worth: number): [number, number] {
  return [all + rows.length, worth + size + ROW_WORTH * rows.length];
}

function overloaded(waiting: number, limit: number): ExplainedError {
  return new ExplainedError("serving/overloaded", {
    what: "Cannot take this request now",
    why: `${waiting} rows wait for the model, and ${limit} may`,
    fix: "Ask again in a second, or with fewer rows at a time",
  });
}

function tooLate(deadlineMs: number): ExplainedError {
  return new ExplainedError("serving/too-late", {
    what: "Cannot answer in time",
    why: `the model has not answered within ${deadlineMs / 1000} s`,
    fix: "Ask again later, or with fewer rows at a time",
  });
}

function closed(): ExplainedError {
  return new ExplainedError("serving/closed", {
    what: "Cannot take this request",
    why: "the model has been unloaded",
    fix: "Ask again",
  });
}
