/** Asked often, between pieces of work: a promise to wait for when it is the turn of others, else `undefined`. */
export type Turn = () => Promise<void> | undefined;

/** Work after which others have their turn, in milliseconds: with the piece that is under way they wait 2 or 3. */
const TURN_MS = 1;

/**
 * Lets others have their turn: call the result often, and await what it returns. A timer it is, as `setImmediate` lets no
 * request in: predictions beside it then wait for the whole comparison.
 *
 * @returns A promise when it is time, else `undefined`.
 */
export function openTurns(): Turn {
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
