/** Longest time that others wait, in milliseconds. */
const TURN_MS = 2;

/**
 * Lets others have their turn: call the result often, and await what it returns. A timer it is, as `setImmediate` lets no
 * request in: predictions beside it then wait for the whole comparison.
 *
 * @returns A promise when it is time, else `undefined`.
 */
export function openTurns(): () => Promise<void> | undefined {
  let since = performance.now();
  return () => {
    if (performance.now() - since < TURN_MS) return undefined;
    return new Promise((resolve) => {
      setTimeout(() => {
        since = performance.now();
        resolve();
      }, 1);
    });
  };
}
