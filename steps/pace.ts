import type { StepContext } from "../pipeline/mod.ts";

/** Rows between two looks at the clock. */
const ROWS = 64;

/** Longest time a loop keeps the event loop waiting: half of what the context allows. */
const TURN_MS = 25;

/**
 * Keeps a loop over rows polite: call the result once a row and await what it returns.
 *
 * @returns A promise when it is time to let others have their turn, else `undefined`.
 * @throws The reason of the context's signal, once it is aborted.
 */
export function openPace(context: StepContext): () => Promise<void> | undefined {
  let rows = 0;
  let turn = performance.now();
  const wait = async (): Promise<void> => {
    await context.yield();
    turn = performance.now();
    context.signal.throwIfAborted();
  };
  return () => {
    if (++rows % ROWS !== 0) return undefined;
    context.signal.throwIfAborted();
    return performance.now() - turn < TURN_MS ? undefined : wait();
  };
}
