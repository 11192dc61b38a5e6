/** A pair of tokens, as one number, and how often it stands in the texts. */
export interface CountedPair {
  readonly pair: number;
  readonly count: number;
}

/** Gives the most frequent pair first; of equals the one with the smaller number. */
export interface PairQueue {
  add(pair: CountedPair): void;
  take(): CountedPair | undefined;
}

/** A binary heap: to add and to take cost the logarithm of how many wait. */
export function openPairQueue(): PairQueue {
  const heap: CountedPair[] = [];
  const swap = (a: number, b: number): void => {
    [heap[a], heap[b]] = [heap[b]!, heap[a]!];
  };
  return {
    add(pair) {
      let at = heap.push(pair) - 1;
      while (at > 0) {
        const parent = (at - 1) >> 1;
        if (!precedes(heap[at]!, heap[parent]!)) return;
        swap(at, parent);
        at = parent;
      }
    },
    take() {
      const first = heap[0];
      const last = heap.pop();
      if (first === undefined || heap.length === 0) return first;
      heap[0] = last!;
      for (let at = 0;;) {
        let least = at;
        for (const child of [2 * at + 1, 2 * at + 2]) {
          if (child < heap.length && precedes(heap[child]!, heap[least]!)) least = child;
        }
        if (least === at) return first;
        swap(at, least);
        at = least;
      }
    },
  };
}

function precedes(a: CountedPair, b: CountedPair): boolean {
  return a.count > b.count || (a.count === b.count && a.pair < b.pair);
}
