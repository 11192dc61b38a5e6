/** Lists on the way for each worker: one it works on, and one that waits. */
const AHEAD = 2;

/** How lists are worked on. */
export interface OrderedWork<List, Answer> {
  /** Lists that are worked on without a worker: to start one takes longer. */
  readonly few: number;
  /** The worker's module; its first message is `setup`, and every one that follows is answered once, in order. */
  readonly module: URL;
  readonly setup: unknown;
  /** What a worker is sent of a list. */
  readonly question: (list: List) => unknown;
  /** The same work without a worker. */
  readonly alone: (list: List) => Answer;
}

/**
 * Works on lists, on as many workers as there are cores, and gives the answers in the order of the lists. What comes out does not depend
 * on how many there are.
 */
export async function* inOrder<List, Answer>(
  lists: AsyncIterable<List>,
  work: OrderedWork<List, Answer>,
): AsyncGenerator<readonly [List, Answer], void, undefined> {
  const source = lists[Symbol.asyncIterator]();
  try {
    const first: List[] = [];
    let next = await source.next();
    for (; !next.done && first.length < work.few; next = await source.next()) {
      first.push(next.value);
    }
    if (next.done) {
      for (const list of first) yield [list, work.alone(list)];
      return;
    }
    using workers = openWorkers<Answer>(work);
    const ask = (list: List) => [list, workers.ask(work.question(list))] as const;
    const waiting = [ask(next.value)];
    const askAhead = async () => {
      while (waiting.length < AHEAD * workers.count) {
        const list = await source.next();
        if (list.done) return;
        waiting.push(ask(list.value));
      }
    };
    await askAhead();
    // While the workers start, there is enough to do without them.
    for (const list of first) yield [list, work.alone(list)];
    for (;;) {
      await askAhead();
      const oldest = waiting.shift();
      if (oldest === undefined) return;
      yield [oldest[0], await oldest[1]];
    }
  } finally {
    await source.return?.();
  }
}

interface Workers<Answer> extends Disposable {
  readonly count: number;
  ask(question: unknown): Promise<Answer>;
}

function openWorkers<Answer>(
  { module, setup }: { readonly module: URL; readonly setup: unknown },
): Workers<Answer> {
  const count = navigator.hardwareConcurrency;
  const queues = Array.from({ length: count }, () => openWorker<Answer>(module, setup));
  let turn = 0;
  return {
    count,
    ask: (question) => queues[turn++ % count]!.ask(question),
    [Symbol.dispose]: () => queues.forEach(({ worker }) => worker.terminate()),
  };
}

/** A worker that answers in the order in which it is asked. */
export interface OrderedWorker<Answer> {
  readonly worker: Worker;
  ask(question: unknown): Promise<Answer>;
}

/** Starts a worker. @param setup Its first message. */
export function openWorker<Answer>(module: URL, setup: unknown): OrderedWorker<Answer> {
  const worker = new Worker(module, { type: "module" });
  const asked: PromiseWithResolvers<Answer>[] = [];
  worker.onmessage = ({ data }: MessageEvent<Answer>) => asked.shift()!.resolve(data);
  worker.onerror = (event) => {
    event.preventDefault();
    for (const { reject } of asked.splice(0)) reject(new Error(event.message));
  };
  worker.postMessage(setup);
  return {
    worker,
    ask(question) {
      const answer = Promise.withResolvers<Answer>();
      answer.promise.catch(() => {}); // it is waited for in its turn
      asked.push(answer);
      worker.postMessage(question);
      return answer.promise;
    },
  };
}
