import type { FittedTokens, TokenizedTexts } from "../../pipeline/mod.ts";
import { openWordPiece } from "./word_piece.ts";

/** Lists of texts on the way for each worker: one it works on, and one that waits. */
const AHEAD = 2;

/**
 * Tokenizes lists of texts, on as many workers as there are cores, and gives the tokens in the order of the lists. What
 * comes out does not depend on how many there are.
 */
export async function* tokenizeTexts(
  { tokenizer, maxLength }: FittedTokens,
  texts: AsyncIterable<readonly string[]>,
): AsyncGenerator<TokenizedTexts, void, undefined> {
  const lists = texts[Symbol.asyncIterator]();
  const first = await lists.next();
  if (first.done) return;
  const second = await lists.next();
  // Workers are for many texts: to start them takes longer than one list.
  if (second.done) return yield openWordPiece(tokenizer).tokenize(first.value, maxLength);
  using workers = openWorkers({ tokenizer, maxLength });
  const waiting = [workers.tokenize(first.value), workers.tokenize(second.value)];
  for (;;) {
    while (waiting.length < AHEAD * workers.count) {
      const next = await lists.next();
      if (next.done) break;
      waiting.push(workers.tokenize(next.value));
    }
    const oldest = waiting.shift();
    if (oldest === undefined) return;
    yield await oldest;
  }
}

interface Workers extends Disposable {
  readonly count: number;
  tokenize(texts: readonly string[]): Promise<TokenizedTexts>;
}

function openWorkers(feature: Pick<FittedTokens, "tokenizer" | "maxLength">): Workers {
  const count = navigator.hardwareConcurrency;
  const queues = Array.from({ length: count }, () => openWorker(feature));
  let turn = 0;
  return {
    count,
    tokenize: (texts) => queues[turn++ % count]!.tokenize(texts),
    [Symbol.dispose]: () => queues.forEach(({ worker }) => worker.terminate()),
  };
}

/** A worker answers in the order in which it was asked. */
function openWorker(feature: Pick<FittedTokens, "tokenizer" | "maxLength">): {
  readonly worker: Worker;
  tokenize(texts: readonly string[]): Promise<TokenizedTexts>;
} {
  const worker = new Worker(new URL("./tokenize_worker.ts", import.meta.url), { type: "module" });
  const asked: PromiseWithResolvers<TokenizedTexts>[] = [];
  worker.onmessage = ({ data }: MessageEvent<TokenizedTexts>) => asked.shift()!.resolve(data);
  worker.onerror = (event) => {
    event.preventDefault();
    for (const { reject } of asked.splice(0)) reject(new Error(event.message));
  };
  worker.postMessage(feature);
  return {
    worker,
    tokenize(texts) {
      const answer = Promise.withResolvers<TokenizedTexts>();
      answer.promise.catch(() => {}); // it is waited for in its turn
      asked.push(answer);
      worker.postMessage(texts);
      return answer.promise;
    },
  };
}
