import { ExplainedError, type Tensor } from "../../pipeline/mod.ts";
import type { ModelRow, RowRunner, RunnerParts } from "./row_runner.ts";

/** What is asked of the worker. */
export type WorkerQuestion =
  | { readonly id: number; readonly open: RunnerParts; readonly threads: number }
  | { readonly id: number; readonly rows: readonly ModelRow[] };

/** What the worker says: outputs, or an error in parts, because classes do not cross threads. */
export type WorkerReply =
  | { readonly id: number; readonly outputs: Readonly<Record<string, Tensor>> | null }
  | {
    readonly id: number;
    readonly error: {
      readonly code: string;
      readonly what: string;
      readonly why: string;
      readonly fix: string;
    };
  };

/**
 * Opens a model in a thread of its own, so that whoever asks for a page does not wait for arithmetic.
 * A thread that dies fails what it was doing; the next question starts a new one.
 *
 * @throws {ExplainedError} When one of the files is damaged.
 */
export async function openWorkerRunner(
  parts: RunnerParts,
  { threads }: { readonly threads: number },
): Promise<RowRunner> {
  let worker: Promise<ModelWorker> | undefined = startWorker(parts, threads);
  await worker;
  return {
    async run(rows) {
      worker ??= startWorker(parts, threads);
      const running = await worker.catch((error) => {
        worker = undefined;
        throw error;
      });
      running.onDeath = () => worker = undefined;
      return (await running.ask({ rows }))!;
    },
    async [Symbol.asyncDispose]() {
      (await worker?.catch(() => undefined))?.end();
    },
  };
}

type Question = WorkerQuestion extends infer Each ? Each extends { id: number } ? Omit<Each, "id">
  : never
  : never;

interface ModelWorker {
  ask(question: Question): Promise<Readonly<Record<string, Tensor>> | null>;
  end(): void;
  onDeath: () => void;
}

async function startWorker(parts: RunnerParts, threads: number): Promise<ModelWorker> {
  const worker = new Worker(new URL("./runner_worker.ts", import.meta.url), { type: "module" });
  const asked = new Map<number, PromiseWithResolvers<Readonly<Record<string, Tensor>> | null>>();
  let last = 0;
  const started: ModelWorker = {
    ask(question) {
      const id = ++last;
      const reply = Promise.withResolvers<Readonly<Record<string, Tensor>> | null>();
      asked.set(id, reply);
      worker.postMessage({ ...question, id });
      return reply.promise;
    },
    end: () => worker.terminate(),
    onDeath: () => {},
  };
  worker.onmessage = ({ data }: MessageEvent<WorkerReply>) => {
    const reply = asked.get(data.id);
    asked.delete(data.id);
    if ("error" in data) reply?.reject(new ExplainedError(data.error.code, data.error));
    else reply?.resolve(data.outputs);
  };
  worker.onerror = (event) => {
    event.preventDefault();
    started.onDeath();
    worker.terminate();
    for (const reply of asked.values()) reply.reject(died(event.message));
    asked.clear();
  };
  try {
    await started.ask({ open: parts, threads });
  } catch (error) {
    worker.terminate();
    throw error;
  }
  return started;
}

function died(message: string): ExplainedError {
  return new ExplainedError("serving/worker-died", {
    what: "Cannot answer",
    why: `the thread of the model ended: ${message}`,
    fix: "Ask again: a new thread is started",
  });
}
