import { setImmediate } from "node:timers";

/** Longest time that others wait, in milliseconds. */
const TURN_MS = 2;

/**
 * Lets others have their turn: call the result often, and await what it returns.
 *
 * @returns A promise when it is time, else `undefined`.
 */
export function openTurns(): () => Promise<void> | undefined {
  let since = performance.now();
  return () => {
    if (performance.now() - since < TURN_MS) return undefined;
    return new Promise((resolve) => {
      setImmediate(() => {
        since = performance.now();
        resolve();
      });
    });
  };
}
