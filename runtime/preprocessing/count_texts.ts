import {
  type FrequentNgrams,
  openTextCounts,
  type TextCounts,
  type TextCountsOptions,
} from "./text_counts.ts";
import { joinHashes } from "./hash_list.ts";
import { openWorker, type OrderedWorker } from "./ordered_workers.ts";

/** Texts up to which no worker is started. */
const FEW = 8192;

/** Texts that a worker is sent at once. */
const LIST = 1024;

/** Lists on the way to each worker, at most: more would fill the memory. */
const AHEAD = 8;

/** Counts texts on all cores. */
export interface ParallelCounts extends TextCounts, Disposable {
  /** To be awaited now and then: a promise while the workers have more than enough to do. */
  rest(): Promise<void> | undefined;
}

/**
 * Opens counts that are shared out among workers when there are many texts: each reads all texts, and counts the n-grams whose hashes begin
 * with its own bits. What is found does not depend on how many there are.
 */
export function openParallelCounts(options: Omit<TextCountsOptions, "part">): ParallelCounts {
  const alone = openTextCounts({ ...options, part: { bits: 0, value: 0 } });
  let texts: string[] = [];
  let workers: readonly OrderedWorker<FrequentNgrams | null>[] = [];
  let onTheWay: Promise<unknown>[] = [];
  const send = (): void => {
    onTheWay.push(...workers.map((worker) => worker.ask(texts)));
    texts = [];
  };
  return {
    learn(text) {
      texts.push(text);
      if (workers.length > 0) {
        if (texts.length === LIST) send();
      } else if (texts.length <= FEW) alone.learn(text);
      else {
        workers = openCountWorkers(options);
        send();
      }
    },
    rest() {
      if (onTheWay.length < AHEAD * workers.length || workers.length === 0) return undefined;
      const all = onTheWay;
      onTheWay = [];
      return Promise.all(all).then(() => {});
    },
    async finish() {
      if (workers.length === 0) return await alone.finish();
      if (texts.length > 0) send();
      await Promise.all(onTheWay);
      const parts = await Promise.all(workers.map((worker) => worker.ask(null)));
      // A worker's hashes are all above those of the one before.
      return {
        grams: joinHashes(parts.map((part) => part!.grams)),
        places: options.places === undefined
          ? undefined
          : joinHashes(parts.map((part) => part!.places!)),
      };
    },
    [Symbol.dispose]: () => workers.forEach(({ worker }) => worker.terminate()),
  };
}

/** As many as there are cores, or the next smaller power of two. */
function openCountWorkers(
  options: Omit<TextCountsOptions, "part">,
): readonly OrderedWorker<FrequentNgrams | null>[] {
  const bits = Math.min(3, Math.floor(Math.log2(navigator.hardwareConcurrency)));
  const module = new URL("./count_worker.ts", import.meta.url);
  return Array.from(
    { length: 2 ** bits },
    (_, value) => openWorker(module, { ...options, part: { bits, value } }),
  );
}
